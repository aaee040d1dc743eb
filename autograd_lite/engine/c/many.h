/* The recorder of many operands: one or two groups of them. */

/* The numbers and Values of a sequence as a tuple of Values. */
static PyObject *as_values(PyObject *module, PyObject *xs)
{
    PyObject *tuple = PySequence_Tuple(xs);
    if (tuple == NULL || are_nodes(tuple))
        return tuple;
    Py_ssize_t n = PyTuple_GET_SIZE(tuple);
    PyObject *values = PyTuple_New(n);
    for (Py_ssize_t i = 0; values != NULL && i < n; i++) {
        PyObject *value = as_node(PyTuple_GET_ITEM(tuple, i), asked.as_value);
        if (value == NULL)
            Py_CLEAR(values);
        else
            PyTuple_SET_ITEM(values, i, value);
    }
    Py_DECREF(tuple);
    return values;
}

/* The numbers of a tuple of nodes, and one more where there is a place for it. */
static PyObject *numbers_of(PyObject *group, Py_ssize_t places, double more)
{
    Py_ssize_t n = PyTuple_GET_SIZE(group);
    PyObject *xs = new_doubles(places);
    for (Py_ssize_t i = 0; xs != NULL && i < places; i++)
        doubles(xs)[i] = i < n ? ((Node *)PyTuple_GET_ITEM(group, i))->data : more;
    return xs;
}

/* The value of a row, and the slopes of each group; NAN where Python has to compute. */
static double computed(const Recorder *r, PyObject *const *numbers, PyObject **slopes)
{
    const double *xs = doubles(numbers[0]);
    Py_ssize_t n = count_of(numbers[0]);
    double sum;
    switch (r->groups) {
    case DOT:
        if (n == 0 || n != count_of(numbers[1]))
            break;
        slopes[0] = Py_NewRef(numbers[1]);
        slopes[1] = Py_NewRef(numbers[0]);
        return exact_dot(xs, doubles(numbers[1]), n);
    case WHERE:
        if (n != 3 || (slopes[0] = filled(3, 0.0)) == NULL)
            break;
        doubles(slopes[0])[xs[0] != 0.0 ? 1 : 2] = 1.0;
        return xs[0] != 0.0 ? xs[1] : xs[2];
    case SUM:
        slopes[0] = filled(n, 1.0);
        return exact_sum(xs, NULL, n);
    case MEAN:
        if (n == 0)
            break;
        slopes[0] = filled(n, 1.0 / (double)n);
        sum = exact_sum(xs, NULL, n);
        return sum / (double)n;
    default:
        break;
    }
    return NAN;
}

/* record(left, right=None, numbers of left=None, numbers of right=None) */
static PyObject *record_groups(Recorder *r, PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *sides[2] = {NULL, NULL}, *numbers[2] = {NULL, NULL}, *slopes[2] = {NULL, NULL};
    PyObject *answer = NULL;
    int count = r->groups == DOT ? 2 : 1;
    for (int i = 0; i < count; i++) {
        if ((sides[i] = as_values(NULL, args[i])) == NULL)
            goto done;
        Py_ssize_t n = PyTuple_GET_SIZE(sides[i]);
        if (i == 1 && n < PyTuple_GET_SIZE(sides[0])) /* a bias is the weight of a 1 */
            n++;
        PyObject *given = nargs > 2 + i ? args[2 + i] : NULL;
        if (is_doubles(given) && count_of(given) == n && sides[i] == args[i])
            numbers[i] = Py_NewRef(given);
        else if ((numbers[i] = numbers_of(sides[i], n, 1.0)) == NULL)
            goto done;
    }
    double z = computed(r, numbers, slopes);
    if (PyErr_Occurred())
        goto done;
    if (!isfinite(z))
        answer = by_python(r, sides, count);
    else if ((answer = (PyObject *)new_result(r->op, z, sides[0], sides[1])) != NULL) {
        memcpy(((Node *)answer)->slopes.groups, slopes, sizeof slopes);
        slopes[0] = slopes[1] = NULL;
        track((Node *)answer);
    }
done:
    for (int i = 0; i < 2; i++) {
        Py_XDECREF(sides[i]);
        Py_XDECREF(numbers[i]);
        Py_XDECREF(slopes[i]);
    }
    return answer;
}

/* weighted_sum(w, xs, numbers of xs, b): as nn/fast.py has it, where what w has kept still holds */
static PyObject *weighted_sum(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *kept = nargs == 4 ? PyObject_GetAttr(args[0], text_kept) : NULL, *node;
    PyErr_Clear(); /* w is no list that keeps its numbers */
    if (kept != NULL && PyTuple_CheckExact(kept) && PyTuple_GET_SIZE(kept) == 4 &&
        PyTuple_GET_ITEM(kept, 0) == latest && PyTuple_GET_ITEM(kept, 1) == args[3]) {
        PyObject *groups[4] = {PyTuple_GET_ITEM(kept, 2), args[1], PyTuple_GET_ITEM(kept, 3), args[2]};
        node = record_groups((Recorder *)asked.dot, groups, 4);
    }
    else
        node = PyObject_Vectorcall(asked.weighted_sum, args, nargs, NULL);
    Py_XDECREF(kept);
    return node;
}

/* numbers(group, more): the numbers of Values, and one more, as the recorder takes them */
static PyObject *numbers(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    double more = nargs == 2 ? PyFloat_AsDouble(args[1]) : 0.0;
    if (PyErr_Occurred() || nargs < 1 || nargs > 2)
        return PyErr_Occurred() ? NULL : PyErr_Format(PyExc_TypeError, "numbers(group, more)");
    PyObject *group = as_values(NULL, args[0]);
    PyObject *xs = group ? numbers_of(group, PyTuple_GET_SIZE(group) + nargs - 1, more) : NULL;
    Py_XDECREF(group);
    return xs;
}
