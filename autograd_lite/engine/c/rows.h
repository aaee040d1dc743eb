/* Written by languages/c.py from the table in ops.py. */

#define ROWS 2047894674u

static double
floats_pow(double x, double y)
{
    double t0 = library_pow(x, y);
    return t0;
}

static double
floats_maximum(double x, double y)
{
    if (x > y) {
        return x;
    } else {
        if (y >= x) {
            return y;
        } else {
            double t0 = x + y;
            return t0;
        }
    }
}

static double
floats_logaddexp(double x, double y)
{
    if (x == y) {
        double t0 = x + 0.6931471805599453;
        return t0;
    } else {
        double t0 = floats_maximum(x, y);
        double t1 = x - y;
        double t2 = fabs(t1);
        double t3 = -t2;
        double t4 = exp(t3);
        double t5 = log1p(t4);
        double t6 = t0 + t5;
        return t6;
    }
}

static double
floats_sigmoid(double x)
{
    if (x >= 0.0) {
        double t0 = -x;
        double t1 = exp(t0);
        double t2 = 1.0 + t1;
        double t3 = 1.0 / t2;
        return t3;
    } else {
        double t0 = exp(x);
        double t1 = 1.0 + t0;
        double t2 = t0 / t1;
        return t2;
    }
}

static double
floats_share(double x, double y)
{
    double t0 = x - y;
    double t1 = t0 - x;
    double t2 = t0 - t1;
    double t3 = x - t2;
    double t4 = y + t1;
    double t5 = t3 - t4;
    if (t5 == t5) {
        double t6 = floats_sigmoid(t0);
        double t7 = -t0;
        double t8 = floats_sigmoid(t7);
        double t9 = t6 * t8;
        double t10 = t9 * t5;
        double t11 = t6 + t10;
        return t11;
    } else {
        double t6 = floats_sigmoid(t0);
        double t7 = -t0;
        double t8 = floats_sigmoid(t7);
        double t9 = t6 * t8;
        double t10 = t9 * 0.0;
        double t11 = t6 + t10;
        return t11;
    }
}

static double
floats_sign(double x)
{
    if (x > 0.0) {
        return 1.0;
    } else {
        if (x < 0.0) {
            return -1.0;
        } else {
            return x;
        }
    }
}

static double
floats_direction(double x, double y)
{
    double t0 = python_hypot(x, y);
    if (isfinite(t0)) {
        double t1 = x / t0;
        return t1;
    } else {
        if (isinf(x)) {
            double t1 = floats_sign(x);
            if (isinf(y)) {
                double t2 = floats_sign(y);
                double t3 = 0.5 * t1;
                double t4 = 0.5 * t2;
                double t5 = python_hypot(t3, t4);
                double t6 = t3 / t5;
                return t6;
            } else {
                double t2 = y * 0.0;
                double t3 = 0.5 * t1;
                double t4 = 0.5 * t2;
                double t5 = python_hypot(t3, t4);
                double t6 = t3 / t5;
                return t6;
            }
        } else {
            if (isinf(y)) {
                double t1 = x * 0.0;
                double t2 = floats_sign(y);
                double t3 = 0.5 * t1;
                double t4 = 0.5 * t2;
                double t5 = python_hypot(t3, t4);
                double t6 = t3 / t5;
                return t6;
            } else {
                double t1 = 0.5 * x;
                double t2 = 0.5 * y;
                double t3 = python_hypot(t1, t2);
                double t4 = t1 / t3;
                return t4;
            }
        }
    }
}

static double
floats_sech(double x)
{
    double t0 = fabs(x);
    double t1 = -t0;
    double t2 = exp(t1);
    double t3 = 2.0 * t2;
    double t4 = t2 * t2;
    double t5 = 1.0 + t4;
    double t6 = t3 / t5;
    return t6;
}

static double
floats_softplus(double x)
{
    double t0 = floats_maximum(x, 0.0);
    double t1 = fabs(x);
    double t2 = -t1;
    double t3 = exp(t2);
    double t4 = log1p(t3);
    double t5 = t0 + t4;
    return t5;
}

static double
floats_log_sigmoid(double x)
{
    double t0 = -x;
    double t1 = floats_softplus(t0);
    double t2 = -t1;
    return t2;
}

static double
floats_softsign(double x)
{
    if (isinf(x)) {
        double t0 = floats_sign(x);
        return t0;
    } else {
        double t0 = fabs(x);
        double t1 = 1.0 + t0;
        double t2 = x / t1;
        return t2;
    }
}

static double
floats_step(double x)
{
    if (x > 0.0) {
        return 1.0;
    } else {
        if (x <= 0.0) {
            return 0.0;
        } else {
            return x;
        }
    }
}

