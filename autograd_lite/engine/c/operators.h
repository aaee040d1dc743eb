/* Operators and comparisons: the slots of the type. */

/* The step of a training that is written in place is warned of, before the node is made. */
static inline PyObject *in_place(PyObject *r, Kernel kernel, PyObject *a, PyObject *b)
{
    Node *node = (Node *)a;
    if (node->op == NULL && node->grad != 0.0 && !is_node(b)) {
        PyObject *warned = PyObject_CallOneArg(asked.warn, a);
        if (warned == NULL)
            return NULL;
        Py_DECREF(warned);
    }
    return record_two((Recorder *)r, kernel, a, b, asked.operand);
}

#define TWO(name)                                                                     \
    static PyObject *operator_##name(PyObject *a, PyObject *b)                        \
    {                                                                                 \
        return record_two((Recorder *)asked.name, row_##name, a, b, asked.operand);   \
    }                                                                                 \
    static PyObject *in_place_##name(PyObject *a, PyObject *b)                        \
    {                                                                                 \
        return in_place(asked.name, row_##name, a, b);                                \
    }
TWO(add)
TWO(sub)
TWO(mul)
TWO(div)

static PyObject *operator_neg(PyObject *x)
{
    return record((Recorder *)asked.neg, row_neg, x, NULL);
}

/* x ** 3 has one operand, and a recorder of its own, which Python keeps; x ** y has two. */
static PyObject *operator_pow(PyObject *a, PyObject *b, PyObject *modulus)
{
    if (!is_node(a) && modulus != Py_None)
        Py_RETURN_NOTIMPLEMENTED;
    if (!is_node(a) || is_node(b))
        return record_two((Recorder *)asked.pow, row_pow, a, b, asked.operand);
    if (modulus != Py_None || !(PyFloat_CheckExact(b) || PyLong_CheckExact(b)))
        return ask("__pow__", a, (PyObject *[]){b, modulus}, modulus == Py_None ? 1 : 2, NULL);
    PyObject *r = PyObject_CallOneArg(asked.raised_to, b);
    PyObject *node = r == NULL ? NULL : PyObject_CallOneArg(r, a);
    Py_XDECREF(r);
    return node;
}

/* Two Values are equal where they are the same one; with a bare number they compare as theirs. */
static PyObject *node_compare(PyObject *a, PyObject *b, int how)
{
    static const char *const NAMES[] = {"__lt__", "__le__", "__eq__", "__ne__", "__gt__", "__ge__"};
    double y;
    if (is_node(b)) {
        if (how == Py_EQ || how == Py_NE)
            Py_RETURN_NOTIMPLEMENTED;
        y = ((Node *)b)->data;
    }
    else if (!is_number(b, &y) || fabs(y) > 0x1p53) /* an int may have more digits than a double */
        y = NAN;
    if (isnan(y) || is_watched(asked.watching))
        return ask(NAMES[how], a, &b, 1, NULL);
    Py_RETURN_RICHCOMPARE(((Node *)a)->data, y, how);
}
