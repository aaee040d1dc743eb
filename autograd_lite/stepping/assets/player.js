// The player: shows one step at a time in the picture and in words. It knows nothing of calculus;
// the steps say what changes. Their words stand in the page's transcript and are read from there.
const $ = (id) => document.getElementById(id);
const data = JSON.parse($("data").textContent);
const words = [...document.querySelectorAll("#all li")].map((item) => [...item.children]);
const stillness = matchMedia("(prefers-reduced-motion: reduce)");
const frame = (() => { try { return window.frameElement; } catch { return null; } })();
const END = data.steps.length - 1;
const EDGES = Object.entries(data.program).flatMap(([id, [, parents]]) => [
  ...parents.map((_, k) => `${id}-${k}`), `${id}-out`,
]);
let at = 0;
let timer = 0;

// --- the picture ---------------------------------------------------------------------------------

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

// What is known after a step: numbers, gradients, local derivatives.
function stateAt(i) {
  const state = { data: { ...data.leaves }, grad: {}, slope: {}, back: false };
  for (const step of data.steps.slice(0, i + 1)) {
    for (const [id, change] of Object.entries(step.set)) {
      if ("data" in change) state.data[id] = change.data;
      if ("grad" in change) state.grad[id] = change.grad;
    }
    Object.assign(state.slope, step.reveal);
    state.back ||= step.phase === "seed";
  }
  return state;
}

function draw(state, step) {
  const nodes = new Set(step.nodes);
  const active = new Set(step.edges);
  for (const [id, { plate, op, data: number, grad }] of plates) {
    const known = id in state.data;
    write(number, known ? state.data[id] : "?");
    write(grad, id in state.grad ? state.grad[id] : state.back ? "0" : "–");
    for (const part of [plate, op]) toggle(part, "todo", !known);
    toggle(plate, "on", nodes.has(id));
    toggle(plate, "target", step.node === id);
    toggle(op, "on", active.has(`${id}-out`));
  }
  for (const [id, { pieces, label }] of edges) {
    const known = id in state.slope || (id.endsWith("-out") && id.slice(0, -4) in state.data);
    if (label) label.textContent = state.slope[id] ?? "";
    for (const piece of pieces) {
      toggle(piece, "todo", !known);
      toggle(piece, "on", active.has(id));
    }
  }
  // A port's lead serves several edges: it is active when one of them is.
  for (const id of active) edges.get(id)?.pieces.forEach((piece) => piece.classList.add("on"));
  for (const [id, { pieces }] of edges) {
    if (id in state.slope) pieces.forEach((piece) => piece.classList.remove("todo"));
  }
}

// Between 0.8 and 1.15 times its natural size; beyond that the box scrolls.
function fit() {
  const svg = document.querySelector("#picture svg");
  if (!svg) return;
  const { width, height } = svg.viewBox.baseVal;
  const natural = (width * 4) / 3;
  const scale = Math.min(1.15, Math.max(0.8, ($("picture").clientWidth - 18) / natural));
  svg.setAttribute("width", Math.round(natural * scale));
  svg.setAttribute("height", Math.round(((height * 4) / 3) * scale));
}

function reveal(id) {
  const box = $("picture");
  const plate = plates.get(id)?.plate;
  if (!plate) return;
  const outer = box.getBoundingClientRect();
  const inner = plate.getBoundingClientRect();
  const hidden = inner.left < outer.left + 40 || inner.right > outer.right - 40
    || inner.top < outer.top + 10 || inner.bottom > outer.bottom - 10;
  // From where the box is now: it may be on its way to an earlier step, which is over.
  box.scrollTo({
    left: box.scrollLeft + hidden * (inner.left + inner.right - outer.left - outer.right) / 2,
    top: box.scrollTop + hidden * (inner.top + inner.bottom - outer.top - outer.bottom) / 2,
    behavior: stillness.matches || timer || !hidden ? "auto" : "smooth",
  });
}

// --- the words -----------------------------------------------------------------------------------

const PHASES = { seed: "backward", again: "forward", result: "update" };

