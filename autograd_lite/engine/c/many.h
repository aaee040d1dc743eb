/* The recorder of many operands: one or two groups of them. */

/* The numbers and Values of a sequence as a tuple of Values. */
static PyObject *as_values(PyObject *xs)
{
    PyObject *tuple = PySequence_Tuple(xs);
    if (tuple == NULL)
        return NULL;
    Py_ssize_t n = PyTuple_GET_SIZE(tuple), i = 0;
    while (i < n && is_node(PyTuple_GET_ITEM(tuple, i)))
        i++;
    if (i == n)
        return tuple;
    PyObject *values = PyTuple_New(n);
    for (i = 0; values != NULL && i < n; i++) {
        PyObject *value = as_value(PyTuple_GET_ITEM(tuple, i));
        if (value == NULL)
            Py_CLEAR(values);
        else
            PyTuple_SET_ITEM(values, i, value);
    }
    Py_DECREF(tuple);
    return values;
}

/* The numbers of a tuple of nodes, with a 1 at the end where `one` says so; NULL without an error
   where one of them is no node. */
static Doubles *numbers_of(PyObject *group, int one)
{
    Py_ssize_t n = PyTuple_GET_SIZE(group);
    Doubles *xs = new_doubles(n + one);
    for (Py_ssize_t i = 0; xs != NULL && i < n; i++) {
        PyObject *x = PyTuple_GET_ITEM(group, i);
        if (is_node(x))
            xs->at[i] = ((Node *)x)->data;
        else
            Py_CLEAR(xs);
    }
    if (xs != NULL && one)
        xs->at[n] = 1.0;
    return xs;
}

static int are_nodes(PyObject *group)
{
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(group); i++)
        if (!is_node(PyTuple_GET_ITEM(group, i)))
            return 0;
    return 1;
}

static Doubles *filled(Py_ssize_t n, double x)
{
    Doubles *xs = new_doubles(n);
    for (Py_ssize_t i = 0; xs != NULL && i < n; i++)
        xs->at[i] = x;
    return xs;
}

static int are_finite(const Doubles *xs)
{
    for (Py_ssize_t i = 0; i < Py_SIZE(xs); i++)
        if (!isfinite(xs->at[i]))
            return 0;
    return 1;
}

/* What is being recorded. */
typedef struct {
    int count; /* of groups */
    PyObject *sides[2];
    Doubles *numbers[2], *slopes[2];
    double z;
} Groups;

static int slopes_of_groups(Groups *g, PyObject *partials)
{
    for (int i = 0; i < g->count; i++) {
        PyObject *floats = PySequence_GetItem(partials, i);
        Py_XSETREF(g->slopes[i], floats ? of_floats(floats) : NULL);
        Py_XDECREF(floats);
        if (g->slopes[i] == NULL)
            return -1;
        if (Py_SIZE(g->slopes[i]) < PyTuple_GET_SIZE(g->sides[i])) {
            PyErr_SetString(PyExc_ValueError, "one slope per operand");
            return -1;
        }
    }
    return 0;
}

/* From the row's functions; 1 where settle() has to answer. */
static int groups_by_python(Recorder *r, Groups *g)
{
    forget_flags();
    PyObject *xs[2] = {NULL, NULL}, *z = NULL, *partials = NULL;
    int status = -1;
    for (int i = 0; i < g->count; i++)
        if ((xs[i] = as_floats(g->numbers[i], Py_SIZE(g->numbers[i]))) == NULL)
            goto done;
    z = PyObject_CallFunctionObjArgs(r->compute, xs[0], xs[1], NULL);
    if (z != NULL)
        partials = PyObject_CallFunctionObjArgs(r->rule, z, xs[0], xs[1], NULL);
    if (partials != NULL)
        g->z = PyFloat_AsDouble(z);
    status = partials == NULL || PyErr_Occurred() ? -1 : slopes_of_groups(g, partials);
    if (status < 0)
        status = is_arithmetic();
    else
        status = !isfinite(g->z) || (r->careful && !are_finite(g->slopes[0]));
done:
    Py_XDECREF(xs[0]);
    Py_XDECREF(xs[1]);
    Py_XDECREF(z);
    Py_XDECREF(partials);
    return status;
}

