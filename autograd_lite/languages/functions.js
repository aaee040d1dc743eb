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
  return Number.isFinite(lost) ? total + lost : total;
}

// x = high + low with 26 bits each, so that products of the parts are exact.
function halves(x) {
  const c = 134217729 * x, high = c - (c - x);
  return Number.isFinite(high) ? [high, x - high] : [x, 0];
}

// The last w, where it has no partner, is the bias.
function dot(ws, xs) {
  const terms = [];
  ws.forEach((w, i) => {
    const x = i < xs.length ? xs[i] : 1, product = w * x;
    const [a, b] = halves(w), [c, d] = halves(x);
    const rest = a * c - product + a * d + b * c + b * d;
    terms.push(product, Number.isFinite(rest) ? rest : 0);
  });
  return sum(terms);
}

function logsumexp(xs) {
  const top = Math.max(...xs);
  if (!Number.isFinite(top)) return top;
  const others = [...xs];
  others.splice(others.indexOf(top), 1);
  return top + Math.log1p(sum(others.map((x) => Math.exp(x - top))));
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

// x/√(x² + y²), also where an operand is infinite.
function direction(x, y) {
  if (Number.isFinite(x) && Number.isFinite(y)) return x / Math.hypot(x, y);
  const [a, b] = [x, y].map((v) => (Math.abs(v) === Infinity ? Math.sign(v) : v * 0));
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
