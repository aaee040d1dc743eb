// The functions that templates of the table name and JavaScript's Math lacks. Only those that a
// page needs go into it. They agree with Python's to 1e-13.

// The local derivatives: those of the rule; where they are NaN, those at edges, if it has any.
function slopes_of(operation, z, operands) {
  const slopes = operation.d(z, operands);
  if (!operation.e || !slopes.some(Number.isNaN) || operands.some(Number.isNaN)) return slopes;
  return operation.e(z, operands).map((edge, k) => (Number.isNaN(edge) ? slopes[k] : edge));
}

// Neumaier's sum: what rounding loses is kept in a second number.
function sum(xs) {
  let total = 0, lost = 0;
  for (const x of xs) {
    const next = total + x;
    lost += Math.abs(total) >= Math.abs(x) ? total - next + x : x - next + total;
    total = next;
  }
  if (Number.isFinite(lost)) return total + lost;
  // an overflow on the way, perhaps: 1e308 + 1e308 − 1e308 has an answer
  return xs.every(Number.isFinite) ? sum(xs.map((x) => x * 2 ** -64)) * 2 ** 64 : total;
}

function mean(xs) {
  const total = sum(xs) / xs.length;
  return Number.isFinite(total) ? total : sum(xs.map((x) => x / xs.length));
}

// x = high + low with 26 bits each, so that products of the parts are exact.
function halves(x) {
  const c = 134217729 * x, high = c - (c - x);
  return Number.isFinite(high) ? [high, x - high] : [x, 0];
}

// The last w, where it has no partner, is the bias.
function dot(ws, xs) {
  const partners = ws.map((_, i) => (i < xs.length ? xs[i] : 1));
  const total = sum(ws.flatMap((w, i) => {
    const x = partners[i], product = w * x;
    const [a, b] = halves(w), [c, d] = halves(x);
    const rest = a * c - product + a * d + b * c + b * d;
    return [product, Number.isFinite(rest) ? rest : 0];
  }));
  if (Number.isFinite(total) || ![...ws, ...xs].every(Number.isFinite)) return total;
  return dot(partners, ws.map((w) => w * 2 ** -540)) * 2 ** 540; // as in a sum
}

function logsumexp(xs) {
  const top = Math.max(...xs);
  if (!Number.isFinite(top)) return top;
  const others = [...xs];
  others.splice(others.indexOf(top), 1);
  return top + Math.log1p(sum(others.map((x) => Math.exp(x - top))));
}

// Of 0 and −0 Math.max takes 0, whichever comes last.
function maximum(x, y) {
  return x > y ? x : y >= x ? y : x + y;
}

function minimum(x, y) {
  return x < y ? x : y <= x ? y : x + y;
}

function logaddexp(x, y) {
  if (x === y) return x + Math.LN2;
  return Math.max(x, y) + Math.log1p(Math.exp(-Math.abs(x - y)));
}

// exp(−x²): rounding x² first would cost digits in the tails.
function bell(x) {
  const [high, low] = halves(x);
  return Math.exp(-high * high) * Math.exp(-low * (x + high));
}

// e^(x²)·erf(x) is a series of positive terms: nothing cancels.
function erf(x) {
  if (Math.abs(x) >= 2) return Math.sign(x) * (1 - erfc(Math.abs(x)));
  let term = x, total = x;
  for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(total); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    total += term;
  }
  return (2 / Math.sqrt(Math.PI)) * bell(x) * total;
}

// Laplace's continued fraction for the tail, from the inside out.
function erfc(x) {
  if (x > 28) return 0;
  if (!(x >= 2)) return 1 - erf(x);
  let below = x;
  for (let k = 150; k > 0; k--) below = x + k / 2 / below;
  return bell(x) / Math.sqrt(Math.PI) / below;
}

// Where the way to the product may leave the range of numbers, small factors meet large ones.
function prod(xs) {
  const z = xs.reduce((a, b) => a * b, 1);
  if ((z !== 0 && Number.isFinite(z)) || !xs.every(Number.isFinite)) return z;
  const rest = [...xs].sort((a, b) => Math.abs(a) - Math.abs(b));
  let product = 1;
  while (rest.length) product *= Math.abs(product) > 1 ? rest.shift() : rest.pop();
  return product;
}