static double
floats_silu(double x)
{
    if (x == -INFINITY) {
        return -0.0;
    } else {
        double t0 = floats_sigmoid(x);
        double t1 = x * t0;
        return t1;
    }
}

static double
floats_gaussian(double x, double rate)
{
    double t0 = fabs(x);
    if (t0 < 1e+150) {
        if (t0 > 1e+150) {
            double t1 = -rate;
            double t2 = t1 * x;
            double t3 = t2 * x;
            double t4 = exp(t3);
            return t4;
        } else {
            double t1 = 134217729.0 * x;
            double t2 = t1 - x;
            double t3 = t1 - t2;
            double t4 = x - t3;
            if (t4 == 0.0) {
                double t5 = -rate;
                double t6 = t5 * t3;
                double t7 = t6 * t3;
                double t8 = exp(t7);
                return t8;
            } else {
                double t5 = -rate;
                double t6 = t5 * t3;
                double t7 = t6 * t3;
                double t8 = exp(t7);
                double t9 = t5 * t4;
                double t10 = x + t3;
                double t11 = t9 * t10;
                double t12 = exp(t11);
                double t13 = t8 * t12;
                return t13;
            }
        }
    } else {
        double t1 = -rate;
        double t2 = t1 * x;
        double t3 = t2 * x;
        double t4 = exp(t3);
        return t4;
    }
}

static double
floats_ndtr(double x)
{
    double t0 = x * 0.7071067811865476;
    double t1 = fabs(x);
    if (t1 < 40.0) {
        if (t1 > 1e+150) {
            double t2 = x * 0.7071067839860916;
            double t3 = t2 - t0;
            double t4 = x * -2.7995440410322203e-09;
            double t5 = t3 + t4;
            double t6 = t5 + 0.0;
            double t7 = x * -4.833646656726457e-17;
            double t8 = -0.0 + t7;
            double t9 = t6 + t8;
            double t10 = -t0;
            double t11 = erfc(t10);
            double t12 = floats_gaussian(t0, 1.0);
            double t13 = 1.1283791670955126 * t12;
            double t14 = t13 * t9;
            double t15 = t11 + t14;
            double t16 = 0.5 * t15;
            return t16;
        } else {
            double t2 = 134217729.0 * x;
            double t3 = t2 - x;
            double t4 = t2 - t3;
            double t5 = x - t4;
            double t6 = t4 * 0.7071067839860916;
            double t7 = t6 - t0;
            double t8 = t4 * -2.7995440410322203e-09;
            double t9 = t7 + t8;
            double t10 = t5 * 0.7071067839860916;
            double t11 = t9 + t10;
            double t12 = t5 * -2.7995440410322203e-09;
            double t13 = x * -4.833646656726457e-17;
            double t14 = t12 + t13;
            double t15 = t11 + t14;
            double t16 = -t0;
            double t17 = erfc(t16);
            double t18 = floats_gaussian(t0, 1.0);
            double t19 = 1.1283791670955126 * t18;
            double t20 = t19 * t15;
            double t21 = t17 + t20;
            double t22 = 0.5 * t21;
            return t22;
        }
    } else {
        double t2 = -t0;
        double t3 = erfc(t2);
        double t4 = 0.5 * t3;
        return t4;
    }
}

static double
floats_gelu(double x)
{
    if (x == -INFINITY) {
        return -0.0;
    } else {
        double t0 = floats_ndtr(x);
        double t1 = x * t0;
        return t1;
    }
}

static double
floats_logit(double x)
{
    double t0 = x - 0.5;
    double t1 = fabs(t0);
    if (t1 < 0.25) {
        double t2 = 2.0 * x;
        double t3 = t2 - 1.0;
        double t4 = atanh(t3);
        double t5 = 2.0 * t4;
        return t5;
    } else {
        double t2 = 1.0 - x;
        double t3 = x / t2;
        double t4 = log(t3);
        return t4;
    }
}

static double
floats_xlogy(double x, double y)
{
    if (x == 0.0) {
        if (y == y) {
            return 0.0;
        } else {
            return y;
        }
    } else {
        double t0 = log(y);
        double t1 = x * t0;
        return t1;
    }
}

static double
floats_minimum(double x, double y)
{
    if (x < y) {
        return x;
    } else {
        if (y <= x) {
            return y;
        } else {
            double t0 = x + y;
            return t0;
        }
    }
}

static double
floats_floor(double x)
{
    if (isfinite(x)) {
        double t0 = floor(x);
        double t1 = copysign(t0, x);
        return t1;
    } else {
        return x;
    }
}

static double
floats_ceil(double x)
{
    if (isfinite(x)) {
        double t0 = ceil(x);
        double t1 = copysign(t0, x);
        return t1;
    } else {
        return x;
    }
}

