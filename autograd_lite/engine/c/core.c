/* The engine of value.py in C: nodes, recorders, and the walks over a graph.

   value.py is the reference. Both cores do the same, to the last bit and to the last word of a
   message: whatever is rare is done by Python (asked.h), on the same nodes, and the rows are printed from
   the table (rows.h, by languages/c.py). engine/core.py says when this core is used. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>
#include <string.h>
#include <structmember.h>

#ifdef Py_GIL_DISABLED
#error "this core needs the interpreter's lock; Python's engine is used without it"
#endif

#include "kernels.h"
#include "rows.h"
#include "asked.h"
#include "doubles.h"
#include "node.h"
#include "attributes.h"
#include "record.h"
#include "sums.h"
#include "many.h"
#include "recorder.h"
#include "operators.h"
#include "walks.h"

/* --- the types -------------------------------------------------------------------------------- */

#define FUNCTION(f) (PyCFunction)(void (*)(void))f

static PyGetSetDef node_getset[] = {
    {"data", get_data, set_data, "The number, always a float; assign to a leaf to change it.", NULL},
    {"grad", get_grad, set_grad, "What backward() has added to it; assign 0.0 to start again.", NULL},
    {"_label", get_label, set_label, NULL, NULL},
    {"op", get_object, set_op, NULL, (void *)offsetof(Node, op)},
    {"_left", get_object, set_left, NULL, (void *)offsetof(Node, left)},
    {"_right", get_object, set_right, NULL, (void *)offsetof(Node, right)},
    {"_dleft", get_slopes, set_slopes, NULL, NULL},
    {"_dright", get_slopes, set_slopes, NULL, "right"},
    {NULL, NULL, NULL, NULL, NULL}};
static PyMemberDef node_members[] = {
    {"_data", T_DOUBLE, offsetof(Node, data), 0, NULL},
    {"_grad", T_DOUBLE, offsetof(Node, grad), 0, NULL},
    {NULL, 0, 0, 0, NULL}};
static PyMethodDef node_methods[] = {
    {"backward", FUNCTION(node_backward), METH_FASTCALL | METH_KEYWORDS,
     "backward($self, gradient=1.0)\n--\n\n"},
    {NULL, NULL, 0, NULL}};
static PyType_Slot value_slots[] = {
    {Py_tp_hash, NULL}, /* by identity: object's, filled in below */
    {Py_tp_doc, "Value(data, children=None, local_grads=None, label='', _children=None, _op='')\n"
                "--\n\n"},
    {Py_tp_new, node_new},
    {Py_tp_init, node_init},
    {Py_tp_dealloc, node_dealloc},
    {Py_tp_traverse, node_traverse},
    {Py_tp_clear, node_clear},
    {Py_tp_is_gc, has_header},
    {Py_tp_getset, node_getset},
    {Py_tp_members, node_members},
    {Py_tp_methods, node_methods},
    {Py_tp_richcompare, node_compare},
    {Py_nb_add, operator_add},
    {Py_nb_subtract, operator_sub},
    {Py_nb_multiply, operator_mul},
    {Py_nb_true_divide, operator_div},
    {Py_nb_inplace_add, in_place_add},
    {Py_nb_inplace_subtract, in_place_sub},
    {Py_nb_inplace_multiply, in_place_mul},
    {Py_nb_inplace_true_divide, in_place_div},
    {Py_nb_power, operator_pow},
    {Py_nb_negative, operator_neg},
    {0, NULL}};
static PyType_Spec value_spec = {
    "autograd_lite.value.Value", sizeof(Node), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC, value_slots};
static PyType_Slot constant_slots[] = {
    {Py_tp_dealloc, node_dealloc}, {Py_tp_traverse, node_traverse}, {Py_tp_clear, node_clear},
    {Py_tp_is_gc, has_header},     {0, NULL}};
static PyType_Spec constant_spec = {
    "autograd_lite.value.Constant", 0, 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC, constant_slots};

static PyObject *get_latest(PyObject *self, void *closure)
{
    if (latest == NULL && (latest = PyObject_CallNoArgs((PyObject *)&PyBaseObject_Type)) == NULL)
        return NULL;
    return Py_NewRef(latest);
}

static int set_latest(PyObject *self, PyObject *ignored, void *closure)
{
    Py_CLEAR(latest);
    return 0;
}