// As in C: 1 to any power is 1, and so is −1 to an infinite one.
function pow(x, y) {
  return x === 1 || (x === -1 && Math.abs(y) === Infinity) ? 1 : Math.pow(x, y);
}

// --- whole numbers and remainders ---

function rint(x) {
  const down = Math.floor(x), rest = x - down;
  if (!Number.isFinite(x) || rest === 0) return x;
  return copysign(rest < 0.5 || (rest === 0.5 && down % 2 === 0) ? down : down + 1, x);
}

function copysign(x, y) {
  return y < 0 || Object.is(y, -0) ? -Math.abs(x) : Math.abs(x);
}

// As Python's %: with the sign of y.
function mod(x, y) {
  const r = x % y;
  if (r === 0) return copysign(0, y);
  return r < 0 !== y < 0 ? r + y : r;
}

function floor_divide(x, y) {
  if (y === 0) return x / y;
  const r = x % y, q = rint((x - r) / y);
  return r !== 0 && r < 0 !== y < 0 ? q - 1 : q;
}

// The remainder to the nearest multiple of y; of two to the even one.
function remainder(x, y) {
  const m = x % (2 * y), a = Math.abs(m), b = Math.abs(y);
  if (a <= b - a) return m;
  const once = m - copysign(b, m);
  return a - b < b - (a - b) ? once : once - copysign(b, m);
}

// --- the gamma function and its logarithmic derivatives; see engine/special.py ---

function sinpi(x) {
  const n = rint(x), t = x - n;
  const s = Math.abs(t) < 0.25 ? Math.sin(Math.PI * t)
    : copysign(Math.cos(Math.PI * (0.5 - Math.abs(t))), t);
  return n % 2 === 0 ? s : -s;
}

function cospi(x) {
  return sinpi(0.5 - (Math.abs(x) % 2));
}

// The numbers of Bernoulli, B(2k).
function bernoulli(k) {
  return [1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510,
    43867 / 798, -174611 / 330][k - 1];
}

// log Γ(2 + t): 1 − γ, then ζ(n) − 1, of which the tail is small.
function log_gamma_near_two(t) {
  const zetas = [
    0.42278433509846713, 0.6449340668482264, -0.2020569031595943, 0.08232323371113819,
    -0.03692775514336993, 0.01734306198444914, -0.008349277381922827, 0.00407735619794434,
    -0.0020083928260822143, 0.0009945751278180853, -0.0004941886041194645,
    0.0002460865533080483, -0.00012271334757848915, 6.124813505870483e-05,
    -3.058823630702049e-05, 1.528225940865187e-05, -7.637197637899763e-06,
    3.81729326499984e-06, -1.908212716553939e-06, 9.539620338727962e-07,
    -4.769329867878064e-07, 2.38450502727733e-07, -1.1921992596531106e-07,
    5.960818905125948e-08, -2.980350351465228e-08, 1.4901554828365043e-08,
    -7.45071178983543e-09, 3.725334024788457e-09, -1.862659723513049e-09,
    9.313274324196682e-10, -4.656629065033784e-10, 2.3283118336765053e-10,
    -1.164155017270052e-10,
  ];
  let total = 0;
  for (let k = zetas.length; k > 0; k--) total = total * t + zetas[k - 1] / k;
  return total * t;
}

function rising(t, first, last) {
  let product = 1;
  for (let j = first; j <= last; j++) product *= t + j;
  return product;
}

