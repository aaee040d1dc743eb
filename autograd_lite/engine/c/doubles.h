/* Many doubles, in the memory of a bytes object: the numbers of a group of operands, or its slopes.
   The neurons of a layer share them. */

static inline PyObject *new_doubles(Py_ssize_t n)
{
    return PyBytes_FromStringAndSize(NULL, n * (Py_ssize_t)sizeof(double));
}

static inline int is_doubles(PyObject *xs)
{
    return xs != NULL && PyBytes_CheckExact(xs);
}

static inline double *doubles(PyObject *xs)
{
    return (double *)PyBytes_AS_STRING(xs);
}

static inline Py_ssize_t count_of(PyObject *xs)
{
    return PyBytes_GET_SIZE(xs) / (Py_ssize_t)sizeof(double);
}

static PyObject *filled(Py_ssize_t n, double x)
{
    PyObject *xs = new_doubles(n);
    for (Py_ssize_t i = 0; xs != NULL && i < n; i++)
        doubles(xs)[i] = x;
    return xs;
}

static PyObject *as_floats(const double *xs, Py_ssize_t n)
{
    PyObject *tuple = PyTuple_New(n);
    for (Py_ssize_t i = 0; tuple != NULL && i < n; i++) {
        PyObject *x = PyFloat_FromDouble(xs[i]);
        if (x == NULL)
            Py_CLEAR(tuple);
        else
            PyTuple_SET_ITEM(tuple, i, x);
    }
    return tuple;
}

static PyObject *of_floats(PyObject *tuple)
{
    Py_ssize_t n = PyTuple_GET_SIZE(tuple);
    PyObject *xs = new_doubles(n);
    for (Py_ssize_t i = 0; xs != NULL && i < n; i++) {
        doubles(xs)[i] = PyFloat_AsDouble(PyTuple_GET_ITEM(tuple, i));
        if (PyErr_Occurred())
            Py_CLEAR(xs);
    }
    return xs;
}