static double
floats_trunc(double x)
{
    if (isfinite(x)) {
        double t0 = trunc(x);
        double t1 = copysign(t0, x);
        return t1;
    } else {
        return x;
    }
}

static double
floats_rint(double x)
{
    if (isfinite(x)) {
        double t0 = rint(x);
        double t1 = copysign(t0, x);
        return t1;
    } else {
        return x;
    }
}

static double
floats_exp_difference(double x, double y)
{
    double t0 = x - y;
    double t1 = t0 - x;
    double t2 = t0 - t1;
    double t3 = x - t2;
    double t4 = y + t1;
    double t5 = t3 - t4;
    if (t5 == t5) {
        double t6 = exp(t0);
        if (t5 != 0.0) {
            double t7 = t6 * t5;
            double t8 = t6 + t7;
            return t8;
        } else {
            return t6;
        }
    } else {
        double t6 = exp(t0);
        return t6;
    }
}

static void
row_add(const double *args, const double *in, double *out)
{
    double x = in[0];
    double y = in[1];
    double t0 = x + y;
    out[0] = t0;
    out[1] = 1.0;
    out[2] = 1.0;
}

static void
row_sub(const double *args, const double *in, double *out)
{
    double x = in[0];
    double y = in[1];
    double t0 = x - y;
    out[0] = t0;
    out[1] = 1.0;
    out[2] = -1.0;
}

static void
row_mul(const double *args, const double *in, double *out)
{
    double x = in[0];
    double y = in[1];
    double t0 = x * y;
    out[0] = t0;
    out[1] = y;
    out[2] = x;
}

static void
row_div(const double *args, const double *in, double *out)
{
    double x = in[0];
    double y = in[1];
    double t0 = x / y;
    double t1 = 1.0 / y;
    double t2 = -t0;
    double t3 = t2 / y;
    out[0] = t0;
    out[1] = t1;
    out[2] = t3;
}

static void
row_pow(const double *args, const double *in, double *out)
{
    double x = in[0];
    double y = in[1];
    double t0 = floats_pow(x, y);
    double t1 = y - 1.0;
    double t2 = floats_pow(x, t1);
    double t3 = y * t2;
    double t4 = log(x);
    double t5 = t0 * t4;
    out[0] = t0;
    out[1] = t3;
    out[2] = t5;
}

static void
row_neg(const double *args, const double *in, double *out)
{
    double x = in[0];
    double t0 = -x;
    out[0] = t0;
    out[1] = -1.0;
}

static void
row_reciprocal(const double *args, const double *in, double *out)
{
    double x = in[0];
    double t0 = 1.0 / x;
    double t1 = -t0;
    double t2 = t1 * t0;
    out[0] = t0;
    out[1] = t2;
}

static void
row_square(const double *args, const double *in, double *out)
{
    double x = in[0];
    double t0 = x * x;
    double t1 = 2.0 * x;
    out[0] = t0;
    out[1] = t1;
}

static void
row_sqrt(const double *args, const double *in, double *out)
{
    double x = in[0];
    double t0 = sqrt(x);
    double t1 = 0.5 / t0;
    out[0] = t0;
    out[1] = t1;
}

static void
row_cbrt(const double *args, const double *in, double *out)
{
    double x = in[0];
    double t0 = cbrt(x);
    double t1 = t0 * t0;
    double t2 = 3.0 * t1;
    double t3 = 1.0 / t2;
    out[0] = t0;
    out[1] = t3;
}

static void
row_exp(const double *args, const double *in, double *out)
{
    double x = in[0];
    double t0 = exp(x);
    out[0] = t0;
    out[1] = t0;
}

static void
row_exp2(const double *args, const double *in, double *out)
{
    double x = in[0];
    double t0 = exp2(x);
    double t1 = 0.6931471805599453 * t0;
    out[0] = t0;
    out[1] = t1;
}

static void
row_expm1(const double *args, const double *in, double *out)
{
    double x = in[0];
    double t0 = expm1(x);
    double t1 = exp(x);
    out[0] = t0;
    out[1] = t1;
}

static void
row_log(const double *args, const double *in, double *out)
{
    double x = in[0];
    double t0 = log(x);
    double t1 = 1.0 / x;
    out[0] = t0;
    out[1] = t1;
}

static void
row_log2(const double *args, const double *in, double *out)
{
    double x = in[0];
    double t0 = log2(x);
    double t1 = 1.4426950408889634 / x;
    out[0] = t0;
    out[1] = t1;
}

static void
row_log10(const double *args, const double *in, double *out)
{
    double x = in[0];
    double t0 = log10(x);
    double t1 = 0.43429448190325176 / x;
    out[0] = t0;
    out[1] = t1;
}

