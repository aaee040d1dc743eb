/* A node: its memory, its attributes, how it is made and freed.

   A node is 80 bytes and has no header of the cycle collector: a graph points down only, so that
   nodes make no cycles, and a million of them cost the collector nothing. One that is made by hand
   may know itself, by the function in its _backward: it has a header, as instances of subclasses
   have from Python, and once there is such a function all nodes that are made from then on. */

/* --- what the core asks of Python ------------------------------------------------------------- */

static PyTypeObject *Value_t, *Constant_t, *Doubles_t, *Recorder_t, *Assignments_t;

/* What connect() gives, by these names. */
static struct {
    PyObject *value;  /* the class in Python */
    PyObject *settle, *is_printed, *number, *note, *warn; /* each is what engine/ has by that name */
    PyObject *as_value, *raised_to, *of_one, *of_two, *of_many, *topological_order;
    PyObject *weighted_sum; /* nn/fast.py */
    PyObject *kept; /* the text "kept" */
    PyObject *recorded, *watching; /* dicts: empty unless a function is recorded, or watched */
    PyObject *steep; /* whether there is a slope that is not finite */
} asked;

static int with_headers; /* whether new nodes are known to the cycle collector */
static int odd_slopes;   /* whether there ever were slopes that are no numbers */

static inline int
is_watched(PyObject *dict)
{
    return PyDict_GET_SIZE(dict) != 0;
}

/* --- many doubles: the numbers of a group of operands, shared by the neurons of a layer ------- */

typedef struct {
    PyObject_VAR_HEAD
    double at[1];
} Doubles;

static Doubles *
new_doubles(Py_ssize_t n)
{
    return PyObject_NewVar(Doubles, Doubles_t, n);
}

static void
doubles_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_Free(self);
    Py_DECREF(type);
}

static PyObject *
as_floats(const Doubles *xs, Py_ssize_t n)
{
    PyObject *tuple = PyTuple_New(n);
    for (Py_ssize_t i = 0; tuple != NULL && i < n; i++) {
        PyObject *x = PyFloat_FromDouble(xs->at[i]);
        if (x == NULL)
            Py_CLEAR(tuple);
        else
            PyTuple_SET_ITEM(tuple, i, x);
    }
    return tuple;
}

static Doubles *
of_floats(PyObject *floats)
{
    PyObject *tuple = PySequence_Tuple(floats);
    Doubles *xs = tuple == NULL ? NULL : new_doubles(PyTuple_GET_SIZE(tuple));
    for (Py_ssize_t i = 0; xs != NULL && i < Py_SIZE(xs); i++) {
        xs->at[i] = PyFloat_AsDouble(PyTuple_GET_ITEM(tuple, i));
        if (xs->at[i] == -1.0 && PyErr_Occurred())
            Py_CLEAR(xs);
    }
    Py_XDECREF(tuple);
    return xs;
}

static inline int
is_doubles(PyObject *x)
{
    return Py_IS_TYPE(x, Doubles_t);
}

static PyType_Slot doubles_slots[] = {{Py_tp_dealloc, doubles_dealloc}, {0, NULL}};
static PyType_Spec doubles_spec = {
    "autograd_lite.engine._core.Doubles", offsetof(Doubles, at), sizeof(double),
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, doubles_slots};

/* --- a node ----------------------------------------------------------------------------------- */

typedef struct Node {
    PyObject_HEAD
    double data, grad;
    PyObject *left, *right; /* a node or a tuple of nodes; NULL where there is none */
    union {
        double of[2];
        PyObject *groups[2]; /* where left is a tuple: Doubles, or what is no number; or NULL */
    } slopes;
    PyObject *op;    /* NULL on a leaf */
    uintptr_t label; /* NULL for "", and two bits; of nodes to be freed the next one */
} Node;

#define VISITED 1 /* by a walk, which clears it at its end */
#define HEADER 2  /* the collector knows it; of Value and Constant alone, the others always have it */
#define BITS ((uintptr_t)3)

static inline PyObject *
label_of(const Node *node)
{
    return (PyObject *)(node->label & ~BITS);
}

/* Takes over the reference. */
static inline void
put_label(Node *node, PyObject *label)
{
    PyObject *before = label_of(node);
    node->label = (uintptr_t)label | (node->label & BITS);
    Py_XDECREF(before);
}

static inline int
is_plain(const PyTypeObject *type)
{
    return type == Value_t || type == Constant_t;
}

static int
has_header(PyObject *self)
{
    return !is_plain(Py_TYPE(self)) || ((Node *)self)->label & HEADER;
}

static inline int
is_node(PyObject *x)
{
    return is_plain(Py_TYPE(x)) || PyType_IsSubtype(Py_TYPE(x), Value_t);
}

