// The arithmetic of the page. Every number has a key: of node n5 its data dn5 and its gradient gn5;
// of the edge n5-0 its local derivative sn5-0, the product qn5-0, the share hn5-0 that it passes on
// (0 where it is shut), and the operand's gradient before and after, bn5-0 and an5-0. A step of
// training adds the second forward pass, Dn5 and Sn5-0, and by how much the output moved.
const $ = (id) => document.getElementById(id);
const data = JSON.parse($("data").textContent);
const PROGRAM = Object.entries(data.program);
const BACK = [...PROGRAM].reverse();

// As many digits as the pictures show.
const DIGITS = data.digits;
// A half between two numbers of so many digits, of which the lower one is even: 0.15625.
const half = (digits) => new RegExp(`${digits === 1 ? "[2468]\\." : `\\.\\d{${digits - 2}}[02468]`}50*e`);
const HALVES = Object.fromEntries([DIGITS, data.longer].map((digits) => [digits, half(digits)]));

function shown(x, digits = DIGITS) {
  if (Number.isNaN(x)) return "NaN";
  if (!Number.isFinite(x)) return x > 0 ? "∞" : "−∞";
  if (x === 0) return "0";
  // Python rounds halves to the even digit, JavaScript away from 0.
  const exact = x.toExponential(60);
  const [mantissa, power] = (HALVES[digits].test(exact) ? exact : x.toExponential(digits - 1)).split("e");
  const figures = mantissa.replace(/[-.]/g, "").slice(0, digits).replace(/0+$/, "");
  const exponent = Number(power), whole = Math.max(1, exponent + 1);
  const pointed = (text, n) => text.slice(0, n).padEnd(n, "0") + (text.length > n ? `.${text.slice(n)}` : "");
  const text = exponent < -4 || exponent >= digits
    ? `${pointed(figures, 1)}e${exponent < 0 ? "−" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`
    : pointed("0".repeat(Math.max(0, -exponent)) + figures, whole);
  return (x < 0 ? "−" : "") + text;
}

// A number after an operator: in brackets where it is negative.
const signed = (x) => (x < 0 ? `(${shown(x)})` : shown(x));

function forward(N, leaves, d, s) {
  for (const id in leaves) N[d + id] = leaves[id];
  for (const [id, [kind, parents]] of PROGRAM) {
    const operands = parents.map((parent) => N[d + parent]);
    const value = N[d + id] = OPERATIONS[kind].f(operands);
    slopes_of(OPERATIONS[kind], value, operands).forEach((slope, k) => { N[`${s}${id}-${k}`] = slope; });
  }
}

// All numbers, from those of the leaves. As in Python: an edge whose piece is not chosen passes
// nothing, not even ∞, and a zero that arithmetic made times ∞ is NaN.
function replay(leaves) {
  const N = { 0: 0 };
  forward(N, leaves, "d", "s");
  N[`g${data.output}`] = 1;
  for (const [id, [kind, parents]] of BACK) {
    const reached = `g${id}` in N, total = N[`g${id}`] ?? 0;
    parents.forEach((parent, k) => {
      const edge = `${id}-${k}`, key = `g${parent}`, slope = N[`s${edge}`];
      const passes = reached && !(OPERATIONS[kind].c && slope === 0);
      N[`q${edge}`] = total * slope;
      N[`b${edge}`] = N[key] ?? 0;
      N[`h${edge}`] = passes ? N[`q${edge}`] : 0;
      if (passes) N[key] = N[`b${edge}`] + N[`h${edge}`];
      N[`a${edge}`] = N[key] ?? 0;
    });
  }
  for (const id of data.nodes) N[`g${id}`] ??= 0;
  if (data.training) train(N, leaves);
  return N;
}

function train(N, leaves) {
  const moved = { ...leaves };
  for (const id of data.training.parameters) moved[id] -= data.training.rate * N[`g${id}`];
  forward(N, moved, "D", "S");
  N.by = Math.abs(N[`D${data.output}`] - N[`d${data.output}`]);
}