static void
row_log1p(const double *args, const double *in, double *out)
{
    double x = in[0];
    double t0 = log1p(x);
    double t1 = 1.0 + x;
    double t2 = 1.0 / t1;
    out[0] = t0;
    out[1] = t2;
}

static void
row_logaddexp(const double *args, const double *in, double *out)
{
    double x = in[0];
    double y = in[1];
    double t0 = floats_logaddexp(x, y);
    double t1 = floats_share(x, y);
    double t2 = floats_share(y, x);
    out[0] = t0;
    out[1] = t1;
    out[2] = t2;
}

static void
row_sin(const double *args, const double *in, double *out)
{
    double x = in[0];
    double t0 = sin(x);
    double t1 = cos(x);
    out[0] = t0;
    out[1] = t1;
}

static void
row_cos(const double *args, const double *in, double *out)
{
    double x = in[0];
    double t0 = cos(x);
    double t1 = sin(x);
    double t2 = -t1;
    out[0] = t0;
    out[1] = t2;
}

static void
row_tan(const double *args, const double *in, double *out)
{
    double x = in[0];
    double t0 = tan(x);
    double t1 = t0 * t0;
    double t2 = 1.0 + t1;
    out[0] = t0;
    out[1] = t2;
}

static void
row_asin(const double *args, const double *in, double *out)
{
    double x = in[0];
    double t0 = asin(x);
    double t1 = 1.0 - x;
    double t2 = 1.0 + x;
    double t3 = t1 * t2;
    double t4 = sqrt(t3);
    double t5 = 1.0 / t4;
    out[0] = t0;
    out[1] = t5;
}

static void
row_acos(const double *args, const double *in, double *out)
{
    double x = in[0];
    double t0 = acos(x);
    double t1 = 1.0 - x;
    double t2 = 1.0 + x;
    double t3 = t1 * t2;
    double t4 = sqrt(t3);
    double t5 = -1.0 / t4;
    out[0] = t0;
    out[1] = t5;
}

static void
row_atan(const double *args, const double *in, double *out)
{
    double x = in[0];
    double t0 = atan(x);
    double t1 = x * x;
    double t2 = 1.0 + t1;
    double t3 = 1.0 / t2;
    out[0] = t0;
    out[1] = t3;
}

static void
row_atan2(const double *args, const double *in, double *out)
{
    double x = in[0];
    double y = in[1];
    double t0 = atan2(x, y);
    double t1 = floats_direction(y, x);
    double t2 = python_hypot(x, y);
    double t3 = t1 / t2;
    double t4 = floats_direction(x, y);
    double t5 = -t4;
    double t6 = t5 / t2;
    out[0] = t0;
    out[1] = t3;
    out[2] = t6;
}

static void
row_hypot(const double *args, const double *in, double *out)
{
    double x = in[0];
    double y = in[1];
    double t0 = python_hypot(x, y);
    double t1 = floats_direction(x, y);
    double t2 = floats_direction(y, x);
    out[0] = t0;
    out[1] = t1;
    out[2] = t2;
}

static void
row_degrees(const double *args, const double *in, double *out)
{
    double x = in[0];
    double t0 = x * 57.29577951308232;
    out[0] = t0;
    out[1] = 57.29577951308232;
}

static void
row_radians(const double *args, const double *in, double *out)
{
    double x = in[0];
    double t0 = x * 0.017453292519943295;
    out[0] = t0;
    out[1] = 0.017453292519943295;
}

/* sinc stays in Python: special.py has loops. */

static void
row_sinh(const double *args, const double *in, double *out)
{
    double x = in[0];
    double t0 = sinh(x);
    double t1 = cosh(x);
    out[0] = t0;
    out[1] = t1;
}

static void
row_cosh(const double *args, const double *in, double *out)
{
    double x = in[0];
    double t0 = cosh(x);
    double t1 = sinh(x);
    out[0] = t0;
    out[1] = t1;
}

static void
row_tanh(const double *args, const double *in, double *out)
{
    double x = in[0];
    double t0 = tanh(x);
    double t1 = floats_sech(x);
    double t2 = t1 * t1;
    out[0] = t0;
    out[1] = t2;
}

static void
row_sech(const double *args, const double *in, double *out)
{
    double x = in[0];
    double t0 = floats_sech(x);
    double t1 = -t0;
    double t2 = tanh(x);
    double t3 = t1 * t2;
    out[0] = t0;
    out[1] = t3;
}

static void
row_asinh(const double *args, const double *in, double *out)
{
    double x = in[0];
    double t0 = asinh(x);
    double t1 = python_hypot(x, 1.0);
    double t2 = 1.0 / t1;
    out[0] = t0;
    out[1] = t2;
}

