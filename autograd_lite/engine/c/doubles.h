/* Many doubles: the numbers of a group of operands, shared by the neurons of a layer. */

typedef struct {
    PyObject_VAR_HEAD
    double at[1];
} Doubles;

static Doubles *new_doubles(Py_ssize_t n)
{
    return PyObject_NewVar(Doubles, Doubles_t, n);
}

static void doubles_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_Free(self);
    Py_DECREF(type);
}

static PyObject *as_floats(const Doubles *xs, Py_ssize_t n)
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

static Doubles *of_floats(PyObject *floats)
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

static inline int is_doubles(PyObject *x)
{
    return Py_IS_TYPE(x, Doubles_t);
}

static PyType_Slot doubles_slots[] = {{Py_tp_dealloc, doubles_dealloc}, {0, NULL}};
static PyType_Spec doubles_spec = {
    "autograd_lite.engine._core.Doubles", offsetof(Doubles, at), sizeof(double),
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, doubles_slots};