function say(step, i) {
  const [title, math, note] = words[i].map((element) => element.textContent);
  const phase = PHASES[step.phase] || step.phase;
  $("player").className = { backward: "back", update: "moved" }[phase] || "";
  $("phase").textContent = step.phase === "again" ? "forward again" : step.phase === "result" ? "result" : phase;
  $("title").textContent = title;
  $("math").textContent = math;
  $("note").textContent = note;
  const scrolls = $("math").scrollHeight > $("math").clientHeight;
  scrolls ? $("math").setAttribute("tabindex", 0) : $("math").removeAttribute("tabindex");
  $("count").textContent = `${i + 1} / ${END + 1}`;
  $("slider").value = i + 1;
  $("slider").setAttribute("aria-valuetext", `Step ${i + 1} of ${END + 1}: ${title}`);
  // aria-disabled keeps the focus where it is, disabled would lose it
  for (const id of ["first", "previous"]) $(id).setAttribute("aria-disabled", i === 0);
  for (const id of ["next", "last"]) $(id).setAttribute("aria-disabled", i === END);
}

// Others may look at a step before it is shown (the quiz hides its answer).
const listeners = [];

function go(i) {
  at = Math.min(END, Math.max(0, i));
  const step = data.steps[at];
  const state = stateAt(at);
  say(step, at);
  for (const listener of listeners) listener(step, state);
  draw(state, step);
  reveal(step.node);
  if (frame) frame.dataset.step = at;
}

// --- the controls --------------------------------------------------------------------------------

function stop() {
  clearInterval(timer);
  timer = 0;
  $("play").textContent = "▶ Play";
  $("text").setAttribute("aria-live", "polite");
}

function play() {
  if (timer) return stop();
  if (at === END) go(0);
  $("play").textContent = "❚❚ Pause";
  $("text").setAttribute("aria-live", "off");
  timer = setInterval(() => {
    go(at + 1);
    if (at === END) stop();
  }, 1200);
}

function move(to) {
  stop();
  go(to);
}

const MOVES = {
  ArrowLeft: () => move(at - 1),
  ArrowRight: () => move(at + 1),
  Home: () => move(0),
  End: () => move(END),
  " ": play,
};

function onKey(event) {
  const inField = event.target.closest(event.key === " " ? "input:not(#slider)" : "input");
  const pressed = event.key === " " && event.target.closest("button, summary");
  if (inField || pressed || event.altKey || event.ctrlKey || event.metaKey || !MOVES[event.key]) return;
  event.preventDefault();
  MOVES[event.key]();
}

// --- the page around it --------------------------------------------------------------------------

// Dark or light: what the notebook or the site says, else what the system says.
function isDark() {
  try {
    const { body, documentElement: root } = window.parent.document;
    const said = [
      body.dataset.jpThemeLight && (body.dataset.jpThemeLight === "false" ? "dark" : "light"),
      body.dataset.vscodeThemeKind,
      root.getAttribute("theme"),
      root.dataset.theme || body.dataset.theme,
    ].find(Boolean);
    if (said) return said.includes("dark") || said === "vscode-high-contrast";
  } catch { /* a parent of another origin says nothing */ }
  return matchMedia("(prefers-color-scheme: dark)").matches;
}

function paint() {
  const dark = isDark();
  document.documentElement.classList.toggle("dark", dark);
  document.documentElement.style.colorScheme = dark ? "dark" : "light";
}

function watchTheme() {
  paint();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);
  try {
    const { body, documentElement: root } = window.parent.document;
    const watcher = new MutationObserver(paint);
    for (const element of [body, root]) watcher.observe(element, { attributes: true });
  } catch { /* as above */ }
}

function settle() {
  fit();
  if (frame) frame.style.height = `${Math.ceil($("player").getBoundingClientRect().height) + 2}px`;
}

function start() {
  document.documentElement.classList.toggle("framed", window.parent !== window);
  watchTheme();
  for (const id of ["text", "controls"]) $(id).hidden = false;
  $("all").open = false;
  $("text").setAttribute("aria-live", "polite");
  $("first").onclick = MOVES.Home;
  $("previous").onclick = MOVES.ArrowLeft;
  $("play").onclick = play;
  $("next").onclick = MOVES.ArrowRight;
  $("last").onclick = MOVES.End;
  $("slider").oninput = () => move(Number($("slider").value) - 1);
  document.addEventListener("keydown", onKey);
  fit();
  go(Number(frame?.dataset.step) || 0);
  new ResizeObserver(settle).observe($("player"));
}
