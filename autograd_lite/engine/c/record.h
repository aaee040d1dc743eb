/* Recorders of one and of two operands: they compute, and keep the node.

   Where the value or a slope is not finite, or the row is not printed, Python is asked. */

typedef struct {
    PyObject_HEAD
    vectorcallfunc call;
    PyObject *op, *compute, *rule; /* the row; its functions of floats, where it is not printed */
    Kernel kernel;                 /* NULL where Python computes */
    double args[2];
    int arity;   /* 1, 2; 0 for groups */
    int careful; /* as in Python: whether the row's slopes are looked at */
    enum { OTHER, SUM, MEAN, DOT, WHERE } groups;
} Recorder;

/* 1 where settle() has to answer: the error is one of arithmetic, and is cleared. */
static int is_arithmetic(void)
{
    if (!PyErr_ExceptionMatches(PyExc_ArithmeticError) && !PyErr_ExceptionMatches(PyExc_ValueError))
        return -1;
    PyErr_Clear();
    return 1;
}

/* The slopes that a rule gave, one for each operand. */
static int slopes_into(PyObject *given, double *out, int count)
{
    PyObject *slopes = PySequence_Tuple(given);
    if (slopes == NULL)
        return -1;
    if (PyTuple_GET_SIZE(slopes) != count)
        PyErr_SetString(PyExc_ValueError, "one slope per operand"); /* as Python has it */
    else
        for (int i = 0; i < count; i++)
            out[i] = PyFloat_AsDouble(PyTuple_GET_ITEM(slopes, i));
    Py_DECREF(slopes);
    return PyErr_Occurred() ? -1 : 0;
}

/* The value and slopes from the row's Python functions; 1 where settle() has to answer. */
static int by_python(Recorder *r, const double *in, double *out)
{
    int one = r->arity == 1;
    PyObject *slopes, *z = one ? PyObject_CallFunction(r->compute, "d", in[0])
                               : PyObject_CallFunction(r->compute, "dd", in[0], in[1]);
    if (z == NULL)
        return is_arithmetic();
    slopes = one ? PyObject_CallFunction(r->rule, "Od", z, in[0])
                 : PyObject_CallFunction(r->rule, "Odd", z, in[0], in[1]);
    out[0] = slopes == NULL ? 0.0 : PyFloat_AsDouble(z);
    Py_DECREF(z);
    int status = slopes == NULL || PyErr_Occurred() ? -1 : slopes_into(slopes, out + 1, r->arity);
    Py_XDECREF(slopes);
    return status < 0 ? is_arithmetic() : 0;
}

/* The value and slopes where one of them, or an operand, is not finite. */
static int settled(PyObject *op, PyObject *left, PyObject *right, double *out)
{
    forget_flags();
    PyObject *z, *slopes, *answer = PyObject_CallFunctionObjArgs(
                              asked.settle, op, (PyObject *)Constant_t, left, right, NULL);
    if (answer == NULL)
        return -1;
    if (PyArg_ParseTuple(answer, "OO", &z, &slopes)) {
        out[0] = PyFloat_AsDouble(z);
        if (!PyErr_Occurred())
            slopes_into(slopes, out + 1, right == NULL ? 1 : 2);
    }
    Py_DECREF(answer);
    return PyErr_Occurred() ? -1 : 0;
}

/* Whether Python has to be asked about a value and its slopes. */
static inline int is_odd(const Recorder *r, const double *out, int operands)
{
    if (!isfinite(out[0]))
        return 1;
    if (r->kernel == NULL && !r->careful)
        return 0;
    return !isfinite(out[1]) || (operands == 2 && !isfinite(out[2]));
}

static inline PyObject *record_one(Recorder *r, Kernel kernel, PyObject *x)
{
    double in[2], out[3];
    in[0] = ((Node *)x)->data;
    int problem = 0;
    if (kernel != NULL)
        kernel(r->args, in, out);
    else
        problem = by_python(r, in, out);
    if (problem || is_odd(r, out, 1))
        if (problem < 0 || settled(r->op, x, NULL, out) < 0)
            return NULL;
    Node *node = new_result(r->op, out[0], Py_NewRef(x), NULL);
    if (node != NULL)
        node->slopes.of[0] = out[1];
    return finished(node);
}

/* A bare number as a Constant; NULL without an error where Python has to be asked. */
static inline PyObject *constant_of(PyObject *x)
{
    double data;
    return is_number(x, &data) ? (PyObject *)new_node(Constant_t, data, with_headers) : NULL;
}

/* An operand as a node, a new reference; NotImplemented for a type that may know Values. */
static inline PyObject *as_operand(PyObject *x)
{
    PyObject *node = is_node(x) ? Py_NewRef(x) : constant_of(x);
    if (node != NULL || PyErr_Occurred())
        return node;
    PyObject *number = PyObject_CallOneArg(asked.number, x);
    if (number == NULL || number == Py_NotImplemented)
        return number;
    node = constant_of(number);
    Py_DECREF(number);
    return node;
}

static inline PyObject *as_value(PyObject *x)
{
    PyObject *node = is_node(x) ? Py_NewRef(x) : constant_of(x);
    return node != NULL || PyErr_Occurred() ? node : PyObject_CallOneArg(asked.as_value, x);
}

static inline PyObject *record_two(Recorder *r, Kernel kernel, PyObject *a, PyObject *b)
{
    double in[2], out[3];
    PyObject *x = as_operand(a);
    if (x == NULL || x == Py_NotImplemented)
        return x;
    PyObject *y = as_operand(b);
    if (y == NULL || y == Py_NotImplemented) {
        Py_DECREF(x);
        return y;
    }
    in[0] = ((Node *)x)->data;
    in[1] = ((Node *)y)->data;
    int problem = 0;
    if (kernel != NULL)
        kernel(r->args, in, out);
    else
        problem = by_python(r, in, out);
    if ((problem || is_odd(r, out, 2)) && (problem < 0 || settled(r->op, x, y, out) < 0)) {
        Py_DECREF(x);
        Py_DECREF(y);
        return NULL;
    }
    Node *node = new_result(r->op, out[0], x, y); /* which takes them over */
    if (node != NULL) {
        node->slopes.of[0] = out[1];
        node->slopes.of[1] = out[2];
    }
    return finished(node);
}
