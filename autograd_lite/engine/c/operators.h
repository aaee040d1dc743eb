/* Operators and comparisons: the slots of the type. */

static Recorder *row_of_add, *row_of_sub, *row_of_mul, *row_of_div, *row_of_pow, *row_of_neg,
    *row_of_abs;

/* A method of the class in Python; of its operands those that are NULL are left out. */
static PyObject *by_reference(const char *name, PyObject *a, PyObject *b, PyObject *c)
{
    PyObject *args = PyTuple_Pack(b == NULL ? 0 : c == NULL ? 1 : 2, b, c);
    PyObject *answer = args == NULL ? NULL : ask(name, a, args, NULL);
    Py_XDECREF(args);
    return answer;
}

/* The step of a training that is written in place is warned of, before the node is made. */
static inline PyObject *in_place(Recorder *r, Kernel kernel, PyObject *a, PyObject *b)
{
    Node *node = (Node *)a;
    if (node->op == NULL && node->grad != 0.0 && !is_node(b)) {
        PyObject *warned = PyObject_CallOneArg(asked.warn, a);
        if (warned == NULL)
            return NULL;
        Py_DECREF(warned);
    }
    return record_two(r, kernel, a, b);
}

#define TWO(name)                                               \
    static PyObject *operator_##name(PyObject *a, PyObject *b)  \
    {                                                           \
        return record_two(row_of_##name, row_##name, a, b);     \
    }                                                           \
    static PyObject *in_place_##name(PyObject *a, PyObject *b)  \
    {                                                           \
        return in_place(row_of_##name, row_##name, a, b);       \
    }
TWO(add)
TWO(sub)
TWO(mul)
TWO(div)

#define ONE(name)                                      \
    static PyObject *operator_##name(PyObject *x)      \
    {                                                  \
        return record_one(row_of_##name, row_##name, x); \
    }
ONE(neg)
ONE(abs)

static struct {
    double exponent;
    Recorder *recorder;
} powers[64]; /* the recorders of x ** n that were used last */

/* The recorder of x ** n, a new reference: what Python does meanwhile may replace the one kept. */
static PyObject *power_of(double n)
{
    uint64_t bits;
    memcpy(&bits, &n, sizeof bits);
    size_t place = (size_t)((bits * 0x9E3779B97F4A7C15u) >> 58);
    if (powers[place].recorder == NULL || memcmp(&powers[place].exponent, &n, sizeof n) != 0) {
        PyObject *exponent = PyFloat_FromDouble(n);
        PyObject *recorder = exponent ? PyObject_CallOneArg(asked.raised_to, exponent) : NULL;
        Py_XDECREF(exponent);
        if (recorder == NULL || !Py_IS_TYPE(recorder, Recorder_t))
            return recorder;
        powers[place].exponent = n;
        Py_XSETREF(powers[place].recorder, (Recorder *)Py_NewRef(recorder));
        return recorder;
    }
    return Py_NewRef(powers[place].recorder);
}

static PyObject *operator_pow(PyObject *a, PyObject *b, PyObject *modulus)
{
    double n;
    if (modulus != Py_None)
        return is_node(a) ? by_reference("__pow__", a, b, modulus) : Py_NewRef(Py_NotImplemented);
    if (!is_node(a) || is_node(b))
        return record_two(row_of_pow, row_pow, a, b);
    if (!is_number(b, &n)) {
        PyObject *number = PyObject_CallOneArg(asked.number, b);
        if (number == NULL || number == Py_NotImplemented)
            return number;
        n = PyFloat_AsDouble(number);
        Py_DECREF(number);
        if (n == -1.0 && PyErr_Occurred())
            return NULL;
    }
    PyObject *r = power_of(n);
    PyObject *node = r == NULL ? NULL : PyObject_CallOneArg(r, a);
    Py_XDECREF(r);
    return node;
}

static PyObject *operator_pos(PyObject *x)
{
    return Py_NewRef(x);
}

static PyObject *node_float(PyObject *self)
{
    if (is_watched(asked.recorded) || is_watched(asked.watching))
        return by_reference("__float__", self, NULL, NULL);
    return PyFloat_FromDouble(((Node *)self)->data);
}

/* Two Values are equal where they are the same one; with a bare number they compare as theirs. */
static PyObject *node_compare(PyObject *a, PyObject *b, int how)
{
    int equality = how == Py_EQ || how == Py_NE, node = is_node(b);
    if (equality && node)
        Py_RETURN_NOTIMPLEMENTED;
    if (equality && !PyFloat_Check(b) && !PyLong_Check(b))
        return by_reference(how == Py_EQ ? "__eq__" : "__ne__", a, b, NULL);
    if (is_watched(asked.watching)) {
        PyObject *noted = PyObject_CallFunctionObjArgs(asked.note, a, b, NULL);
        if (noted == NULL)
            return NULL;
        Py_DECREF(noted);
    }
    double x = ((Node *)a)->data, y;
    if (node)
        y = ((Node *)b)->data;
    else if (PyFloat_CheckExact(b))
        y = PyFloat_AS_DOUBLE(b);
    else { /* an int may have more digits than a double */
        PyObject *left = PyFloat_FromDouble(x);
        PyObject *answer = left ? PyObject_RichCompare(left, b, how) : NULL;
        Py_XDECREF(left);
        return answer;
    }
    Py_RETURN_RICHCOMPARE(x, y, how);
}
