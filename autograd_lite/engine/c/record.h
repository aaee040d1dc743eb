/* Recorders of one and of two operands: they compute, and keep the node.

   Where the row is not printed, or its value or a slope is not finite, Python's recorder does it. */

typedef struct {
    PyObject_HEAD
    vectorcallfunc call;
    PyObject *op, *python; /* the row, and its recorder in Python */
    Kernel kernel;         /* NULL where the row is not printed */
    double args[2];
    int arity; /* 1, 2; 0 for groups */
    enum { OTHER, SUM, MEAN, DOT, WHERE } groups;
} Recorder;

static PyObject *by_python(Recorder *r, PyObject *const *operands, Py_ssize_t count)
{
    forget_flags();
    return PyObject_Vectorcall(r->python, operands, count, NULL);
}

/* The node of one operand, or of two; these are nodes. */
static inline PyObject *record(Recorder *r, Kernel kernel, PyObject *x, PyObject *y)
{
    double in[2], out[3];
    int good = kernel != NULL;
    in[0] = ((Node *)x)->data;
    in[1] = y == NULL ? 0.0 : ((Node *)y)->data;
    if (good) {
        kernel(r->args, in, out);
        good = isfinite(out[0]) && isfinite(out[1]) && (y == NULL || isfinite(out[2]));
    }
    if (!good) {
        PyObject *operands[] = {x, y};
        return by_python(r, operands, y == NULL ? 1 : 2);
    }
    Node *node = new_result(r->op, out[0], x, y);
    if (node != NULL) {
        node->slopes.of[0] = out[1];
        node->slopes.of[1] = y == NULL ? 0.0 : out[2];
        track(node);
    }
    return (PyObject *)node;
}

/* A node as it is, a bare number as a Constant, a new reference; of anything else another function
   makes one: asked.operand, which may give NotImplemented, or asked.as_value. */
static inline PyObject *as_node(PyObject *x, PyObject *otherwise)
{
    double data;
    if (is_node(x))
        return Py_NewRef(x);
    if (is_number(x, &data))
        return (PyObject *)new_node(Constant_t, data, odd_slopes);
    return PyObject_CallOneArg(otherwise, x);
}

static inline PyObject *
record_two(Recorder *r, Kernel kernel, PyObject *a, PyObject *b, PyObject *otherwise)
{
    PyObject *x = as_node(a, otherwise);
    if (x == NULL || x == Py_NotImplemented)
        return x;
    PyObject *y = as_node(b, asked.operand);
    PyObject *node = y == NULL || y == Py_NotImplemented ? y : record(r, kernel, x, y);
    Py_DECREF(x);
    if (node != y)
        Py_XDECREF(y);
    return node;
}
