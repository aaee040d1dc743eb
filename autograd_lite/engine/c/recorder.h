/* The type of the recorders: functions that are called, and methods of Value. */

/* An error, in Python's words: its own recorder is called with the same arguments. */
static PyObject *misused(Recorder *r, PyObject *const *args, Py_ssize_t nargs, PyObject *names)
{
    PyObject *maker = r->arity == 1 ? asked.of_one : r->arity == 2 ? asked.of_two : asked.of_many;
    PyObject *python = PyObject_CallOneArg(maker, r->op);
    PyObject *answer = python ? PyObject_Vectorcall(python, args, nargs, names) : NULL;
    Py_XDECREF(python);
    if (answer != NULL) { /* names of arguments, in which Python's recorder is more lenient */
        Py_DECREF(answer);
        PyErr_Format(PyExc_TypeError, "%S takes no arguments by name", r->op);
    }
    return NULL;
}

static PyObject *
recorder_call(PyObject *self, PyObject *const *args, size_t nargsf, PyObject *names)
{
    Recorder *r = (Recorder *)self;
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    if (names != NULL || (r->arity ? nargs != r->arity : nargs < 1 || nargs > 4))
        return misused(r, args, nargs, names);
    if (r->arity == 0)
        return record_groups(r, args, nargs);
    if (r->arity == 1) /* tanh(1): a bare number gives a bare number */
        return is_node(args[0]) ? record_one(r, r->kernel, args[0])
                                : PyObject_CallMethod(r->op, "record", "(O)", args[0]);
    if (is_node(args[0]))
        return record_two(r, r->kernel, args[0], args[1]);
    PyObject *left = as_value(args[0]);
    PyObject *node = left == NULL ? NULL : record_two(r, r->kernel, left, args[1]);
    Py_XDECREF(left);
    return node;
}

/* The function of rows.h for a row, if there is one. */
static Kernel kernel_of(const char *name, const double *args)
{
    for (const Printed *row = PRINTED; row->name != NULL; row++)
        if (strcmp(row->name, name) == 0 && (isnan(row->only) || row->only == args[0]))
            return row->kernel;
    return NULL;
}

static int groups_of(const char *name)
{
    return !strcmp(name, "dot")     ? DOT
           : !strcmp(name, "sum")   ? SUM
           : !strcmp(name, "mean")  ? MEAN
           : !strcmp(name, "where") ? WHERE
                                    : OTHER;
}

static int fill_recorder(Recorder *r, PyObject *op, int arity)
{
    PyObject *name = PyObject_GetAttrString(op, "name"), *args = PyObject_GetAttrString(op, "args");
    PyObject *careful = PyObject_GetAttrString(op, "careful");
    PyObject *printed = PyObject_CallOneArg(asked.is_printed, op);
    const char *text = name == NULL ? NULL : PyUnicode_AsUTF8(name);
    int status = -1;
    r->call = recorder_call;
    r->op = Py_NewRef(op);
    r->arity = arity;
    if (text == NULL || args == NULL || !PyTuple_Check(args) || careful == NULL || printed == NULL)
        goto done;
    r->careful = PyObject_IsTrue(careful);
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(args) && i < 2; i++)
        r->args[i] = PyFloat_AsDouble(PyTuple_GET_ITEM(args, i));
    if (PyErr_Occurred())
        goto done;
    if (printed == Py_True && arity)
        r->kernel = kernel_of(text, r->args);
    if (printed == Py_True && !arity)
        r->groups = groups_of(text);
    if (r->kernel == NULL) {
        r->compute = PyObject_GetAttrString(op, "compute");
        r->rule = PyObject_GetAttrString(op, arity ? "on_floats" : "rule");
        if (r->compute == NULL || r->rule == NULL)
            goto done;
    }
    status = 0;
done:
    Py_XDECREF(name);
    Py_XDECREF(args);
    Py_XDECREF(careful);
    Py_XDECREF(printed);
    if (status < 0 && !PyErr_Occurred())
        PyErr_SetString(PyExc_TypeError, "args is a tuple");
    return status;
}

