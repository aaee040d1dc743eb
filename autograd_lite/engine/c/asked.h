/* What the core asks of Python, and what it knows of the process. */

static PyTypeObject *Value_t, *Constant_t, *Recorder_t, *Assignments_t;

/* What connect() gives, by these names: the class in Python, and functions of engine/, value.py,
   many.py and nn/fast.py that do what is rare, on nodes of this core as on their own; the recorders
   of the operators; and three objects that say whether a function is recorded, comparisons are
   watched, a slope is not finite. */
#define ASKED(X) \
    X(Value) X(operand) X(as_value) X(warn) X(raised_to) X(is_printed) X(of_one) X(of_two) \
    X(of_many) X(topological_order) X(weighted_sum) \
    X(add) X(sub) X(mul) X(div) X(pow) X(neg) X(dot) \
    X(recorded) X(watching) X(steep)
#define FIELD(name) PyObject *name;
static struct { ASKED(FIELD) } asked;
static PyObject *text_kept; /* "kept" */

/* Whether there ever were slopes that are no numbers: functions of one's own, which may know any
   node. From then on all nodes that are made are known to the cycle collector. */
static int odd_slopes;

static inline int is_watched(PyObject *dict)
{
    return PyDict_GET_SIZE(dict) != 0;
}

/* Calls a method of the class in Python, of a node of this core. */
static PyObject *
ask(const char *name, PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *names)
{
    PyObject *method = PyObject_GetAttrString(asked.Value, name);
    PyObject *bound = method ? PyMethod_New(method, self) : NULL;
    PyObject *answer = bound ? PyObject_Vectorcall(bound, args, nargs, names) : NULL;
    Py_XDECREF(method);
    Py_XDECREF(bound);
    return answer;
}