static void
row_acosh(const double *args, const double *in, double *out)
{
    double x = in[0];
    double t0 = acosh(x);
    double t1 = x - 1.0;
    double t2 = sqrt(t1);
    double t3 = 1.0 / t2;
    double t4 = x + 1.0;
    double t5 = sqrt(t4);
    double t6 = 1.0 / t5;
    double t7 = t3 * t6;
    out[0] = t0;
    out[1] = t7;
}

static void
row_atanh(const double *args, const double *in, double *out)
{
    double x = in[0];
    double t0 = atanh(x);
    double t1 = 1.0 - x;
    double t2 = 1.0 + x;
    double t3 = t1 * t2;
    double t4 = 1.0 / t3;
    out[0] = t0;
    out[1] = t4;
}

static void
row_sigmoid(const double *args, const double *in, double *out)
{
    double x = in[0];
    double t0 = floats_sigmoid(x);
    double t1 = 0.5 * x;
    double t2 = floats_sech(t1);
    double t3 = t2 * t2;
    double t4 = 0.25 * t3;
    out[0] = t0;
    out[1] = t4;
}

static void
row_softplus(const double *args, const double *in, double *out)
{
    double x = in[0];
    double t0 = floats_softplus(x);
    double t1 = floats_sigmoid(x);
    out[0] = t0;
    out[1] = t1;
}

static void
row_log_sigmoid(const double *args, const double *in, double *out)
{
    double x = in[0];
    double t0 = floats_log_sigmoid(x);
    double t1 = -x;
    double t2 = floats_sigmoid(t1);
    out[0] = t0;
    out[1] = t2;
}

static void
row_softsign(const double *args, const double *in, double *out)
{
    double x = in[0];
    double t0 = floats_softsign(x);
    double t1 = fabs(x);
    double t2 = 1.0 + t1;
    double t3 = t2 * t2;
    double t4 = 1.0 / t3;
    out[0] = t0;
    out[1] = t4;
}

static void
row_relu(const double *args, const double *in, double *out)
{
    double x = in[0];
    if (x <= 0.0) {
        double t0 = floats_step(x);
        out[0] = 0.0;
        out[1] = t0;
    } else {
        double t0 = floats_step(x);
        out[0] = x;
        out[1] = t0;
    }
}

static void
row_silu(const double *args, const double *in, double *out)
{
    double x = in[0];
    double t0 = floats_silu(x);
    double t1 = floats_sigmoid(x);
    double t2 = -x;
    double t3 = floats_sigmoid(t2);
    double t4 = x * t3;
    double t5 = 1.0 + t4;
    double t6 = t1 * t5;
    out[0] = t0;
    out[1] = t6;
}

static void
row_gelu(const double *args, const double *in, double *out)
{
    double x = in[0];
    double t0 = floats_gelu(x);
    double t1 = floats_ndtr(x);
    double t2 = floats_gaussian(x, 0.5);
    double t3 = 0.3989422804014327 * t2;
    double t4 = x * t3;
    double t5 = t1 + t4;
    out[0] = t0;
    out[1] = t5;
}

static void
row_erf(const double *args, const double *in, double *out)
{
    double x = in[0];
    double t0 = erf(x);
    double t1 = floats_gaussian(x, 1.0);
    double t2 = 1.1283791670955126 * t1;
    out[0] = t0;
    out[1] = t2;
}

static void
row_erfc(const double *args, const double *in, double *out)
{
    double x = in[0];
    double t0 = erfc(x);
    double t1 = floats_gaussian(x, 1.0);
    double t2 = -1.1283791670955126 * t1;
    out[0] = t0;
    out[1] = t2;
}

static void
row_ndtr(const double *args, const double *in, double *out)
{
    double x = in[0];
    double t0 = floats_ndtr(x);
    double t1 = floats_gaussian(x, 0.5);
    double t2 = 0.3989422804014327 * t1;
    out[0] = t0;
    out[1] = t2;
}

/* log_ndtr stays in Python: special.py has loops. */

/* erfinv stays in Python: special.py has loops. */

/* gamma stays in Python: special.py has loops. */

/* lgamma stays in Python: special.py has loops. */

/* digamma stays in Python: special.py has loops. */

static void
row_logit(const double *args, const double *in, double *out)
{
    double x = in[0];
    double t0 = floats_logit(x);
    double t1 = 1.0 / x;
    double t2 = 1.0 - x;
    double t3 = 1.0 / t2;
    double t4 = t1 + t3;
    out[0] = t0;
    out[1] = t4;
}