function lgamma(x) {
  if (!Number.isFinite(x)) return x * x;
  if (x <= 0 && x === Math.floor(x)) return Infinity;
  if (x >= 20) {
    let series = 0;
    for (let k = 8; k > 0; k--) series = series / x / x + bernoulli(k) / (2 * k * (2 * k - 1));
    return (x - 0.5) * (Math.log(x) - 1) + (0.4189385332046727 + series / x);
  }
  if (x <= -20) return -Math.log((-x * Math.abs(sinpi(-x))) / Math.PI) - lgamma(-x);
  const n = x > 1.35 && x < 2 ? 2 : rint(x), t = x - n, near = log_gamma_near_two(t);
  if (n === 0) return near - Math.log1p(t) - Math.log(Math.abs(x));
  if (n === 1) return near - Math.log1p(t);
  if (n > 2) return near + Math.log(rising(t, 2, n - 1));
  return n < 2 ? near - Math.log(Math.abs(rising(t, n, 1))) : near;
}

function gamma(x) {
  if (x > 171.7) return Infinity;
  if (!(x > -Infinity) || (x <= 0 && x === Math.floor(x))) return NaN;
  if (x < -200) return 0 / sinpi(x);
  if (x < -20) return -Math.PI / (-x * sinpi(-x)) / gamma(-x);
  const n = rint(x), t = x - n, near = Math.exp(log_gamma_near_two(t));
  return n > 2 ? near * rising(t, 2, n - 1) : near / rising(t, n, 1);
}

function digamma(x) {
  if (x <= 0 && x === Math.floor(x)) return NaN;
  if (x < -20) return digamma(1 - x) - Math.PI * (cospi(x) / sinpi(x));
  if (x >= 10) {
    let series = 0;
    for (let k = 10; k > 0; k--) series = series / x / x + bernoulli(k) / (2 * k);
    return Math.log(x) - (0.5 / x + series / x / x);
  }
  if (Number.isNaN(x)) return x;
  const terms = [];
  while (x > 2) terms.push(1 / --x);
  for (; x < 0; x++) terms.push(-1 / x);
  if (x < 1) terms.push(-1 / x);
  const t = x >= 1 ? x - 1 : x;
  const horner = (cs) => cs.reduce((total, c) => total * t + c, 0);
  const root = t - 0.46163214463740587 - 3.309564688275257e-10 - 9.016312093258695e-20;
  const p = horner([-0.002892683683339188, -0.05411562661535053, -0.31476765714737576, -0.6658363415598763,
    -0.3146285545329165, 0.25479851061131553]), q = horner([3.179402431059522e-08, -1.650797940126049e-06, 0.00298999662592324, 0.06604814871735698,
    0.486986018231043, 1.5435055466496113, 2.119575992705535, 1.0]);
  return sum([root * 0.9955816268920898, (root * p) / q, ...terms]);
}

function polygamma(x, n) {
  if (!Number.isFinite(x)) return x === Infinity ? 0 : NaN;
  const sign = n % 2 ? 1 : -1;
  if (x <= 0 && x === Math.floor(x)) return NaN;
  if (x < -20) return -sign * polygamma(1 - x, n) - cotangent_derivative(x, n);
  const factorial = (k) => (k > 1 ? k * factorial(k - 1) : 1);
  const terms = [];
  for (; x < 20 + n; x++) terms.push(factorial(n) * Math.pow(x, -n - 1));
  terms.push(factorial(n - 1) * Math.pow(x, -n), 0.5 * factorial(n) * Math.pow(x, -n - 1));
  for (let k = 1; k <= 10; k++) {
    const c = factorial(2 * k + n - 1) / factorial(2 * k);
    terms.push(bernoulli(k) * c * Math.pow(x, -n - 2 * k));
  }
  return sign * sum(terms);
}

function cotangent_derivative(x, n) {
  const c = cospi(x) / sinpi(x);
  let powers = [0, 1];
  for (let i = 0; i < n; i++) {
    const slope = powers.map((a, k) => k * a).slice(1);
    powers = [...slope, 0, 0].map((a, k) => -a - (k > 1 ? slope[k - 2] : 0));
  }
  return Math.pow(Math.PI, n + 1) * powers.reduceRight((total, a) => total * c + a, 0);
}

// --- the normal distribution; see engine/special.py ---

