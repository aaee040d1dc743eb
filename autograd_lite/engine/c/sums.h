/* Sums that are rounded once, as Python's math module has them. NAN says: ask Python. */

/* s + error = a + b exactly (Knuth). */
static inline double two_sum(double a, double b, double *error)
{
    double s = a + b, back = s - a;
    *error = (a - (s - back)) + (b - back);
    return s;
}

/* Σ ws[i]·xs[i], or Σ ws[i], in two doubles, where these leave no doubt about the last bit: nearly
   always. A sum that they hold exactly may lie halfway; else low is wrong by < n·2⁻⁵³ of size. */
static inline double exact_sum(const double *ws, const double *xs, Py_ssize_t n)
{
    double high = 0.0, low = 0.0, size = 0.0, error, rest, lost = 0.0;
    for (Py_ssize_t i = 0; i < n; i++) {
        high = two_sum(high, xs == NULL ? ws[i] : ws[i] * xs[i], &error);
        low = two_sum(low, error, &rest);
        lost += fabs(rest);
        size += fabs(error);
    }
    double sum = two_sum(high, low, &error);
    double doubt = lost == 0.0 ? 0.0 : (double)n * size * 0x1p-52;
    int sure = n < 1000000 && sum + (error + doubt) == sum && sum + (error - doubt) == sum;
    return sure ? sum : NAN;
}

#if PY_VERSION_HEX < 0x030C0000
#define exact_dot exact_sum
#else
/* Σ ws[i]·xs[i] in three doubles (Ogita, Rump and Oishi, 2005, as in math.sumprod). */
static double exact_dot(const double *ws, const double *xs, Py_ssize_t n)
{
    double high = 0.0, low = 0.0, tiny = 0.0, error, rest, more;
    for (Py_ssize_t i = 0; i < n; i++) {
        double product = ws[i] * xs[i], below = fma(ws[i], xs[i], -product);
        high = two_sum(high, product, &error);
        low = two_sum(low, below, &rest);
        low = two_sum(low, error, &more);
        tiny = tiny + rest + more;
    }
    low = two_sum(low, tiny, &rest);
    high = two_sum(high, low, &error);
    return 0.0 + high;
}
#endif