static int settled_groups(Recorder *r, Groups *g)
{
    PyObject *z, *partials, *answer = PyObject_CallFunctionObjArgs(
        asked.settle, r->op, (PyObject *)Constant_t, g->sides[0], g->sides[1], NULL);
    int status = -1;
    if (answer != NULL && PyArg_ParseTuple(answer, "OO", &z, &partials)) {
        g->z = PyFloat_AsDouble(z);
        status = PyErr_Occurred() ? -1 : slopes_of_groups(g, partials);
    }
    Py_XDECREF(answer);
    return status;
}

/* What C knows itself; 1 where it does not. */
static int computed(Recorder *r, Groups *g)
{
    Py_ssize_t n = Py_SIZE(g->numbers[0]);
    const double *xs = g->numbers[0]->at;
    if (r->groups == DOT && g->count == 2 && n > 0 && n == Py_SIZE(g->numbers[1])) {
        g->z = exact_dot(xs, g->numbers[1]->at, n);
        g->slopes[0] = (Doubles *)Py_NewRef(g->numbers[1]);
        g->slopes[1] = (Doubles *)Py_NewRef(g->numbers[0]);
    }
    else if (r->groups == WHERE && g->count == 1 && n == 3) {
        g->z = xs[0] != 0.0 ? xs[1] : xs[2];
        if ((g->slopes[0] = filled(3, 0.0)) != NULL)
            g->slopes[0]->at[xs[0] != 0.0 ? 1 : 2] = 1.0;
    }
    else if ((r->groups == SUM || (r->groups == MEAN && n > 0)) && g->count == 1) {
        g->z = exact_sum(xs, NULL, n);
        if (r->groups == MEAN)
            g->z /= (double)n;
        g->slopes[0] = filled(n, r->groups == SUM ? 1.0 : 1.0 / (double)n);
    }
    else
        return 1;
    return g->slopes[0] == NULL ? -1 : !isfinite(g->z);
}

/* The numbers of one group: those that are given, or those of its nodes. */
static int numbers_for(Groups *g, int i, PyObject *given, int one)
{
    if (!are_nodes(g->sides[i])) { /* a bare number among them */
        Py_SETREF(g->sides[i], as_values(g->sides[i]));
        if (g->sides[i] == NULL)
            return -1;
        given = NULL; /* as in Python, which starts again */
    }
    if (given == NULL || given == Py_None)
        g->numbers[i] = numbers_of(g->sides[i], one);
    else
        g->numbers[i] = is_doubles(given) ? (Doubles *)Py_NewRef(given) : of_floats(given);
    if (g->numbers[i] == NULL)
        return -1;
    if (Py_SIZE(g->numbers[i]) == PyTuple_GET_SIZE(g->sides[i]) + one)
        return 0;
    PyErr_SetString(PyExc_ValueError, "one number per operand");
    return -1;
}

