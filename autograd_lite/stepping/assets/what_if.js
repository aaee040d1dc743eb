// What if a leaf had another number? The graph is computed again, forward and backward, with the
// functions printed from the table of primitives, and the linear prediction Σ g·Δx is set beside
// the true change.
const OPERATIONS = [__OPERATIONS__];

// As many digits as the pictures show.
const DIGITS = data.digits;
// A half between two numbers of so many digits, of which the lower one is even: 0.15625.
const HALF = new RegExp(`${DIGITS === 1 ? "[2468]\\." : `\\.\\d{${DIGITS - 2}}[02468]`}50*e`);

function shown(x) {
  if (Number.isNaN(x)) return "NaN";
  if (!Number.isFinite(x)) return x > 0 ? "∞" : "−∞";
  if (x === 0) return "0";
  // Python rounds halves to the even digit, JavaScript away from 0.
  const exact = x.toExponential(60);
  const [mantissa, power] = (HALF.test(exact) ? exact : x.toExponential(DIGITS - 1)).split("e");
  const figures = mantissa.replace(/[-.]/g, "").slice(0, DIGITS).replace(/0+$/, "");
  const exponent = Number(power), whole = Math.max(1, exponent + 1);
  const pointed = (text, n) => text.slice(0, n).padEnd(n, "0") + (text.length > n ? `.${text.slice(n)}` : "");
  const text = exponent < -4 || exponent >= DIGITS
    ? `${pointed(figures, 1)}e${exponent < 0 ? "−" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`
    : pointed("0".repeat(Math.max(0, -exponent)) + figures, whole);
  return (x < 0 ? "−" : "") + text;
}

// A number after an operator: in brackets where it is negative.
const signed = (x) => (x < 0 ? `(${shown(x)})` : shown(x));

// The forward and the backward pass from these leaves. As in Python: an edge whose piece is not
// chosen passes nothing, not even ∞, and a zero that arithmetic made times ∞ is NaN.
function replay(leaves) {
  const value = { ...leaves }, slope = {}, grad = { [data.output]: 1 };
  for (const [id, [kind, parents]] of Object.entries(data.program)) {
    const operation = OPERATIONS[kind], operands = parents.map((parent) => value[parent]);
    value[id] = operation.f(operands);
    slope[id] = slopes_of(operation, value[id], operands);
  }
  for (const [id, [kind, parents]] of Object.entries(data.program).reverse()) {
    if (!(id in grad)) continue;
    parents.forEach((parent, k) => {
      if (OPERATIONS[kind].c && slope[id][k] === 0) return;
      grad[parent] = (grad[parent] ?? 0) + grad[id] * slope[id][k];
    });
  }
  for (const id of data.nodes) grad[id] ??= 0;
  return { value, slope, grad };
}

const recorded = Object.fromEntries(Object.entries(data.exact).map(([id, text]) => [id, Number(text)]));
const leaves = { ...recorded };
const base = replay(recorded);
const knobs = new Map();
let touched = true;

function turn(id, number) {
  stop();
  leaves[id] = number;
  const now = replay(leaves);
  showNow(now);
  tellEffect(now);
}

// The whole picture with the new numbers.
function showNow({ value, slope, grad }) {
  const map = (numbers) => Object.fromEntries(Object.entries(numbers).map(([id, x]) => [id, shown(x)]));
  const slopes = {};
  for (const [id, partials] of Object.entries(slope)) partials.forEach((x, k) => { slopes[`${id}-${k}`] = shown(x); });
  const moved = Object.keys(recorded).filter((id) => leaves[id] !== recorded[id]);
  const all = { data: map(value), grad: map(grad), slope: slopes, back: true };
  draw(all, { nodes: moved, edges: [], node: data.output });
  const changes = moved.map((id) => `${data.names[id]}: ${shown(recorded[id])} → ${shown(leaves[id])}`);
  const [before, after] = [base, { value }].map((pass) => shown(pass.value[data.output]));
  $("player").className = "";
  $("phase").textContent = "what if";
  $("title").textContent = changes.join(",  ") || "as recorded";
  $("math").textContent = `${data.names[data.output]}: ${before} → ${after}`;
  $("note").textContent = "Every number in the picture is computed anew, forward and backward.";
}

function tellEffect({ value }) {
  const output = data.names[data.output];
  const terms = [];
  let predicted = 0;
  for (const [id, { place }] of knobs) {
    const change = leaves[id] - recorded[id];
    place.textContent = `${data.knobs[id]} = ${shown(base.grad[id])}`;
    if (change === 0) continue;
    predicted += base.grad[id] * change;
    terms.push(`${(terms.length ? signed : shown)(base.grad[id])} × ${signed(change)}`);
  }
  const before = base.value[data.output], after = value[data.output], truth = after - before;
  const rounding = 1e-15 * (Math.abs(before) + Math.abs(after));
  if (!terms.length) {
    $("effect").textContent = `${output} = ${shown(before)}, as recorded. Move a slider or type a number.`;
  } else if (!Number.isFinite(after)) {
    const id = Object.keys(data.program).find((node) => !Number.isFinite(value[node]));
    $("effect").textContent = `${data.names[id]} has no finite value there.`;
  } else {
    const sum = terms.length > 4 ? `sum of ${terms.length} products g·Δ` : terms.join(" + ");
    $("effect").textContent = `predicted: Δ${output} ≈ ${sum} = ${shown(predicted)}\n`
      + `true:      Δ${output} = ${shown(after)} − ${signed(before)} = ${shown(truth)}\n`
      + (Math.abs(predicted - truth) <= 1e-9 * Math.abs(truth) + rounding ? "Here the prediction is exact."
        : `The prediction is off by ${shown(predicted - truth)}: a gradient holds for small changes.`);
  }
}

function knob(id) {
  const name = data.names[id], x = recorded[id];
  const row = document.createElement("div"), label = document.createElement("label");
  const field = document.createElement("input"), slider = document.createElement("input");
  const place = document.createElement("span");
  row.className = "knob";
  label.textContent = name;
  label.htmlFor = field.id = `field-${id}`;
  field.type = "number";
  field.step = "any";
  slider.type = "range";
  slider.setAttribute("aria-label", `${name}, slider`);
  const middle = Number.isFinite(x) ? x : 0;
  const reach = Math.max(1, 2 * Math.abs(middle));
  Object.assign(slider, { min: middle - reach, max: middle + reach, step: reach / 200 });
  field.placeholder = shown(x);
  const set = (number) => {
    field.value = Number.isFinite(number) ? number : "";
    slider.value = Number.isFinite(number) ? number : middle;
  };
  set(x);
  field.oninput = () => {
    touched = true;
    if (field.value.trim() === "" || !Number.isFinite(Number(field.value))) return;
    slider.value = field.value;
    turn(id, Number(field.value));
  };
  slider.oninput = () => {
    touched = true;
    const home = Math.abs(slider.value - middle) < reach / 400;
    const number = home ? x : Number(Number(slider.value).toPrecision(6));
    field.value = number;
    turn(id, number);
  };
  row.append(label, field, slider, place);
  $("knobs").append(row);
  knobs.set(id, { set, place });
}

function resetKnobs() {
  if (!touched) return;
  touched = false;
  Object.assign(leaves, recorded);
  for (const [id, { set }] of knobs) set(recorded[id]);
  tellEffect(base);
}

Object.keys(data.knobs).forEach(knob);
$("whatif").hidden = false;
$("reset").onclick = () => { resetKnobs(); move(at); };
resetKnobs();
listeners.push(() => resetKnobs());