/* A leaf of Value or Constant. */
static inline Node *
new_node(PyTypeObject *type, double data, int header)
{
    Node *node = header ? PyObject_GC_New(Node, type) : PyObject_New(Node, type);
    if (node != NULL) {
        node->data = data;
        node->grad = 0.0;
        node->left = node->right = node->op = NULL;
        node->label = header ? HEADER : 0;
    }
    return node;
}

/* The result of an operation, without its slopes; it takes over the operands. */
static inline Node *
new_result(PyObject *op, double data, PyObject *left, PyObject *right)
{
    Node *node = new_node(Value_t, data, with_headers);
    if (node == NULL) {
        Py_DECREF(left);
        Py_XDECREF(right);
        return NULL;
    }
    node->op = Py_NewRef(op);
    node->left = left;
    node->right = right;
    return node;
}

static inline PyObject *
finished(Node *node)
{
    if (with_headers && node != NULL)
        PyObject_GC_Track(node);
    return (PyObject *)node;
}

/* --- freed: one after the other, so that no chain is too long --------------------------------- */

static Node *pending; /* those that nobody holds any more; the interpreter's lock guards it */
static int freeing;

static inline void
to_be_freed(Node *node)
{
    node->label = (uintptr_t)pending | (node->label & HEADER);
    pending = node;
}

/* Lets go of an operand; one that nobody else holds joins the list without a call. */
static inline void
let_go(PyObject *x)
{
    if (x == NULL)
        return;
    Node *node = (Node *)x;
    if (Py_REFCNT(x) == 1 && is_plain(Py_TYPE(x)) && node->label == 0)
        to_be_freed(node);
    else
        Py_DECREF(x);
}

/* Of the nodes that are freed one in 8,192 is kept, up to 32, so that the allocator does not give
   the memory around it back to the system: to ask for it again takes half the time of the next
   large graph. */
static Node *kept_back[32];
static unsigned freed, count_of_kept;

static inline void
free_memory(Node *node)
{
    if (freed++ % 8192 == 8191 && count_of_kept < 32)
        kept_back[count_of_kept++] = node;
    else
        PyObject_Free(node);
}

static void
free_node(Node *node)
{
    if (node->left != NULL && PyTuple_Check(node->left)) {
        Py_XDECREF(node->slopes.groups[0]);
        Py_XDECREF(node->slopes.groups[1]);
    }
    let_go(node->left);
    let_go(node->right);
    Py_XDECREF(node->op);
    PyTypeObject *type = Py_TYPE(node);
    if (has_header((PyObject *)node))
        PyObject_GC_Del(node);
    else
        free_memory(node);
    Py_DECREF(type);
}

static void
node_dealloc(PyObject *self)
{
    Node *node = (Node *)self;
    if (has_header(self))
        PyObject_GC_UnTrack(self);
    put_label(node, NULL);
    to_be_freed(node);
    if (freeing) /* one call further up frees it */
        return;
    freeing = 1;
    while (pending != NULL) {
        node = pending;
        pending = (Node *)(node->label & ~BITS);
        node->label &= HEADER;
        free_node(node);
    }
    freeing = 0;
}

/* Makes it a leaf. */
static int
node_clear(PyObject *self)
{
    Node *node = (Node *)self;
    PyObject *left = node->left, *right = node->right, *op = node->op;
    PyObject *slopes[2] = {NULL, NULL};
    if (left != NULL && PyTuple_Check(left)) {
        slopes[0] = node->slopes.groups[0];
        slopes[1] = node->slopes.groups[1];
    }
    node->left = node->right = node->op = NULL;
    Py_XDECREF(left);
    Py_XDECREF(right);
    Py_XDECREF(op);
    Py_XDECREF(slopes[0]);
    Py_XDECREF(slopes[1]);
    return 0;
}

static int
node_traverse(PyObject *self, visitproc visit, void *arg)
{
    Node *node = (Node *)self;
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(node->left);
    Py_VISIT(node->right);
    Py_VISIT(node->op);
    Py_VISIT(label_of(node));
    if (node->left != NULL && PyTuple_Check(node->left)) {
        Py_VISIT(node->slopes.groups[0]);
        Py_VISIT(node->slopes.groups[1]);
    }
    return 0;
}

/* --- made by Value(...) ----------------------------------------------------------------------- */

/* Whether more is said than a number and a label. */
static int
is_by_hand(PyObject *args, PyObject *names)
{
    Py_ssize_t n = PyTuple_GET_SIZE(args), more = names == NULL ? 0 : PyDict_GET_SIZE(names);
    if (n + more != 2)
        return n + more > 2;
    return n == 2 ? !PyUnicode_Check(PyTuple_GET_ITEM(args, 1))
                  : PyDict_GetItemString(names, "label") == NULL;
}