function mills_tail(x, n) {
  if (!Number.isFinite(x)) return x > 0 ? (n ? x : 0) : x < 0 ? (n ? 0 : Infinity) : x;
  if (x > (n ? -0.3 : -6)) {
    const t = x * -0.7071067811865476;
    let k = x > 40 ? 0 : bell(t) / (1.2533141373155003 * erfc(t));
    for (let i = 0; i < n; i++) k = x + (i ? i / k : k);
    return k;
  }
  const last = n + 15 + Math.floor(400 / (x * x));
  const a = x - 1 / Math.hypot(x, 2 * Math.sqrt(last));
  let k = 0.5 * (a + Math.hypot(a, 2 * Math.sqrt(last + 1)));
  for (let i = last; i >= Math.max(n, 1); i--) k = i / (k - x);
  return n ? k : k - x;
}

function mills(x) {
  return mills_tail(x, 0);
}

function log_ndtr(x) {
  if (x > 0) return Math.log1p(-0.5 * erfc(x * 0.7071067811865476));
  if (x > -1) return Math.log(0.5 * erfc(x * -0.7071067811865476));
  return x === -Infinity ? x : -0.5 * x * x - Math.log(2.5066282746310007 * mills_tail(x, 0));
}

function erfinv(x) {
  const rest = 1 - Math.abs(x);
  if (!(rest > 0)) return rest === 0 ? x * Infinity : NaN;
  if (rest > 1 - 1e-9) return 0.886226925452758 * x;
  let z = copysign(Math.sqrt(Math.max(-Math.log(rest), 0.5)) - 0.7, x);
  for (let i = 0; i < 40; i++) {
    const missing = rest > 0.5 ? x - erf(z) : Math.sign(x) * (erfc(Math.abs(z)) - rest);
    const step = (missing * 0.886226925452758) / bell(z);
    z += step / (1 - z * step);
    if (Math.abs(step) < 1e-12) break;
  }
  return z;
}

function erfinv_slope(x) {
  return 0.886226925452758 / bell(erfinv(x));
}

function sinc(x) {
  return sinc_derivative(x, 0);
}

// The n-th derivative of sin(πx)/(πx).
function sinc_derivative(x, n) {
  if (!Number.isFinite(x)) return Number.isNaN(x) ? x : 0;
  if (Math.abs(x) < 0.5 + 0.25 * n) {
    const terms = [];
    const factorial = (k) => (k > 1 ? k * factorial(k - 1) : 1);
    for (let k = Math.ceil(n / 2); k < 40 + n; k++) {
      const c = (k % 2 ? -1 : 1) * Math.pow(Math.PI, 2 * k) * Math.pow(x, 2 * k - n);
      terms.push(c / ((2 * k + 1) * factorial(2 * k - n)));
    }
    return sum(terms);
  }
  const waves = [sinpi(x), cospi(x), -sinpi(x), -cospi(x)];
  let z = waves[0] / (Math.PI * x);
  for (let k = 1; k <= n; k++) z = (Math.pow(Math.PI, k - 1) * waves[k % 4] - k * z) / x;
  return z;
}

// x/√(x² + y²), also where an operand is infinite, or the root too large.
function direction(x, y) {
  let [a, b] = [x / 2, y / 2];
  if (Math.abs(x) === Infinity || Math.abs(y) === Infinity) {
    [a, b] = [x, y].map((v) => (Math.abs(v) === Infinity ? Math.sign(v) : v * 0));
  } else if (Math.hypot(x, y) !== Infinity) return x / Math.hypot(x, y);
  return a / Math.hypot(a, b);
}

// The slopes where a formula has none (0/0, 0·∞), as the table has them; NaN: the formula's stands.
function pow_edges(z, x, y) {
  return x === 0 ? [y === 0 || y === Infinity ? 0 : NaN, 0] : [NaN, NaN];
}

function logsumexp_edges(z, xs) {
  const ties = xs.filter((x) => x === z).length;
  return xs.map((x) => (x === z ? 1 / ties : 0));
}

function xlogy_edges(z, x, y) {
  return [NaN, x === 0 ? 0 : NaN];
}