static void
row_xlogy(const double *args, const double *in, double *out)
{
    double x = in[0];
    double y = in[1];
    double t0 = floats_xlogy(x, y);
    double t1 = log(y);
    double t2 = x / y;
    out[0] = t0;
    out[1] = t1;
    out[2] = t2;
}

static void
row_abs(const double *args, const double *in, double *out)
{
    double x = in[0];
    double t0 = fabs(x);
    double t1 = floats_sign(x);
    out[0] = t0;
    out[1] = t1;
}

static void
row_sign(const double *args, const double *in, double *out)
{
    double x = in[0];
    double t0 = floats_sign(x);
    out[0] = t0;
    out[1] = 0.0;
}

static void
row_step(const double *args, const double *in, double *out)
{
    double x = in[0];
    double t0 = floats_step(x);
    out[0] = t0;
    out[1] = 0.0;
}

static void
row_minimum(const double *args, const double *in, double *out)
{
    double x = in[0];
    double y = in[1];
    double t0 = floats_minimum(x, y);
    double t1 = x - y;
    double t2 = floats_sign(t1);
    double t3 = 0.5 * t2;
    double t4 = 0.5 - t3;
    double t5 = 0.5 + t3;
    out[0] = t0;
    out[1] = t4;
    out[2] = t5;
}

static void
row_maximum(const double *args, const double *in, double *out)
{
    double x = in[0];
    double y = in[1];
    double t0 = floats_maximum(x, y);
    double t1 = x - y;
    double t2 = floats_sign(t1);
    double t3 = 0.5 * t2;
    double t4 = 0.5 + t3;
    double t5 = 0.5 - t3;
    out[0] = t0;
    out[1] = t4;
    out[2] = t5;
}

static void
row_copysign(const double *args, const double *in, double *out)
{
    double x = in[0];
    double y = in[1];
    double t0 = copysign(x, y);
    double t1 = floats_sign(x);
    double t2 = copysign(1.0, y);
    double t3 = t1 * t2;
    out[0] = t0;
    out[1] = t3;
    out[2] = 0.0;
}

static void
row_floor(const double *args, const double *in, double *out)
{
    double x = in[0];
    double t0 = floats_floor(x);
    out[0] = t0;
    out[1] = 0.0;
}

static void
row_ceil(const double *args, const double *in, double *out)
{
    double x = in[0];
    double t0 = floats_ceil(x);
    out[0] = t0;
    out[1] = 0.0;
}

static void
row_trunc(const double *args, const double *in, double *out)
{
    double x = in[0];
    double t0 = floats_trunc(x);
    out[0] = t0;
    out[1] = 0.0;
}

static void
row_rint(const double *args, const double *in, double *out)
{
    double x = in[0];
    double t0 = floats_rint(x);
    out[0] = t0;
    out[1] = 0.0;
}

static void
row_floor_divide(const double *args, const double *in, double *out)
{
    double x = in[0];
    double y = in[1];
    double t0 = python_floordiv(x, y);
    out[0] = t0;
    out[1] = 0.0;
    out[2] = 0.0;
}

static void
row_mod(const double *args, const double *in, double *out)
{
    double x = in[0];
    double y = in[1];
    double t0 = python_mod(x, y);
    double t1 = python_floordiv(x, y);
    double t2 = -t1;
    out[0] = t0;
    out[1] = 1.0;
    out[2] = t2;
}

static void
row_fmod(const double *args, const double *in, double *out)
{
    double x = in[0];
    double y = in[1];
    double t0 = fmod(x, y);
    double t1 = x - t0;
    double t2 = t1 / y;
    double t3 = floats_rint(t2);
    double t4 = -t3;
    out[0] = t0;
    out[1] = 1.0;
    out[2] = t4;
}

static void
row_remainder(const double *args, const double *in, double *out)
{
    double x = in[0];
    double y = in[1];
    double t0 = remainder(x, y);
    double t1 = x / y;
    double t2 = t0 / y;
    double t3 = t1 - t2;
    double t4 = floats_rint(t3);
    double t5 = -t4;
    out[0] = t0;
    out[1] = 1.0;
    out[2] = t5;
}

static void
row_masked(const double *args, const double *in, double *out)
{
    double x = in[0];
    double y = in[1];
    if (x != 0.0) {
        double t0 = x * y;
        out[0] = t0;
        out[1] = y;
        out[2] = x;
    } else {
        out[0] = 0.0;
        out[1] = y;
        out[2] = x;
    }
}

static void
row_or_zero(const double *args, const double *in, double *out)
{
    double x = in[0];
    if (x == x) {
        out[0] = x;
        out[1] = 1.0;
    } else {
        out[0] = 0.0;
        out[1] = 1.0;
    }
}

