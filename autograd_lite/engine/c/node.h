/* A node: its memory, how it is made and freed.

   A node is 80 bytes and has no header of the cycle collector: a graph points down only, so that
   nodes make no cycles, and a million of them cost the collector nothing. One that is made by hand
   may know itself, by the function in its _backward: it has a header, as instances of subclasses
   have from Python, and once there is such a function all nodes that are made from then on. Until
   then an attribute of a subclass that is a node above its owner is a circle that stays. */

/* --- a node ----------------------------------------------------------------------------------- */

typedef struct Node {
    PyObject_HEAD
    double data, grad;
    PyObject *left, *right; /* both nodes or both tuples of nodes; NULL where there is none */
    union {
        double of[2];
        PyObject *groups[2]; /* where left is a tuple: doubles, or what is no number; or NULL */
    } slopes;
    PyObject *op;    /* NULL on a leaf */
    uintptr_t label; /* NULL for "", and two bits; of nodes to be freed the next one */
} Node;

#define VISITED 1 /* by a walk, which clears it at its end */
#define HEADER 2  /* the collector knows it; of Value and Constant alone, the others always have it */
#define BITS ((uintptr_t)3)

static inline PyObject *label_of(const Node *node)
{
    return (PyObject *)(node->label & ~BITS);
}

static inline int is_plain(const PyTypeObject *type)
{
    return type == Value_t || type == Constant_t;
}

static int has_header(PyObject *self)
{
    return !is_plain(Py_TYPE(self)) || ((Node *)self)->label & HEADER;
}

static inline int is_node(PyObject *x)
{
    return is_plain(Py_TYPE(x)) || PyType_IsSubtype(Py_TYPE(x), Value_t);
}

static inline int has_groups(const Node *node)
{
    return node->left != NULL && PyTuple_Check(node->left);
}

/* One group of operands with its slopes, whatever its form; `slopes` is NULL if these are odd. */
typedef struct {
    PyObject *const *nodes;
    const double *slopes;
    Py_ssize_t count;
} Group;

static inline Group group_of(const Node *node, int side)
{
    PyObject *const *x = side ? &node->right : &node->left;
    if (*x == NULL)
        return (Group){NULL, NULL, 0};
    if (!PyTuple_Check(*x))
        return (Group){x, &node->slopes.of[side], 1};
    PyObject *slopes = node->slopes.groups[side];
    return (Group){&PyTuple_GET_ITEM(*x, 0), is_doubles(slopes) ? doubles(slopes) : NULL,
                   PyTuple_GET_SIZE(*x)};
}

/* A leaf of Value or Constant. */
static inline Node *new_node(PyTypeObject *type, double data, int header)
{
    Node *node = header ? PyObject_GC_New(Node, type) : PyObject_New(Node, type);
    if (node != NULL) {
        node->data = data;
        node->grad = 0.0;
        node->left = node->right = node->op = NULL;
        node->label = header ? HEADER : 0;
    }
    return node;
}

/* The result of an operation, without its slopes. */
static inline Node *new_result(PyObject *op, double data, PyObject *left, PyObject *right)
{
    Node *node = new_node(Value_t, data, odd_slopes);
    if (node != NULL) {
        node->op = Py_NewRef(op);
        node->left = Py_NewRef(left);
        node->right = Py_XNewRef(right);
    }
    return node;
}

static inline void track(Node *node)
{
    if (odd_slopes)
        PyObject_GC_Track(node);
}

/* --- freed: one after the other, so that no chain is too long --------------------------------- */

static Node *pending; /* those that nobody holds any more; the interpreter's lock guards it */
static int freeing;

static inline void to_be_freed(Node *node)
{
    node->label = (uintptr_t)pending | (node->label & HEADER);
    pending = node;
}

/* Lets go of an operand; one that nobody else holds joins the list without a call. */
static inline void let_go(PyObject *x)
{
    if (x == NULL)
        return;
    if (Py_REFCNT(x) == 1 && is_plain(Py_TYPE(x)) && ((Node *)x)->label == 0)
        to_be_freed((Node *)x);
    else
        Py_DECREF(x);
}

/* What a node held, or was made to hold before. */
static void let_go_of_operands(const Node *node)
{
    if (has_groups(node)) {
        Py_XDECREF(node->slopes.groups[0]);
        Py_XDECREF(node->slopes.groups[1]);
    }
    let_go(node->left);
    let_go(node->right);
}

/* Of the nodes that are freed one in each mebibyte is kept, up to 128, so that the allocator does not
   give the memory around it back to the system: to ask for it again takes half the time in which the
   next large graph is built. */
static Node *kept_back[128];
static unsigned freed;

static int is_kept_back(Node *node)
{
    for (unsigned i = 0; i < 128; i++) {
        if (kept_back[i] == NULL) {
            kept_back[i] = node;
            return 1;
        }
        if ((uintptr_t)kept_back[i] >> 20 == (uintptr_t)node >> 20)
            return 0;
    }
    return 0;
}

static void free_node(Node *node)
{
    let_go_of_operands(node);
    Py_XDECREF(node->op);
    PyTypeObject *type = Py_TYPE(node);
    if (has_header((PyObject *)node))
        PyObject_GC_Del(node);
    else if (++freed % 8192 != 0 || !is_kept_back(node))
        PyObject_Free(node);
    Py_DECREF(type);
}

static void free_pending(void)
{
    if (freeing) /* one call further up frees them */
        return;
    freeing = 1;
    while (pending != NULL) {
        Node *node = pending;
        pending = (Node *)(node->label & ~BITS);
        node->label &= HEADER;
        free_node(node);
    }
    freeing = 0;
}

static void node_dealloc(PyObject *self)
{
    PyObject *label = label_of((Node *)self);
    if (has_header(self))
        PyObject_GC_UnTrack(self);
    to_be_freed((Node *)self);
    Py_XDECREF(label);
    free_pending();
}

/* Makes it a leaf; what it held goes last, when the node is whole again. */
static int node_clear(PyObject *self)
{
    Node *node = (Node *)self, before = *node;
    node->left = node->right = node->op = NULL;
    let_go_of_operands(&before);
    Py_XDECREF(before.op);
    free_pending();
    return 0;
}

static int node_traverse(PyObject *self, visitproc visit, void *arg)
{
    Node *node = (Node *)self;
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(node->left);
    Py_VISIT(node->right);
    Py_VISIT(node->op);
    Py_VISIT(label_of(node));
    if (has_groups(node)) {
        Py_VISIT(node->slopes.groups[0]);
        Py_VISIT(node->slopes.groups[1]);
    }
    return 0;
}
