/* What the core asks of Python, and what it knows of the process. */

static PyTypeObject *Value_t, *Constant_t, *Doubles_t, *Recorder_t, *Assignments_t;

/* What connect() gives, by these names: functions of engine/, value.py, many.py and nn/fast.py that
   are asked about what is rare; the class in Python; and three objects that say whether a function
   is recorded, comparisons are watched, a slope is not finite. */
#define ASKED(X) \
    X(Value) X(settle) X(real) X(number) X(is_printed) X(note) X(warn) X(as_value) X(raised_to) \
    X(of_one) X(of_two) X(of_many) X(topological_order) X(weighted_sum) \
    X(recorded) X(watching) X(steep)
#define FIELD(name) PyObject *name;
static struct { ASKED(FIELD) } asked;
static PyObject *text_kept; /* "kept" */

static int with_headers; /* whether new nodes are known to the cycle collector */
static int odd_slopes;   /* whether there ever were slopes that are no numbers */

static inline int is_watched(PyObject *dict)
{
    return PyDict_GET_SIZE(dict) != 0;
}