static void
row_one_minus_square(const double *args, const double *in, double *out)
{
    double x = in[0];
    double t0 = 1.0 - x;
    double t1 = 1.0 + x;
    double t2 = t0 * t1;
    double t3 = -2.0 * x;
    out[0] = t2;
    out[1] = t3;
}

static void
row_share(const double *args, const double *in, double *out)
{
    double x = in[0];
    double y = in[1];
    double t0 = floats_share(x, y);
    double t1 = floats_share(y, x);
    double t2 = t0 * t1;
    double t3 = -t2;
    out[0] = t0;
    out[1] = t2;
    out[2] = t3;
}

static void
row_direction(const double *args, const double *in, double *out)
{
    double x = in[0];
    double y = in[1];
    double t0 = floats_direction(x, y);
    double t1 = floats_direction(y, x);
    double t2 = python_hypot(x, y);
    double t3 = t1 / t2;
    double t4 = t1 * t3;
    double t5 = -t0;
    double t6 = t5 * t3;
    out[0] = t0;
    out[1] = t4;
    out[2] = t6;
}

/* mills stays in Python: special.py has loops. */

/* erfinv_slope stays in Python: special.py has loops. */

static void
row_exp_difference(const double *args, const double *in, double *out)
{
    double x = in[0];
    double y = in[1];
    double t0 = floats_exp_difference(x, y);
    double t1 = -t0;
    out[0] = t0;
    out[1] = t0;
    out[2] = t1;
}

static void
row_power_0(const double *args, const double *in, double *out)
{
    double x = in[0];
    double t0 = library_pow(x, 0.0);
    out[0] = t0;
    out[1] = 0.0;
}

static void
row_power_1(const double *args, const double *in, double *out)
{
    double x = in[0];
    double t0 = library_pow(x, 1.0);
    out[0] = t0;
    out[1] = 1.0;
}

static void
row_power_2(const double *args, const double *in, double *out)
{
    double x = in[0];
    double t0 = library_pow(x, 2.0);
    double t1 = 2.0 * x;
    out[0] = t0;
    out[1] = t1;
}

static void
row_power(const double *args, const double *in, double *out)
{
    double x = in[0];
    double a = args[0];
    if (a >= 0.0) {
        double t0 = library_pow(x, a);
        double t1 = a - 1.0;
        if (t1 >= 0.0) {
            double t2 = library_pow(x, t1);
            double t3 = a * t2;
            out[0] = t0;
            out[1] = t3;
        } else {
            double t2 = floats_pow(x, t1);
            double t3 = a * t2;
            out[0] = t0;
            out[1] = t3;
        }
    } else {
        double t0 = floats_pow(x, a);
        double t1 = a - 1.0;
        if (t1 >= 0.0) {
            double t2 = library_pow(x, t1);
            double t3 = a * t2;
            out[0] = t0;
            out[1] = t3;
        } else {
            double t2 = floats_pow(x, t1);
            double t3 = a * t2;
            out[0] = t0;
            out[1] = t3;
        }
    }
}

/* polygamma stays in Python: special.py has loops. */

/* mills_tail stays in Python: special.py has loops. */

/* sinc_derivative stays in Python: special.py has loops. */

static void
row_gaussian(const double *args, const double *in, double *out)
{
    double x = in[0];
    double a = args[0];
    double t1 = floats_gaussian(x, a);
    double t2 = -2.0 * a;
    double t3 = t2 * x;
    double t4 = t3 * t1;
    out[0] = t1;
    out[1] = t4;
}

static void
row_leaky_relu_with(const double *args, const double *in, double *out)
{
    double x = in[0];
    double a = args[0];
    if (x <= 0.0) {
        double t0 = a * x;
        double t1 = floats_step(x);
        if (t1 != 0.0) {
            out[0] = t0;
            out[1] = 1.0;
        } else {
            out[0] = t0;
            out[1] = a;
        }
    } else {
        double t0 = floats_step(x);
        if (t0 != 0.0) {
            out[0] = x;
            out[1] = 1.0;
        } else {
            out[0] = x;
            out[1] = a;
        }
    }
}

static void
row_elu_with(const double *args, const double *in, double *out)
{
    double x = in[0];
    double a = args[0];
    if (x <= 0.0) {
        double t0 = expm1(x);
        double t1 = a * t0;
        double t2 = floats_step(x);
        double t3 = floats_minimum(x, 0.0);
        double t4 = exp(t3);
        double t5 = a * t4;
        if (t2 != 0.0) {
            out[0] = t1;
            out[1] = 1.0;
        } else {
            out[0] = t1;
            out[1] = t5;
        }
    } else {
        double t0 = floats_step(x);
        double t1 = floats_minimum(x, 0.0);
        double t2 = exp(t1);
        double t3 = a * t2;
        if (t0 != 0.0) {
            out[0] = x;
            out[1] = 1.0;
        } else {
            out[0] = x;
            out[1] = t3;
        }
    }
}

