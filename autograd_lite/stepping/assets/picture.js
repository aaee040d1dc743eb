// The picture: what its plates, operations and edges show. It knows nothing of steps and calculus.
const EDGES = Object.entries(data.program).flatMap(([id, [, parents]]) => [
  ...parents.map((_, k) => `${id}-${k}`), `${id}-out`,
]);

// The number on a plate, whether it is a text of its own or follows its word ("data 2").
function numberOn(plate, word) {
  const texts = plate ? [...plate.querySelectorAll("text")] : [];
  const own = texts.find((text) => text.classList.contains(`ag-${word}`));
  const shared = own || texts.find((text) => text.textContent.startsWith(word));
  return { text: shared, before: own ? "" : `${word} `, label: own && texts[texts.indexOf(own) - 1] };
}

// An edge may come in several pieces: its beginning may lead to a module's port, and serve other
// edges too.
const plates = new Map(), pieces = new Map(), labels = new Map();

function find() {
  for (const id of data.nodes) {
    const plate = $(`ag-${id}`);
    plates.set(id, { plate, op: $(`ag-${id}o`), data: numberOn(plate, "data"), grad: numberOn(plate, "grad") });
  }
  pieces.clear();
  for (const id of EDGES) {
    const found = [$(`ag-e-${id}`), ...document.getElementsByClassName(`ag-e-${id}`)].filter(Boolean);
    for (const piece of found) pieces.set(piece, [...(pieces.get(piece) ?? []), id]);
    labels.set(id, { text: found[0]?.querySelector("text"), before: "" });
  }
}

find();

const written = new WeakMap(), long = [];

// A number, or a text in its place.
function write(place, x) {
  const { text: element, before } = place;
  if (!element || Object.is(written.get(element), x)) return;
  written.set(element, x);
  const text = typeof x === "string" ? x : shown(x);
  element.textContent = before + text;
  element.removeAttribute("textLength");
  if (text.length > DIGITS + 2) long.push(place);
}

// A number that is wider than its room (up to the word before it on a plate, a number of usual
// length on an edge) is set narrower: an exponent may be. All are measured before one is changed.
function narrow() {
  const measured = long.map(({ text, label }) => {
    const room = label ? text.x.baseVal[0].value - label.x.baseVal[0].value - label.getComputedTextLength() : 5.5 * (DIGITS + 2);
    return [text, room, text.getComputedTextLength()];
  });
  for (const [text, room, length] of measured) {
    if (length <= room) continue;
    text.setAttribute("textLength", room);
    text.setAttribute("lengthAdjust", "spacingAndGlyphs");
  }
  long.length = 0;
}

// The classes of a part beside its own; to set what is set already would cost most of a step.
const worn = new Map();

function dress(part, classes) {
  if (!part) return;
  const [own, before] = worn.get(part) ?? [part.getAttribute("class") ?? "", ""];
  if (classes !== before) part.setAttribute("class", own + classes);
  worn.set(part, [own, classes]);
}

const wear = (facts) => Object.keys(facts).filter((name) => facts[name]).map((name) => ` ${name}`).join("");

// Show what is known, and light up what takes part: { node, nodes, edges }.
function draw(state, active) {
  const nodes = new Set(active.nodes), lit = new Set(active.edges);
  for (const [id, { plate, op, data: number, grad }] of plates) {
    const known = id in state.data, reached = id in state.grad || !state.back;
    write(number, known ? state.data[id] : "?");
    write(grad, id in state.grad ? state.grad[id] : "–");
    const on = nodes.has(id);
    dress(plate, wear({ todo: !known, far: known && !reached && !on, on, target: active.node === id }));
    dress(op, wear({ todo: !known, on: lit.has(`${id}-out`) }));
  }
  const isKnown = (edge) => edge in state.slope || (edge.endsWith("-out") && edge.slice(0, -4) in state.data);
  for (const [piece, ids] of pieces) dress(piece, wear({ todo: !ids.some(isKnown), on: ids.some((id) => lit.has(id)) }));
  for (const [id, label] of labels) write(label, state.slope[id] ?? "");
  narrow();
}
