/* What the functions of the rows call. Their bits have to be those of Python's floats.

   Compile with -ffp-contract=off, and never with -ffast-math. */

#include <fenv.h>
#include <float.h>
#include <math.h>

#if defined(FLT_EVAL_METHOD) && FLT_EVAL_METHOD != 0
#error "the bits would be others than Python's: doubles are computed with more than 53"
#endif

/* Writes the value and its slopes to out. */
typedef void (*Kernel)(const double *args, const double *in, double *out);

typedef struct {
    const char *name;
    Kernel kernel;
    double only; /* the fixed number that it is for, or NAN */
} Printed;

/* What C computed is not used: Python never divides by 0, and NumPy would warn of it. */
static inline void forget_flags(void)
{
    feclearexcept(FE_DIVBYZERO | FE_INVALID | FE_OVERFLOW);
}

static PyObject *hypot_of_python; /* its last digit is another than that of C's */

static double python_hypot(double x, double y)
{
    PyObject *z = PyObject_CallFunction(hypot_of_python, "dd", x, y);
    if (z == NULL) { /* out of memory */
        PyErr_Clear();
        return NAN; /* what is not finite is asked of Python */
    }
    double answer = PyFloat_AsDouble(z);
    Py_DECREF(z);
    return answer;
}

/* Compilers would write x * x for pow(x, 2.0), which has other bits. */
static double (*volatile library_pow)(double, double) = pow;

/* x % y and x // y of floats, as Python's. */
static double python_mod(double x, double y)
{
    double rest = fmod(x, y);
    if (rest == 0.0)
        return copysign(0.0, y);
    return (y < 0.0) != (rest < 0.0) ? rest + y : rest;
}

static double python_floordiv(double x, double y)
{
    double rest = fmod(x, y), whole = (x - rest) / y;
    if (rest != 0.0 && (y < 0.0) != (rest < 0.0))
        whole -= 1.0;
    if (whole == 0.0)
        return copysign(0.0, x / y);
    double down = floor(whole);
    return whole - down > 0.5 ? down + 1.0 : down;
}