static PyObject *
node_new(PyTypeObject *type, PyObject *args, PyObject *names)
{
    if (!is_plain(type))
        return type->tp_alloc(type, 0); /* all zeros */
    return (PyObject *)new_node(type, 0.0, with_headers || is_by_hand(args, names));
}

/* 1 where it is a number that needs no question; its double is in `to`. */
static inline int
is_number(PyObject *x, double *to)
{
    if (PyFloat_CheckExact(x))
        *to = PyFloat_AS_DOUBLE(x);
    else if (PyLong_CheckExact(x)) {
        *to = PyLong_AsDouble(x);
        if (*to == -1.0 && PyErr_Occurred()) {
            PyErr_Clear(); /* Python says it again */
            return 0;
        }
    }
    else
        return 0;
    return 1;
}

/* A method of the class in Python, of a node of this one. */
static PyObject *
ask(const char *name, PyObject *self, PyObject *args, PyObject *names)
{
    PyObject *method = PyObject_GetAttrString(asked.value, name);
    PyObject *bound = method ? PyMethod_New(method, self) : NULL;
    PyObject *answer = bound ? PyObject_Call(bound, args, names) : NULL;
    Py_XDECREF(method);
    Py_XDECREF(bound);
    return answer;
}

/* The property `data` of the class in Python. */
static PyObject *
ask_data(const char *function, PyObject *self, PyObject *data)
{
    PyObject *property = PyObject_GetAttrString(asked.value, "data");
    PyObject *f = property ? PyObject_GetAttrString(property, function) : NULL;
    PyObject *answer = f ? PyObject_CallFunctionObjArgs(f, self, data, NULL) : NULL;
    Py_XDECREF(property);
    Py_XDECREF(f);
    return answer;
}

static int
node_init(PyObject *self, PyObject *args, PyObject *names)
{
    Node *node = (Node *)self;
    double data;
    if (names == NULL && PyTuple_GET_SIZE(args) == 1 && node->op == NULL && node->label <= BITS &&
        is_number(PyTuple_GET_ITEM(args, 0), &data)) {
        node->data = data;
        node->grad = 0.0;
        return 0;
    }
    PyObject *answer = ask("__init__", self, args, names);
    Py_XDECREF(answer);
    return answer == NULL ? -1 : 0;
}

/* --- attributes ------------------------------------------------------------------------------- */

static PyObject *
get_data(PyObject *self, void *closure)
{
    if (is_watched(asked.recorded))
        return ask_data("fget", self, NULL);
    return PyFloat_FromDouble(((Node *)self)->data);
}

/* Assignments.latest is another object after every assignment to the data of a Value. */
static PyObject *latest; /* NULL where nobody has asked since the last one */

static int
set_data(PyObject *self, PyObject *data, void *closure)
{
    if (data == NULL) {
        PyErr_SetString(PyExc_AttributeError, "property 'data' of 'Value' object has no deleter");
        return -1;
    }
    if (PyFloat_CheckExact(data) && !is_watched(asked.recorded)) {
        ((Node *)self)->data = PyFloat_AS_DOUBLE(data);
        Py_CLEAR(latest);
        return 0;
    }
    PyObject *answer = ask_data("fset", self, data);
    Py_XDECREF(answer);
    return answer == NULL ? -1 : 0;
}

static PyObject *
get_whole_label(PyObject *self, void *closure)
{
    PyObject *label = label_of((Node *)self);
    return label ? Py_NewRef(label) : PyUnicode_FromStringAndSize("", 0);
}

static int
set_whole_label(PyObject *self, PyObject *label, void *closure)
{
    int empty = label == NULL || (PyUnicode_CheckExact(label) && PyUnicode_GET_LENGTH(label) == 0);
    put_label((Node *)self, empty ? NULL : Py_NewRef(label));
    return 0;
}

static PyObject *
get_label(PyObject *self, void *closure)
{
    PyObject *label = label_of((Node *)self);
    if (label != NULL && PyTuple_CheckExact(label) && PyTuple_GET_SIZE(label))
        return Py_NewRef(PyTuple_GET_ITEM(label, 0));
    return get_whole_label(self, NULL);
}

static int
set_label(PyObject *self, PyObject *label, void *closure)
{
    PyObject *before = label_of((Node *)self);
    if (label == NULL) {
        PyErr_SetString(PyExc_AttributeError, "property 'label' of 'Value' object has no deleter");
        return -1;
    }
    if (before == NULL || !PyTuple_CheckExact(before))
        return set_whole_label(self, label, NULL);
    Py_ssize_t n = PyTuple_GET_SIZE(before);
    PyObject *after = PyTuple_New(n);
    if (after == NULL)
        return -1;
    for (Py_ssize_t i = 0; i < n; i++)
        PyTuple_SET_ITEM(after, i, Py_NewRef(i ? PyTuple_GET_ITEM(before, i) : label));
    put_label((Node *)self, after);
    return 0;
}

