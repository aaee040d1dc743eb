/* What Python sees of a node: how it is called, read, changed, and given operands. */

/* --- made by Value(...) ----------------------------------------------------------------------- */

/* Whether more is said than a number and a label. */
static int is_by_hand(PyObject *args, PyObject *names)
{
    Py_ssize_t n = PyTuple_GET_SIZE(args), more = names == NULL ? 0 : PyDict_GET_SIZE(names);
    if (n + more != 2)
        return n + more > 2;
    return n == 2 ? !PyUnicode_Check(PyTuple_GET_ITEM(args, 1))
                  : PyDict_GetItemString(names, "label") == NULL;
}

static PyObject *node_new(PyTypeObject *type, PyObject *args, PyObject *names)
{
    if (!is_plain(type))
        return type->tp_alloc(type, 0); /* all zeros */
    return (PyObject *)new_node(type, 0.0, with_headers || is_by_hand(args, names));
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

/* A method of the class in Python, of a node of this one. */
static PyObject *ask(const char *name, PyObject *self, PyObject *args, PyObject *names)
{
    PyObject *method = PyObject_GetAttrString(asked.Value, name);
    PyObject *bound = method ? PyMethod_New(method, self) : NULL;
    PyObject *answer = bound ? PyObject_Call(bound, args, names) : NULL;
    Py_XDECREF(method);
    Py_XDECREF(bound);
    return answer;
}

/* The property `data` of the class in Python. */
static PyObject *ask_data(const char *function, PyObject *self, PyObject *data)
{
    PyObject *property = PyObject_GetAttrString(asked.Value, "data");
    PyObject *f = property ? PyObject_GetAttrString(property, function) : NULL;
    PyObject *answer = f ? PyObject_CallFunctionObjArgs(f, self, data, NULL) : NULL;
    Py_XDECREF(property);
    Py_XDECREF(f);
    return answer;
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
    PyObject *answer = ask("__init__", self, args, names);
    Py_XDECREF(answer);
    return answer == NULL ? -1 : 0;
}

/* --- attributes ------------------------------------------------------------------------------- */

static PyObject *get_data(PyObject *self, void *closure)
{
    if (is_watched(asked.recorded))
        return ask_data("fget", self, NULL);
    return PyFloat_FromDouble(((Node *)self)->data);
}

/* Assignments.latest is another object after every assignment to the data of a Value. */
static PyObject *latest; /* NULL where nobody has asked since the last one */

static int set_data(PyObject *self, PyObject *data, void *closure)
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

static PyObject *get_grad(PyObject *self, void *closure)
{
    return PyFloat_FromDouble(((Node *)self)->grad);
}

static int set_grad(PyObject *self, PyObject *grad, void *closure)
{
    double x = 0.0;
    if (grad == NULL || !is_number(grad, &x)) {
        PyObject *number =
            PyObject_CallFunction(asked.real, "Os", grad ? grad : Py_None, "Value.grad is");
        if (number == NULL)
            return -1;
        x = PyFloat_AsDouble(number);
        Py_DECREF(number);
    }
    ((Node *)self)->grad = x;
    return 0;
}

static PyObject *get_whole_label(PyObject *self, void *closure)
{
    PyObject *label = label_of((Node *)self);
    return label ? Py_NewRef(label) : PyUnicode_FromStringAndSize("", 0);
}

static int set_whole_label(PyObject *self, PyObject *label, void *closure)
{
    int empty = label == NULL || (PyUnicode_CheckExact(label) && PyUnicode_GET_LENGTH(label) == 0);
    put_label((Node *)self, empty ? NULL : Py_NewRef(label));
    return 0;
}

static PyObject *get_label(PyObject *self, void *closure)
{
    PyObject *label = label_of((Node *)self);
    if (label != NULL && PyTuple_CheckExact(label) && PyTuple_GET_SIZE(label))
        return Py_NewRef(PyTuple_GET_ITEM(label, 0));
    return get_whole_label(self, NULL);
}

static int set_label(PyObject *self, PyObject *label, void *closure)
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

static PyObject *get_object(PyObject *self, void *closure)
{
    PyObject *object = *(PyObject **)((char *)self + (Py_ssize_t)closure);
    return Py_NewRef(object ? object : Py_None);
}

/* None alone: operands come and go together, by give(). */
static int set_object(PyObject *self, PyObject *object, void *closure)
{
    if (object != Py_None) {
        PyErr_SetString(PyExc_AttributeError, "the operands of a node cannot be changed");
        return -1;
    }
    return node_clear(self);
}

static PyObject *get_slopes(PyObject *self, void *closure)
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
static int is_group(PyObject *side)
{
    int good = is_node(side) || PyTuple_CheckExact(side);
    for (Py_ssize_t k = 0; good && PyTuple_CheckExact(side) && k < PyTuple_GET_SIZE(side); k++)
        good = is_node(PyTuple_GET_ITEM(side, k));
    if (!good)
        PyErr_SetString(PyExc_TypeError, "operands are Values, or tuples of Values");
    return good;
}

/* The slopes of a tuple of operands, as a node keeps them. */
static PyObject *kept_slopes(PyObject *side, PyObject *slopes)
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
static PyObject *give(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
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