/* record(left, right=None, numbers of left=None, numbers of right=None) */
static PyObject *record_groups(Recorder *r, PyObject *const *args, Py_ssize_t nargs)
{
    Groups g = {nargs > 1 && args[1] != Py_None ? 2 : 1, {NULL, NULL}, {NULL, NULL}, {NULL, NULL}, 0};
    Node *node = NULL;
    for (int i = 0; i < g.count; i++) {
        if (!PyTuple_CheckExact(args[i])) {
            PyErr_SetString(PyExc_TypeError, "operands come as tuples");
            goto done;
        }
        g.sides[i] = Py_NewRef(args[i]);
        int one = i == 1 && PyTuple_GET_SIZE(args[1]) < PyTuple_GET_SIZE(args[0]);
        if (numbers_for(&g, i, nargs > 2 + i ? args[2 + i] : NULL, one) < 0)
            goto done;
    }
    int status = computed(r, &g);
    if (status > 0)
        status = groups_by_python(r, &g);
    if (status > 0)
        status = settled_groups(r, &g);
    if (status < 0)
        goto done;
    node = new_result(r->op, g.z, Py_NewRef(g.sides[0]), Py_XNewRef(g.sides[1]));
    if (node != NULL)
        for (int i = 0; i < 2; i++) {
            node->slopes.groups[i] = (PyObject *)g.slopes[i];
            g.slopes[i] = NULL;
        }
done:
    for (int i = 0; i < 2; i++) {
        Py_XDECREF(g.sides[i]);
        Py_XDECREF(g.numbers[i]);
        Py_XDECREF(g.slopes[i]);
    }
    return finished(node);
}

static Recorder *row_of_dot;

/* weighted_sum(w, xs, numbers of xs, b): as nn/fast.py has it, where what w has kept still holds */
static PyObject *weighted_sum(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *kept = nargs == 4 ? PyObject_GetAttr(args[0], text_kept) : NULL, *node;
    PyErr_Clear(); /* w is no list that keeps its numbers */
    if (kept != NULL && PyTuple_CheckExact(kept) && PyTuple_GET_SIZE(kept) == 4 &&
        PyTuple_GET_ITEM(kept, 0) == latest && PyTuple_GET_ITEM(kept, 1) == args[3]) {
        PyObject *groups[4] = {PyTuple_GET_ITEM(kept, 2), args[1], PyTuple_GET_ITEM(kept, 3), args[2]};
        node = record_groups(row_of_dot, groups, 4);
    }
    else
        node = PyObject_Vectorcall(asked.weighted_sum, args, nargs, NULL);
    Py_XDECREF(kept);
    return node;
}

/* first_operand(groups): the first that is no number, and has _apply; or None */
static PyObject *first_operand(PyObject *module, PyObject *groups)
{
    double ignored;
    for (Py_ssize_t i = 0; PyTuple_CheckExact(groups) && i < PyTuple_GET_SIZE(groups); i++) {
        PyObject *group = PyTuple_GET_ITEM(groups, i);
        Py_ssize_t n = PyTuple_CheckExact(group) ? PyTuple_GET_SIZE(group) : 1;
        for (Py_ssize_t k = 0; k < n; k++) {
            PyObject *x = PyTuple_CheckExact(group) ? PyTuple_GET_ITEM(group, k) : group;
            if (is_node(x) || (!is_number(x, &ignored) && PyObject_HasAttrString(x, "_apply")))
                return Py_NewRef(x);
        }
    }
    Py_RETURN_NONE;
}

static PyObject *values_of(PyObject *module, PyObject *xs)
{
    return as_values(xs);
}

/* numbers(group, *more): the numbers of Values, and more, as the recorder takes them */
static PyObject *numbers(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *group = nargs ? PySequence_Tuple(args[0]) : NULL;
    if (group == NULL)
        return nargs ? NULL : PyErr_Format(PyExc_TypeError, "numbers(group, *more)");
    Py_ssize_t n = PyTuple_GET_SIZE(group);
    Doubles *xs = are_nodes(group) ? new_doubles(n + nargs - 1) : NULL;
    for (Py_ssize_t i = 0; xs != NULL && i < n; i++)
        xs->at[i] = ((Node *)PyTuple_GET_ITEM(group, i))->data;
    for (Py_ssize_t i = 1; xs != NULL && i < nargs; i++)
        xs->at[n + i - 1] = PyFloat_AsDouble(args[i]);
    if (PyErr_Occurred())
        Py_CLEAR(xs);
    else if (xs == NULL)
        PyErr_SetString(PyExc_TypeError, "a group is made of Values");
    Py_DECREF(group);
    return (PyObject *)xs;
}
