/* Sums that are rounded once, as Python's math module has them. NAN says: ask Python. */

/* s + error = a + b exactly (Knuth). */
static inline double two_sum(double a, double b, double *error)
{
    double s = a + b, back = s - a;
    *error = (a - (s - back)) + (b - back);
    return s;
}

/* Σ ws[i]·xs[i], or Σ ws[i], in parts of any number (Shewchuk, 1997, as in math.fsum). */
static double sum_of_parts(const double *ws, const double *xs, Py_ssize_t n)
{
    double parts[64], x, y, t, high, low = 0.0;
    int m = 0;
    for (Py_ssize_t k = 0; k < n; k++) {
        int i = 0;
        x = xs == NULL ? ws[k] : ws[k] * xs[k];
        for (int j = 0; j < m; j++) {
            y = parts[j];
            if (fabs(x) < fabs(y)) {
                t = x;
                x = y;
                y = t;
            }
            high = x + y;
            low = y - (high - x);
            if (low != 0.0)
                parts[i++] = low;
            x = high;
        }
        m = i;
        if (x != 0.0) {
            if (!isfinite(x) || m == 64)
                return NAN;
            parts[m++] = x;
        }
    }
    if (m == 0)
        return 0.0;
    high = parts[--m];
    low = 0.0;
    while (m > 0) {
        x = high;
        y = parts[--m];
        high = x + y;
        low = y - (high - x);
        if (low != 0.0)
            break;
    }
    if (m > 0 && ((low < 0.0 && parts[m - 1] < 0.0) || (low > 0.0 && parts[m - 1] > 0.0))) {
        y = low * 2.0; /* half to even across the parts */
        x = high + y;
        if (y == x - high)
            high = x;
    }
    return high;
}

/* The same, in two doubles where these leave no doubt about the last bit: nearly always. */
static inline double exact_sum(const double *ws, const double *xs, Py_ssize_t n)
{
    double high = 0.0, low = 0.0, size = 0.0, error;
    for (Py_ssize_t i = 0; i < n; i++) {
        high = two_sum(high, xs == NULL ? ws[i] : ws[i] * xs[i], &error);
        low += error;
        size += fabs(error); /* low is wrong by less than n·2⁻⁵³ of it */
    }
    double sum = two_sum(high, low, &error), doubt = (double)n * size * 0x1p-52;
    if (n < 1000000 && sum + (error + doubt) == sum && sum + (error - doubt) == sum)
        return sum;
    return sum_of_parts(ws, xs, n);
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
