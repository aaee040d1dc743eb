/* A node: its memory, how it is made and freed.

   A node is 80 bytes and has no header of the cycle collector: a graph points down only, so that
   nodes make no cycles, and a million of them cost the collector nothing. One that is made by hand
   may know itself, by the function in its _backward: it has a header, as instances of subclasses
   have from Python, and once there is such a function all nodes that are made from then on. */

/* --- a node ----------------------------------------------------------------------------------- */

typedef struct Node {
    PyObject_HEAD
    double data, grad;
    PyObject *left, *right; /* a node or a tuple of nodes; NULL where there is none */
    union {
        double of[2];
        PyObject *groups[2]; /* where left is a tuple: Doubles, or what is no number; or NULL */
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

/* Takes over the reference. */
static inline void put_label(Node *node, PyObject *label)
{
    PyObject *before = label_of(node);
    node->label = (uintptr_t)label | (node->label & BITS);
    Py_XDECREF(before);
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

/* The result of an operation, without its slopes; it takes over the operands. */
static inline Node *new_result(PyObject *op, double data, PyObject *left, PyObject *right)
{
    Node *node = new_node(Value_t, data, with_headers);
    if (node == NULL) {
        Py_DECREF(left);
        Py_XDECREF(right);
        return NULL;
    }
    node->op = Py_NewRef(op);
    node->left = left;
    node->right = right;
    return node;
}

static inline PyObject *finished(Node *node)
{
    if (with_headers && node != NULL)
        PyObject_GC_Track(node);
    return (PyObject *)node;
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
    Node *node = (Node *)x;
    if (Py_REFCNT(x) == 1 && is_plain(Py_TYPE(x)) && node->label == 0)
        to_be_freed(node);
    else
        Py_DECREF(x);
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

static inline void free_memory(Node *node)
{
    if (++freed % 8192 != 0 || !is_kept_back(node))
        PyObject_Free(node);
}

static void free_node(Node *node)
{
    if (node->left != NULL && PyTuple_Check(node->left)) {
        Py_XDECREF(node->slopes.groups[0]);
        Py_XDECREF(node->slopes.groups[1]);
    }
    let_go(node->left);
    let_go(node->right);
    Py_XDECREF(node->op);
    PyTypeObject *type = Py_TYPE(node);
    if (has_header((PyObject *)node))
        PyObject_GC_Del(node);
    else
        free_memory(node);
    Py_DECREF(type);
}

static void node_dealloc(PyObject *self)
{
    Node *node = (Node *)self;
    if (has_header(self))
        PyObject_GC_UnTrack(self);
    put_label(node, NULL);
    to_be_freed(node);
    if (freeing) /* one call further up frees it */
        return;
    freeing = 1;
    while (pending != NULL) {
        node = pending;
        pending = (Node *)(node->label & ~BITS);
        node->label &= HEADER;
        free_node(node);
    }
    freeing = 0;
}

/* Makes it a leaf. */
static int node_clear(PyObject *self)
{
    Node *node = (Node *)self;
    PyObject *left = node->left, *right = node->right, *op = node->op;
    PyObject *slopes[2] = {NULL, NULL};
    if (left != NULL && PyTuple_Check(left)) {
        slopes[0] = node->slopes.groups[0];
        slopes[1] = node->slopes.groups[1];
    }
    node->left = node->right = node->op = NULL;
    Py_XDECREF(left);
    Py_XDECREF(right);
    Py_XDECREF(op);
    Py_XDECREF(slopes[0]);
    Py_XDECREF(slopes[1]);
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
    if (node->left != NULL && PyTuple_Check(node->left)) {
        Py_VISIT(node->slopes.groups[0]);
        Py_VISIT(node->slopes.groups[1]);
    }
    return 0;
}
