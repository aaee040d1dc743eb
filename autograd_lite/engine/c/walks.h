/* Walks over a graph, and the chain rule.

   No Python code runs in a walk: the nodes stay as they are, and nobody sees the marks. */

typedef struct {
    Node **at;
    size_t count, room;
} Nodes;

static inline int push(Nodes *nodes, Node *node)
{
    if (nodes->count == nodes->room) {
        size_t room = nodes->room ? 2 * nodes->room : 256;
        Node **at = PyMem_Realloc(nodes->at, room * sizeof *at);
        if (at == NULL)
            return -1;
        nodes->at = at;
        nodes->room = room;
    }
    nodes->at[nodes->count++] = node;
    return 0;
}

static Nodes spare[2]; /* the memory of the last walk, an order and a stack, up to 8 MB each */

static Nodes taken(int which)
{
    Nodes nodes = spare[which];
    spare[which] = (Nodes){NULL, 0, 0};
    return nodes;
}

static void give_back(int which, Nodes nodes)
{
    if (nodes.room > 1 << 20 || spare[which].at != NULL)
        PyMem_Free(nodes.at);
    else
        spare[which] = (Nodes){nodes.at, 0, nodes.room};
}

#define LATER(node) ((Node *)((uintptr_t)(node) | 1)) /* append it when it is popped */
#define PLAIN(node) ((Node *)((uintptr_t)(node) & ~(uintptr_t)1))

static inline int push_operand(Nodes *stack, PyObject *x, int leaves)
{
    Node *node = (Node *)x;
    return (node->op == NULL && !leaves) || node->label & VISITED ? 0 : push(stack, node);
}

static int push_group(Nodes *stack, Group group, int leaves)
{
    for (Py_ssize_t i = group.count - 1; i >= 0; i--)
        if (push_operand(stack, group.nodes[i], leaves) < 0)
            return -1;
    return 0;
}

/* Appends what is below a node to the order, parents before children. The marks stay. */
static int walk(Node *output, int leaves, Nodes *order, Nodes *stack)
{
    if (push_operand(stack, (PyObject *)output, leaves) < 0)
        return -1;
    while (stack->count) {
        Node *node = stack->at[stack->count - 1];
        if ((uintptr_t)node & 1) {
            if (push(order, PLAIN(node)) < 0)
                return -1;
            stack->count--;
            continue;
        }
        stack->count--;
        if (node->label & VISITED)
            continue;
        size_t before = stack->count;
        if (push(stack, LATER(node)) < 0)
            return -1;
        node->label |= VISITED; /* it is on the stack or in the order: unmark() finds it */
        if (!leaves)
            node->grad = 0.0; /* for backward(), in the same pass over the memory */
        for (int side = 1; side >= 0; side--) {
            PyObject *operand = side ? node->right : node->left;
            if (operand == NULL)
                continue;
            if (PyTuple_Check(operand) ? push_group(stack, group_of(node, side), leaves) < 0
                                       : push_operand(stack, operand, leaves) < 0)
                return -1;
        }
        if (stack->count == before + 1) { /* nothing below is left to visit */
            if (push(order, node) < 0)
                return -1;
            stack->count--;
        }
    }
    return 0;
}

/* Clears the marks, those of an unfinished walk too. */
static void unmark(Nodes *order, Nodes *stack)
{
    for (size_t i = 0; i < order->count; i++)
        order->at[i]->label &= ~(uintptr_t)VISITED;
    for (size_t i = 0; i < stack->count; i++)
        PLAIN(stack->at[i])->label &= ~(uintptr_t)VISITED;
}

/* Whether an attribute of a node's operation is true. */
static int says(const Node *node, const char *name)
{
    PyObject *answer = node->op ? PyObject_GetAttrString(node->op, name) : NULL;
    int yes = answer != NULL && PyObject_IsTrue(answer) > 0;
    Py_XDECREF(answer);
    PyErr_Clear();
    return yes;
}