static PyObject *new_recorder(PyObject *op, int arity)
{
    Recorder *r = (Recorder *)PyType_GenericAlloc(Recorder_t, 0);
    if (r != NULL && fill_recorder(r, op, arity) < 0)
        Py_CLEAR(r);
    return (PyObject *)r;
}

static PyObject *of_one(PyObject *module, PyObject *op)
{
    return new_recorder(op, 1);
}

static PyObject *of_two(PyObject *module, PyObject *args, PyObject *names)
{
    static char *known[] = {"op", "in_place", NULL};
    PyObject *op;
    int in_place; /* the slots of the type know it */
    if (!PyArg_ParseTupleAndKeywords(args, names, "O|p", known, &op, &in_place))
        return NULL;
    return new_recorder(op, 2);
}

static PyObject *of_many(PyObject *module, PyObject *op)
{
    return new_recorder(op, 0);
}

static int recorder_traverse(PyObject *self, visitproc visit, void *arg)
{
    Recorder *r = (Recorder *)self;
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(r->op);
    Py_VISIT(r->compute);
    Py_VISIT(r->rule);
    return 0;
}

static int recorder_clear(PyObject *self)
{
    Recorder *r = (Recorder *)self;
    Py_CLEAR(r->compute);
    Py_CLEAR(r->rule);
    Py_CLEAR(r->op);
    return 0;
}

static void recorder_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    recorder_clear(self);
    PyObject_GC_Del(self);
    Py_DECREF(type);
}

static PyObject *recorder_get(PyObject *self, PyObject *object, PyObject *type)
{
    return object == NULL || object == Py_None ? Py_NewRef(self) : PyMethod_New(self, object);
}

/* A text with the name of the row; the closure is its form. */
static PyObject *recorder_text(PyObject *self, void *form)
{
    PyObject *name = PyObject_GetAttrString(((Recorder *)self)->op, "name");
    PyObject *text = name ? PyUnicode_FromFormat(form, name, name) : NULL;
    Py_XDECREF(name);
    return text;
}

static PyObject *recorder_signature(PyObject *self, void *closure)
{
    static const char *const of[] = {"(left, right=None, xs=None, ys=None)", "(x)", "(left, right)"};
    return PyUnicode_FromString(of[((Recorder *)self)->arity]);
}

static PyObject *recorder_module(PyObject *self, void *closure)
{
    return PyUnicode_FromString("autograd_lite.value");
}

static PyObject *recorder_reduce(PyObject *self, PyObject *unused)
{
    return recorder_text(self, "Value.%U"); /* pickle finds it by name */
}

static PyGetSetDef recorder_getset[] = {
    {"__name__", recorder_text, NULL, NULL, "%U"},
    {"__qualname__", recorder_text, NULL, NULL, "Value.%U"},
    {"__doc__", recorder_text, NULL, NULL,
     "%U as a node; help(autograd_lite.%U) tells its formula."},
    {"__text_signature__", recorder_signature, NULL, NULL, NULL},
    {"__module__", recorder_module, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL}};
static PyMethodDef recorder_methods[] = {
    {"__reduce__", recorder_reduce, METH_NOARGS, NULL}, {NULL, NULL, 0, NULL}};
static PyMemberDef recorder_members[] = {
    {"__vectorcalloffset__", T_PYSSIZET, offsetof(Recorder, call), READONLY, NULL},
    {NULL, 0, 0, 0, NULL}};
static PyType_Slot recorder_slots[] = {
    {Py_tp_dealloc, recorder_dealloc},   {Py_tp_traverse, recorder_traverse},
    {Py_tp_clear, recorder_clear},       {Py_tp_call, PyVectorcall_Call},
    {Py_tp_descr_get, recorder_get},     {Py_tp_getset, recorder_getset},
    {Py_tp_members, recorder_members},   {Py_tp_methods, recorder_methods},
    {0, NULL}};
static PyType_Spec recorder_spec = {
    "autograd_lite.engine._core.Recorder", sizeof(Recorder), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL |
        Py_TPFLAGS_METHOD_DESCRIPTOR | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    recorder_slots};