static PyGetSetDef assignments_getset[] = {
    {"latest", get_latest, set_latest, NULL, NULL}, {NULL, NULL, NULL, NULL, NULL}};
static PyType_Slot assignments_slots[] = {{Py_tp_getset, assignments_getset}, {0, NULL}};
static PyType_Spec assignments_spec = {
    "autograd_lite.engine._core.Assignments", sizeof(PyObject), 0, Py_TPFLAGS_DEFAULT,
    assignments_slots};

/* --- the module ------------------------------------------------------------------------------- */

/* connect(name=object, ...): what the core asks of Python */
static PyObject *connect(PyObject *module, PyObject *args, PyObject *given)
{
#define PLACE(name) {#name, &asked.name},
    static const struct {
        const char *name;
        PyObject **place;
    } objects[] = {ASKED(PLACE){NULL, NULL}};
    for (int i = 0; given != NULL && objects[i].name != NULL; i++) {
        PyObject *object = PyDict_GetItemString(given, objects[i].name);
        if (object != NULL)
            Py_XSETREF(*objects[i].place, Py_NewRef(object));
    }
    Py_RETURN_NONE;
}

static PyMethodDef module_methods[] = {
    {"connect", FUNCTION(connect), METH_VARARGS | METH_KEYWORDS, NULL},
    {"numbers", FUNCTION(numbers), METH_FASTCALL, NULL},
    {"weighted_sum", FUNCTION(weighted_sum), METH_FASTCALL, NULL},
    {"as_values", as_values, METH_O, NULL},
    {"of_one", of_one, METH_O, NULL},
    {"of_two", FUNCTION(of_two), METH_FASTCALL | METH_KEYWORDS, NULL},
    {"either", FUNCTION(of_two), METH_FASTCALL | METH_KEYWORDS, NULL},
    {"of_many", of_many, METH_O, NULL},
    {"topological_order", FUNCTION(topological_order), METH_FASTCALL | METH_KEYWORDS, NULL},
    {"operations_below", operations_below, METH_O, NULL},
    {NULL, NULL, 0, NULL}};
static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "autograd_lite.engine._core", "The engine in C; see engine/core.py.", -1,
    module_methods, NULL, NULL, NULL, NULL};

static PyTypeObject *new_type(PyObject *module, PyType_Spec *spec, PyTypeObject *base)
{
    PyTypeObject *type = (PyTypeObject *)PyType_FromSpecWithBases(spec, (PyObject *)base);
    if (type != NULL && PyModule_AddType(module, type) < 0)
        Py_CLEAR(type);
    if (type != NULL)
        type->tp_name = strrchr(spec->name, '.') + 1; /* in messages, as of a class in Python */
    return type;
}

static int filled_in(PyObject *module)
{
    PyObject *math = PyImport_ImportModule("math");
    hypot_of_python = math ? PyObject_GetAttrString(math, "hypot") : NULL;
    Py_XDECREF(math);
    value_slots[0].pfunc = PyType_GetSlot(&PyBaseObject_Type, Py_tp_hash);
    asked.recorded = PyDict_New(); /* until connect() */
    asked.watching = PyDict_New();
    text_kept = PyUnicode_InternFromString("kept");
    return hypot_of_python != NULL && asked.recorded != NULL && asked.watching != NULL && text_kept != NULL &&
           (Recorder_t = new_type(module, &recorder_spec, NULL)) != NULL &&
           (Assignments_t = new_type(module, &assignments_spec, NULL)) != NULL &&
           (Value_t = new_type(module, &value_spec, NULL)) != NULL &&
           (Constant_t = new_type(module, &constant_spec, Value_t)) != NULL &&
           PyModule_AddObject(module, "core", Py_NewRef(module)) == 0 && /* import finds it so */
           PyModule_AddObject(module, "ROWS", PyLong_FromUnsignedLong(ROWS)) == 0 &&
           PyModule_AddObject(module, "SOURCES", PyLong_FromUnsignedLong(SOURCES)) == 0;
}

PyMODINIT_FUNC
PyInit__core(void)
{
    PyObject *module = PyModule_Create(&definition);
    if (module != NULL && !filled_in(module))
        Py_CLEAR(module);
    return module;
}
