/* Values and gradients of the graphs in peers.py, the derivatives worked out on paper. */
#include <math.h>
#include <string.h>

enum { N = 100 };

double rosenbrock(const double *x, double *g) {
    double value = 0;
    g[0] = 0;
    for (int i = 0; i + 1 < N; i++) {
        double d = x[i + 1] - x[i] * x[i], e = 1 - x[i];
        value += 100 * d * d + e * e;
        g[i] -= 400 * d * x[i] + 2 * e;
        g[i + 1] = 200 * d;
    }
    return value;
}

/* p: three places, three speeds; the slope of the forces goes back step by step */
enum { STEPS = 30 };

double three_bodies(const double *p, double *g) {
    const double dt = 0.01;
    static double xs[STEPS + 1][3][2];
    double u[3][2], value = 0;
    memcpy(xs[0], p, sizeof xs[0]);
    memcpy(u, p + 6, sizeof u);
    for (int t = 0; t < STEPS; t++) {
        double (*x)[2] = xs[t], pull[3][2] = {{0}};
        for (int i = 0; i < 3; i++)
            for (int j = 0; j < i; j++) {
                double dx = x[j][0] - x[i][0], dy = x[j][1] - x[i][1], q = dx * dx + dy * dy;
                double strength = 1 / (q * sqrt(q));
                pull[i][0] += dx * strength;
                pull[i][1] += dy * strength;
                pull[j][0] -= dx * strength;
                pull[j][1] -= dy * strength;
            }
        for (int i = 0; i < 3; i++)
            for (int k = 0; k < 2; k++) {
                u[i][k] += dt * pull[i][k];
                xs[t + 1][i][k] = x[i][k] + dt * u[i][k];
            }
    }
    double dx[3][2], du[3][2] = {{0}};
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 2; k++) {
            double a = xs[STEPS][i][k];
            value += a * a;
            dx[i][k] = 2 * a;
        }
    for (int t = STEPS - 1; t >= 0; t--) {
        double (*x)[2] = xs[t], dpull[3][2];
        for (int i = 0; i < 3; i++)
            for (int k = 0; k < 2; k++) {
                du[i][k] += dt * dx[i][k];
                dpull[i][k] = dt * du[i][k];
            }
        for (int i = 0; i < 3; i++)
            for (int j = 0; j < i; j++) {
                double a = x[j][0] - x[i][0], b = x[j][1] - x[i][1], q = a * a + b * b;
                double strength = 1 / (q * sqrt(q));
                double da = dpull[i][0] - dpull[j][0], db = dpull[i][1] - dpull[j][1];
                double dq = -1.5 * (da * a + db * b) * strength / q;
                double ga = da * strength + 2 * dq * a, gb = db * strength + 2 * dq * b;
                dx[j][0] += ga;
                dx[i][0] -= ga;
                dx[j][1] += gb;
                dx[i][1] -= gb;
            }
    }
    memcpy(g, dx, sizeof dx);
    memcpy(g + 6, du, sizeof du);
    return value;
}

/* p: 16 rows of 5 weights, for the gates i, f, g, o of four cells each; then 16 biases */
enum { T = 20, W = 4 };

double lstm(const double *p, double *grad) {
    static double gates[T][4 * W], cs[T + 1][W], hs[T + 1][W], tanhs[T][W];
    const double *b = p + 20 * W;
    double value = 0;
    memset(cs[0], 0, sizeof cs[0]);
    memset(hs[0], 0, sizeof hs[0]);
    for (int t = 0; t < T; t++) {
        double x = sin(t), *z = gates[t];
        for (int r = 0; r < 4 * W; r++) {
            const double *w = p + 5 * r;
            double s = b[r] + w[0] * x;
            for (int k = 0; k < W; k++) s += w[1 + k] * hs[t][k];
            z[r] = r / W == 2 ? tanh(s) : 1 / (1 + exp(-s));
        }
        for (int k = 0; k < W; k++) {
            cs[t + 1][k] = z[W + k] * cs[t][k] + z[k] * z[2 * W + k];
            tanhs[t][k] = tanh(cs[t + 1][k]);
            hs[t + 1][k] = z[3 * W + k] * tanhs[t][k];
        }
    }
    double dh[W], dc[W] = {0}, *db = grad + 20 * W;
    memset(grad, 0, 24 * W * sizeof(double));
    for (int k = 0; k < W; k++) {
        value += hs[T][k] * hs[T][k];
        dh[k] = 2 * hs[T][k];
    }
    for (int t = T - 1; t >= 0; t--) {
        double x = sin(t), *z = gates[t], dz[4 * W];
        for (int k = 0; k < W; k++) {
            double i = z[k], f = z[W + k], g = z[2 * W + k], o = z[3 * W + k], a = tanhs[t][k];
            double d = dc[k] + dh[k] * o * (1 - a * a);
            dz[k] = d * g * i * (1 - i);
            dz[W + k] = d * cs[t][k] * f * (1 - f);
            dz[2 * W + k] = d * i * (1 - g * g);
            dz[3 * W + k] = dh[k] * a * o * (1 - o);
            dc[k] = d * f;
            dh[k] = 0;
        }
        for (int r = 0; r < 4 * W; r++) {
            db[r] += dz[r];
            grad[5 * r] += dz[r] * x;
            for (int k = 0; k < W; k++) {
                grad[5 * r + 1 + k] += dz[r] * hs[t][k];
                dh[k] += dz[r] * p[5 * r + 1 + k];
            }
        }
    }
    return value;
}

/* p: three means of two numbers, three pairs of logarithms of widths, three weights */
enum { S = 100, K = 3 };

double mixture(const double *p, double *g, const double *data) {
    const double *means = p, *widths = p + 2 * K, *weights = p + 4 * K;
    double inverse[2 * K], total = 0, value = 0, sizes[K];
    memset(g, 0, 5 * K * sizeof(double));
    for (int k = 0; k < 2 * K; k++) inverse[k] = exp(-widths[k]);
    for (int k = 0; k < K; k++) total += sizes[k] = exp(weights[k]);
    const double norm = log(total);
    for (int s = 0; s < S; s++) {
        double terms[K], z[2 * K], top = -INFINITY, sum = 0;
        for (int k = 0; k < K; k++) {
            terms[k] = weights[k] - norm;
            for (int a = 0; a < 2; a++) {
                z[2 * k + a] = (data[2 * s + a] - means[2 * k + a]) * inverse[2 * k + a];
                terms[k] -= 0.5 * z[2 * k + a] * z[2 * k + a] + widths[2 * k + a];
            }
            if (terms[k] > top) top = terms[k];
        }
        for (int k = 0; k < K; k++) sum += terms[k] = exp(terms[k] - top);
        value -= top + log(sum);
        for (int k = 0; k < K; k++) {
            double share = terms[k] / sum;
            g[4 * K + k] -= share;
            for (int a = 0; a < 2; a++) {
                double y = z[2 * k + a];
                g[2 * k + a] -= share * y * inverse[2 * k + a];
                g[2 * K + 2 * k + a] -= share * (y * y - 1);
            }
        }
    }
    for (int k = 0; k < K; k++) g[4 * K + k] += S * sizes[k] / total;
    return value;
}
