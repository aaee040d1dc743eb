// The picture: what its plates, operations and edges show. It knows nothing of steps and calculus.
const $ = (id) => document.getElementById(id);
const data = JSON.parse($("data").textContent);
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

const plates = new Map(data.nodes.map((id) => {
  const plate = $(`ag-${id}`);
  return [id, { plate, op: $(`ag-${id}o`), data: numberOn(plate, "data"), grad: numberOn(plate, "grad") }];
}));

// An edge may come in several pieces: its beginning may lead to a module's port.
const edges = new Map(EDGES.map((id) => {
  const pieces = [$(`ag-e-${id}`), ...document.getElementsByClassName(`ag-e-${id}`)];
  const found = pieces.filter(Boolean);
  return [id, { pieces: found, label: found.length ? found[0].querySelector("text") : null }];
}));

// A number that is wider than its room, up to the word before it, is set narrower.
function write({ text: element, before, label }, text) {
  if (!element || element.textContent === before + text) return;
  element.textContent = before + text;
  element.removeAttribute("textLength");
  if (!label) return;
  const room = element.x.baseVal[0].value - label.x.baseVal[0].value - label.getComputedTextLength();
  if (element.getComputedTextLength() <= room) return;
  element.setAttribute("textLength", room);
  element.setAttribute("lengthAdjust", "spacingAndGlyphs");
}

function toggle(element, name, wanted) {
  if (element) element.classList.toggle(name, wanted);
}

// Show what is known, and light up what takes part: { node, nodes, edges }.
function draw(state, active) {
  const nodes = new Set(active.nodes), lit = new Set(active.edges);
  for (const [id, { plate, op, data: number, grad }] of plates) {
    const known = id in state.data;
    write(number, known ? state.data[id] : "?");
    write(grad, id in state.grad ? state.grad[id] : state.back ? "0" : "–");
    for (const part of [plate, op]) toggle(part, "todo", !known);
    toggle(plate, "on", nodes.has(id));
    toggle(plate, "target", active.node === id);
    toggle(op, "on", lit.has(`${id}-out`));
  }
  for (const [id, { pieces, label }] of edges) {
    const known = id in state.slope || (id.endsWith("-out") && id.slice(0, -4) in state.data);
    if (label) label.textContent = state.slope[id] ?? "";
    for (const piece of pieces) {
      toggle(piece, "todo", !known);
      toggle(piece, "on", lit.has(id));
    }
  }
  // A port's lead serves several edges: it is active when one of them is.
  for (const id of lit) edges.get(id)?.pieces.forEach((piece) => piece.classList.add("on"));
  for (const [id, { pieces }] of edges) {
    if (id in state.slope) pieces.forEach((piece) => piece.classList.remove("todo"));
  }
}