static void
row_clip_to(const double *args, const double *in, double *out)
{
    double x = in[0];
    double a = args[0];
    double b = args[1];
    if (x < a) {
        double t0 = a - x;
        double t1 = floats_step(t0);
        double t2 = 1.0 - t1;
        double t3 = x - b;
        double t4 = floats_step(t3);
        double t5 = 1.0 - t4;
        double t6 = t2 * t5;
        out[0] = a;
        out[1] = t6;
    } else {
        if (x > b) {
            double t0 = a - x;
            double t1 = floats_step(t0);
            double t2 = 1.0 - t1;
            double t3 = x - b;
            double t4 = floats_step(t3);
            double t5 = 1.0 - t4;
            double t6 = t2 * t5;
            out[0] = b;
            out[1] = t6;
        } else {
            double t0 = a - x;
            double t1 = floats_step(t0);
            double t2 = 1.0 - t1;
            double t3 = x - b;
            double t4 = floats_step(t3);
            double t5 = 1.0 - t4;
            double t6 = t2 * t5;
            out[0] = x;
            out[1] = t6;
        }
    }
}

static const Printed PRINTED[] = {
    {"add", row_add, NAN},
    {"sub", row_sub, NAN},
    {"mul", row_mul, NAN},
    {"div", row_div, NAN},
    {"pow", row_pow, NAN},
    {"neg", row_neg, NAN},
    {"reciprocal", row_reciprocal, NAN},
    {"square", row_square, NAN},
    {"sqrt", row_sqrt, NAN},
    {"cbrt", row_cbrt, NAN},
    {"exp", row_exp, NAN},
    {"exp2", row_exp2, NAN},
    {"expm1", row_expm1, NAN},
    {"log", row_log, NAN},
    {"log2", row_log2, NAN},
    {"log10", row_log10, NAN},
    {"log1p", row_log1p, NAN},
    {"logaddexp", row_logaddexp, NAN},
    {"sin", row_sin, NAN},
    {"cos", row_cos, NAN},
    {"tan", row_tan, NAN},
    {"asin", row_asin, NAN},
    {"acos", row_acos, NAN},
    {"atan", row_atan, NAN},
    {"atan2", row_atan2, NAN},
    {"hypot", row_hypot, NAN},
    {"degrees", row_degrees, NAN},
    {"radians", row_radians, NAN},
    {"sinh", row_sinh, NAN},
    {"cosh", row_cosh, NAN},
    {"tanh", row_tanh, NAN},
    {"sech", row_sech, NAN},
    {"asinh", row_asinh, NAN},
    {"acosh", row_acosh, NAN},
    {"atanh", row_atanh, NAN},
    {"sigmoid", row_sigmoid, NAN},
    {"softplus", row_softplus, NAN},
    {"log_sigmoid", row_log_sigmoid, NAN},
    {"softsign", row_softsign, NAN},
    {"relu", row_relu, NAN},
    {"silu", row_silu, NAN},
    {"gelu", row_gelu, NAN},
    {"erf", row_erf, NAN},
    {"erfc", row_erfc, NAN},
    {"ndtr", row_ndtr, NAN},
    {"logit", row_logit, NAN},
    {"xlogy", row_xlogy, NAN},
    {"abs", row_abs, NAN},
    {"sign", row_sign, NAN},
    {"step", row_step, NAN},
    {"minimum", row_minimum, NAN},
    {"maximum", row_maximum, NAN},
    {"copysign", row_copysign, NAN},
    {"floor", row_floor, NAN},
    {"ceil", row_ceil, NAN},
    {"trunc", row_trunc, NAN},
    {"rint", row_rint, NAN},
    {"floor_divide", row_floor_divide, NAN},
    {"mod", row_mod, NAN},
    {"fmod", row_fmod, NAN},
    {"remainder", row_remainder, NAN},
    {"masked", row_masked, NAN},
    {"or_zero", row_or_zero, NAN},
    {"one_minus_square", row_one_minus_square, NAN},
    {"share", row_share, NAN},
    {"direction", row_direction, NAN},
    {"exp_difference", row_exp_difference, NAN},
    {"power", row_power_0, 0.0},
    {"power", row_power_1, 1.0},
    {"power", row_power_2, 2.0},
    {"power", row_power, NAN},
    {"gaussian", row_gaussian, NAN},
    {"leaky_relu_with", row_leaky_relu_with, NAN},
    {"elu_with", row_elu_with, NAN},
    {"clip_to", row_clip_to, NAN},
    {NULL, NULL, 0.0},
};
