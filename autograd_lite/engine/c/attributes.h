/* What Python sees of a node: how it is made, read and changed.

   The recorders in Python set these attributes one after the other. After each the node is whole:
   another left operand takes the right one and the slopes away. */

/* --- made by Value(...) ----------------------------------------------------------------------- */

/* With a header where more is said than a number: perhaps by hand, and then it may know itself. */
static PyObject *node_new(PyTypeObject *type, PyObject *args, PyObject *names)
{
    if (!is_plain(type))
        return type->tp_alloc(type, 0); /* all zeros */
    Py_ssize_t said = PyTuple_GET_SIZE(args) + (names == NULL ? 0 : PyDict_GET_SIZE(names));
    return (PyObject *)new_node(type, 0.0, odd_slopes || said > 1);
}

/* 1 where it is a number that needs no question; its double is in `to`. */
static inline int is_number(PyObject *x, double *to)
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

static int node_init(PyObject *self, PyObject *args, PyObject *names)
{
    Node *node = (Node *)self;
    double data;
    if (names == NULL && PyTuple_GET_SIZE(args) == 1 && node->op == NULL && node->label <= BITS &&
        is_number(PyTuple_GET_ITEM(args, 0), &data)) {
        node->data = data;
        node->grad = 0.0;
        return 0;
    }
    PyObject *method = PyObject_GetAttrString(asked.Value, "__init__");
    PyObject *bound = method ? PyMethod_New(method, self) : NULL;
    PyObject *answer = bound ? PyObject_Call(bound, args, names) : NULL;
    Py_XDECREF(method);
    Py_XDECREF(bound);
    Py_XDECREF(answer);
    return answer == NULL ? -1 : 0;
}

/* --- numbers ---------------------------------------------------------------------------------- */

/* Sets, or deletes, a property of the class in Python. */
static int set_by_python(const char *name, PyObject *self, PyObject *x)
{
    PyObject *property = PyObject_GetAttrString(asked.Value, name);
    int status = property ? Py_TYPE(property)->tp_descr_set(property, self, x) : -1;
    Py_XDECREF(property);
    return status;
}

static PyObject *get_data(PyObject *self, void *closure)
{
    if (!is_watched(asked.recorded))
        return PyFloat_FromDouble(((Node *)self)->data);
    PyObject *property = PyObject_GetAttrString(asked.Value, "data");
    PyObject *data = property ? Py_TYPE(property)->tp_descr_get(property, self, NULL) : NULL;
    Py_XDECREF(property);
    return data;
}

/* Assignments.latest is another object after every assignment to the data of a Value. */
static PyObject *latest; /* NULL where nobody has asked since the last one */

static int set_data(PyObject *self, PyObject *data, void *closure)
{
    if (data == NULL || !PyFloat_CheckExact(data) || is_watched(asked.recorded))
        return set_by_python("data", self, data);
    ((Node *)self)->data = PyFloat_AS_DOUBLE(data);
    Py_CLEAR(latest);
    return 0;
}

static PyObject *get_grad(PyObject *self, void *closure)
{
    return PyFloat_FromDouble(((Node *)self)->grad);
}

static int set_grad(PyObject *self, PyObject *grad, void *closure)
{
    double x;
    if (grad == NULL || !is_number(grad, &x))
        return set_by_python("grad", self, grad);
    ((Node *)self)->grad = x;
    return 0;
}

static PyObject *get_label(PyObject *self, void *closure)
{
    PyObject *label = label_of((Node *)self);
    return label ? Py_NewRef(label) : PyUnicode_FromStringAndSize("", 0);
}

static int set_label(PyObject *self, PyObject *label, void *closure)
{
    Node *node = (Node *)self;
    PyObject *before = label_of(node);
    int empty = label == NULL || (PyUnicode_CheckExact(label) && PyUnicode_GET_LENGTH(label) == 0);
    node->label = (uintptr_t)(empty ? NULL : Py_NewRef(label)) | (node->label & BITS);
    Py_XDECREF(before);
    return 0;
}

/* --- operands; the closure says which side ---------------------------------------------------- */

static PyObject *get_object(PyObject *self, void *place)
{
    PyObject *object = *(PyObject **)((char *)self + (Py_ssize_t)place);
    return Py_NewRef(object ? object : Py_None);
}

static int set_op(PyObject *self, PyObject *op, void *closure)
{
    Node *node = (Node *)self;
    Py_XSETREF(node->op, op == NULL || op == Py_None ? NULL : Py_NewRef(op));
    return 0;
}

static int are_nodes(PyObject *group)
{
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(group); i++)
        if (!is_node(PyTuple_GET_ITEM(group, i)))
            return 0;
    return 1;
}

static int set_left(PyObject *self, PyObject *left, void *closure)
{
    Node *node = (Node *)self, before = *node;
    if (left == Py_None)
        left = NULL;
    if (left != NULL && !(PyTuple_CheckExact(left) ? are_nodes(left) : is_node(left))) {
        PyErr_SetString(PyExc_TypeError, "operands are Values, or tuples of Values");
        return -1;
    }
    node->left = Py_XNewRef(left);
    node->right = NULL;
    if (has_groups(node))
        node->slopes.groups[0] = node->slopes.groups[1] = NULL;
    else
        node->slopes.of[0] = node->slopes.of[1] = 0.0;
    let_go_of_operands(&before);
    free_pending();
    if (is_plain(Py_TYPE(self)) && has_header(self) && !PyObject_GC_IsTracked(self))
        PyObject_GC_Track(self);
    return 0;
}

static int set_right(PyObject *self, PyObject *right, void *closure)
{
    Node *node = (Node *)self;
    if (right == Py_None)
        right = NULL;
    if (right != NULL && (node->left == NULL || PyTuple_CheckExact(right) != has_groups(node) ||
                          !(has_groups(node) ? are_nodes(right) : is_node(right)))) {
        PyErr_SetString(PyExc_TypeError, "both groups are Values, or both are tuples of Values");
        return -1;
    }
    if (has_groups(node))
        Py_CLEAR(node->slopes.groups[1]);
    Py_XSETREF(node->right, Py_XNewRef(right));
    return 0;
}

static PyObject *get_slopes(PyObject *self, void *right)
{
    Node *node = (Node *)self;
    Group group = group_of(node, right != NULL);
    PyObject *odd = has_groups(node) ? node->slopes.groups[right != NULL] : NULL;
    if (group.slopes == NULL)
        return Py_NewRef(odd ? odd : Py_None);
    return has_groups(node) ? as_floats(group.slopes, group.count) : PyFloat_FromDouble(*group.slopes);
}

static int set_slopes(PyObject *self, PyObject *slopes, void *right)
{
    Node *node = (Node *)self;
    int side = right != NULL;
    Py_ssize_t count = group_of(node, side).count;
    if (slopes == NULL || slopes == Py_None)
        return 0; /* as they are where there is no operand */
    if (!has_groups(node)) {
        double slope = PyFloat_AsDouble(slopes);
        if (count)
            node->slopes.of[side] = slope;
        return PyErr_Occurred() ? -1 : 0;
    }
    PyObject *kept = PyTuple_CheckExact(slopes) ? of_floats(slopes) : Py_NewRef(slopes);
    if (kept != NULL && is_doubles(kept) && count_of(kept) < count) {
        PyErr_SetString(PyExc_ValueError, "one slope per operand");
        Py_CLEAR(kept);
    }
    if (kept == NULL)
        return -1;
    odd_slopes |= !is_doubles(kept);
    Py_XSETREF(node->slopes.groups[side], kept);
    return 0;
}
