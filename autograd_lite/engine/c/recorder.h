/* The type of the recorders: functions that are called, and methods of Value. */

static PyObject *
recorder_call(PyObject *self, PyObject *const *args, size_t nargsf, PyObject *names)
{
    Recorder *r = (Recorder *)self;
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    if (names == NULL && r->arity == 1 && nargs == 1 && is_node(args[0]))
        return record(r, r->kernel, args[0], NULL);
    if (names == NULL && r->arity == 2 && nargs == 2)
        return record_two(r, r->kernel, args[0], args[1], asked.as_value);
    if (names == NULL && r->groups && nargs >= 1 + (r->groups == DOT) && nargs <= 4)
        return record_groups(r, args, nargs);
    return PyObject_Vectorcall(r->python, args, nargs, names); /* or says what is wrong */
}

/* Finds the row in rows.h, or what many.h knows by this name. */
static int find_row(Recorder *r)
{
    static const char *const GROUPS[] = {"", "sum", "mean", "dot", "where"};
    PyObject *name = PyObject_GetAttrString(r->op, "name");
    PyObject *args = PyObject_GetAttrString(r->op, "args");
    int found = name && args && PyArg_ParseTuple(args, "|dd", &r->args[0], &r->args[1]);
    const char *text = found ? PyUnicode_AsUTF8(name) : NULL;
    for (const Printed *row = PRINTED; text != NULL && row->name != NULL && !r->kernel; row++)
        if (strcmp(row->name, text) == 0 && (isnan(row->only) || row->only == r->args[0]))
            r->kernel = row->kernel;
    for (int i = 1; text != NULL && i < 5; i++)
        if (strcmp(GROUPS[i], text) == 0)
            r->groups = i;
    Py_XDECREF(name);
    Py_XDECREF(args);
    return text == NULL ? -1 : 0;
}

static PyObject *new_recorder(PyObject *op, PyObject *in_python, int arity)
{
    Recorder *r = (Recorder *)PyType_GenericAlloc(Recorder_t, 0);
    if (r == NULL)
        return NULL;
    r->call = recorder_call;
    r->op = Py_NewRef(op);
    r->arity = arity;
    r->python = PyObject_CallOneArg(in_python, op);
    PyObject *printed = r->python ? PyObject_CallOneArg(asked.is_printed, op) : NULL;
    if (printed == NULL || (printed == Py_True && find_row(r) < 0))
        Py_CLEAR(r);
    Py_XDECREF(printed);
    return (PyObject *)r;
}

static PyObject *of_one(PyObject *module, PyObject *op)
{
    return new_recorder(op, asked.of_one, 1);
}

/* of_two(op, in_place=False): the slots of the type know what is in place */
static PyObject *
of_two(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *names)
{
    return nargs ? new_recorder(args[0], asked.of_two, 2)
                 : PyErr_Format(PyExc_TypeError, "of_two(op, in_place=False)");
}

static PyObject *of_many(PyObject *module, PyObject *op)
{
    return new_recorder(op, asked.of_many, 0);
}

static int recorder_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(((Recorder *)self)->op);
    Py_VISIT(((Recorder *)self)->python);
    return 0;
}

/* It needs no clear: what it is in a circle with, the row and the function, have one. */
static void recorder_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    Py_XDECREF(((Recorder *)self)->op);
    Py_XDECREF(((Recorder *)self)->python);
    PyObject_GC_Del(self);
    Py_DECREF(type);
}

static PyObject *recorder_get(PyObject *self, PyObject *object, PyObject *type)
{
    return object == NULL || object == Py_None ? Py_NewRef(self) : PyMethod_New(self, object);
}

/* Its names, its text and its signature are those of the recorder in Python. */
static PyObject *of_python(PyObject *self, void *name)
{
    return PyObject_GetAttrString(((Recorder *)self)->python, name);
}

static PyObject *recorder_reduce(PyObject *self, PyObject *unused)
{
    return of_python(self, "__qualname__"); /* pickle finds it by name */
}

static PyGetSetDef recorder_getset[] = {
    {"__name__", of_python, NULL, NULL, "__name__"},
    {"__qualname__", of_python, NULL, NULL, "__qualname__"},
    {"__module__", of_python, NULL, NULL, "__module__"},
    {"__doc__", of_python, NULL, NULL, "__doc__"},
    {NULL, NULL, NULL, NULL, NULL}};
static PyMethodDef recorder_methods[] = {
    {"__reduce__", recorder_reduce, METH_NOARGS, NULL}, {NULL, NULL, 0, NULL}};
static PyMemberDef recorder_members[] = {
    {"__vectorcalloffset__", T_PYSSIZET, offsetof(Recorder, call), READONLY, NULL},
    {"__wrapped__", T_OBJECT, offsetof(Recorder, python), READONLY, NULL},
    {NULL, 0, 0, 0, NULL}};
static PyType_Slot recorder_slots[] = {
    {Py_tp_dealloc, recorder_dealloc}, {Py_tp_traverse, recorder_traverse},
    {Py_tp_call, PyVectorcall_Call},   {Py_tp_descr_get, recorder_get},
    {Py_tp_getset, recorder_getset},   {Py_tp_members, recorder_members},
    {Py_tp_methods, recorder_methods}, {0, NULL}};
static PyType_Spec recorder_spec = {
    "autograd_lite.engine._core.Recorder", sizeof(Recorder), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL |
        Py_TPFLAGS_METHOD_DESCRIPTOR | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    recorder_slots};