static PyObject *
get_object(PyObject *self, void *closure)
{
    PyObject *object = *(PyObject **)((char *)self + (Py_ssize_t)closure);
    return Py_NewRef(object ? object : Py_None);
}

/* None alone: operands come and go together, by give(). */
static int
set_object(PyObject *self, PyObject *object, void *closure)
{
    if (object != Py_None) {
        PyErr_SetString(PyExc_AttributeError, "the operands of a node cannot be changed");
        return -1;
    }
    return node_clear(self);
}

static PyObject *
get_slopes(PyObject *self, void *closure)
{
    Node *node = (Node *)self;
    int i = closure != NULL;
    PyObject *side = i ? node->right : node->left;
    if (side == NULL)
        Py_RETURN_NONE;
    if (!PyTuple_Check(side))
        return PyFloat_FromDouble(node->slopes.of[i]);
    PyObject *slopes = node->slopes.groups[i];
    return is_doubles(slopes) ? as_floats((Doubles *)slopes, PyTuple_GET_SIZE(side))
                              : Py_NewRef(slopes);
}

/* Whether it is a group, a node or a tuple of nodes; else there is an error. */
static int
is_group(PyObject *side)
{
    int good = is_node(side) || PyTuple_CheckExact(side);
    for (Py_ssize_t k = 0; good && PyTuple_CheckExact(side) && k < PyTuple_GET_SIZE(side); k++)
        good = is_node(PyTuple_GET_ITEM(side, k));
    if (!good)
        PyErr_SetString(PyExc_TypeError, "operands are Values, or tuples of Values");
    return good;
}

/* The slopes of a tuple of operands, as a node keeps them. */
static PyObject *
kept_slopes(PyObject *side, PyObject *slopes)
{
    if (!PyTuple_CheckExact(slopes) && !is_doubles(slopes)) {
        odd_slopes = 1;
        return Py_NewRef(slopes);
    }
    Doubles *numbers = is_doubles(slopes) ? (Doubles *)Py_NewRef(slopes) : of_floats(slopes);
    if (numbers != NULL && Py_SIZE(numbers) < PyTuple_GET_SIZE(side)) {
        PyErr_SetString(PyExc_ValueError, "there is one slope per operand");
        Py_CLEAR(numbers);
    }
    return (PyObject *)numbers;
}

/* give(node, op, left, dleft, right=None, dright=None): its operands, other ones or the first */
static PyObject *
give(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    if (nargs < 4 || nargs == 5 || nargs > 6 || !is_node(args[0])) {
        PyErr_SetString(PyExc_TypeError, "give(node, op, left, dleft, right, dright)");
        return NULL;
    }
    Node *node = (Node *)args[0];
    PyObject *sides[2] = {args[2], nargs > 4 && args[4] != Py_None ? args[4] : NULL};
    PyObject *slopes[2] = {args[3], nargs > 4 ? args[5] : NULL}, *kept[2] = {NULL, NULL};
    double of[2] = {0.0, 0.0};
    int count = sides[1] == NULL ? 1 : 2, tuples = PyTuple_CheckExact(sides[0]);
    for (int i = 0; i < count; i++) {
        if (!is_group(sides[i]) || tuples != PyTuple_CheckExact(sides[i]))
            goto wrong;
        if (!tuples)
            of[i] = PyFloat_AsDouble(slopes[i]);
        else if ((kept[i] = kept_slopes(sides[i], slopes[i])) == NULL)
            goto wrong;
    }
    if (PyErr_Occurred())
        goto wrong;
    int odd = tuples && !is_doubles(kept[0]), was_leaf = node->left == NULL;
    Node before = *node; /* freed last: until then the node is whole */
    node->op = Py_NewRef(args[1]);
    node->left = Py_NewRef(sides[0]);
    node->right = Py_XNewRef(sides[1]);
    for (int i = 0; i < 2; i++)
        if (tuples)
            node->slopes.groups[i] = kept[i];
        else
            node->slopes.of[i] = of[i];
    if (is_plain(Py_TYPE(node)) && node->label & HEADER && !PyObject_GC_IsTracked((PyObject *)node))
        PyObject_GC_Track(node);
    with_headers |= odd && !was_leaf; /* a function of one's own, which may know any node */
    if (before.left != NULL && PyTuple_Check(before.left)) {
        Py_XDECREF(before.slopes.groups[0]);
        Py_XDECREF(before.slopes.groups[1]);
    }
    Py_XDECREF(before.left);
    Py_XDECREF(before.right);
    Py_XDECREF(before.op);
    Py_RETURN_NONE;
wrong:
    Py_XDECREF(kept[0]);
    Py_XDECREF(kept[1]);
    if (!PyErr_Occurred())
        PyErr_SetString(PyExc_TypeError, "both groups are nodes, or both are tuples");
    return NULL;
}