/* Adds what an adjoint becomes on each edge to the parent's grad. */
static inline void pass_on(const Node *node, double adjoint)
{
    if (node->right != NULL && !PyTuple_Check(node->left)) { /* most nodes */
        ((Node *)node->left)->grad += adjoint * node->slopes.of[0];
        ((Node *)node->right)->grad += adjoint * node->slopes.of[1];
        return;
    }
    int guarded = node->right == NULL && !isfinite(adjoint) && says(node, "chooses");
    for (int side = 0; side < 2; side++) {
        Group group = group_of(node, side);
        for (Py_ssize_t k = 0; group.slopes != NULL && k < group.count; k++)
            if (!guarded || group.slopes[k] != 0.0) /* the edge of a piece not chosen is shut */
                ((Node *)group.nodes[k])->grad += adjoint * group.slopes[k];
    }
}

/* Whether Python's sweep is wanted: slopes are no numbers, or not finite, or all are 0 at a tip. */
static int is_special(const Node *node)
{
    int zeros = 1;
    for (int side = 0; side < 2; side++) {
        Group group = group_of(node, side);
        if (group.count && group.slopes == NULL)
            return 1;
        for (Py_ssize_t k = 0; k < group.count; k++) {
            if (!isfinite(group.slopes[k]))
                return 1;
            zeros &= group.slopes[k] == 0.0;
        }
    }
    return zeros && says(node, "pointed");
}

/* backward(gradient=1.0); NULL without an error where Python has to do it. */
static PyObject *sweep(Node *output, double gradient, int careful)
{
    Nodes order = taken(0), stack = taken(1);
    int status = walk(output, 0, &order, &stack), special = 0;
    for (size_t i = 0; status == 0 && careful && !special && i < order.count; i++)
        special = is_special(order.at[i]);
    if (status < 0 || special)
        unmark(&order, &stack);
    else {
        output->grad += gradient;
        for (size_t i = order.count; i-- > 0;) {
            order.at[i]->label &= ~(uintptr_t)VISITED; /* in the same pass over the memory */
            if (order.at[i]->grad != 0.0)              /* else it contributes nothing */
                pass_on(order.at[i], order.at[i]->grad);
        }
    }
    give_back(0, order);
    give_back(1, stack);
    if (status < 0)
        return PyErr_NoMemory();
    return special ? NULL : Py_NewRef(Py_None);
}

static PyObject *
node_backward(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *names)
{
    double gradient = 1.0;
    PyObject *made = PyObject_GetAttrString(asked.steep, "made");
    if (made == NULL)
        return NULL;
    int careful = made == Py_True || odd_slopes;
    Py_DECREF(made);
    PyObject *done = NULL;
    if (names == NULL && nargs <= 1 && !is_watched(asked.recorded) &&
        (nargs == 0 || is_number(args[0], &gradient)))
        done = sweep((Node *)self, gradient, careful);
    if (done != NULL || PyErr_Occurred())
        return done;
    return ask("backward", self, args, nargs, names);
}

/* Every node below the outputs, as a list; with leaves, or the operations alone. */
static PyObject *listed(PyObject *const *outputs, Py_ssize_t count, int leaves)
{
    Nodes order = taken(0), stack = taken(1);
    int status = 0;
    for (Py_ssize_t i = 0; status == 0 && i < count; i++)
        status = walk((Node *)outputs[i], leaves, &order, &stack);
    unmark(&order, &stack);
    for (size_t i = 0; i < order.count; i++)
        Py_INCREF(order.at[i]); /* before a list is made: that may run Python code */
    PyObject *list = status < 0 ? PyErr_NoMemory() : PyList_New((Py_ssize_t)order.count);
    for (size_t i = 0; i < order.count; i++)
        if (list == NULL)
            Py_DECREF(order.at[i]);
        else
            PyList_SET_ITEM(list, (Py_ssize_t)i, (PyObject *)order.at[i]);
    give_back(0, order);
    give_back(1, stack);
    return list;
}

static PyObject *
topological_order(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *names)
{
    int good = names == NULL;
    for (Py_ssize_t i = 0; good && i < nargs; i++)
        good = is_node(args[i]);
    return good ? listed(args, nargs, 1) : PyObject_Vectorcall(asked.topological_order, args, nargs, names);
}

static PyObject *operations_below(PyObject *module, PyObject *output)
{
    if (!is_node(output))
        return PyErr_Format(PyExc_TypeError, "a Value is walked; got %R", output);
    return listed(&output, 1, 0);
}
