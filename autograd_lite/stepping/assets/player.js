// The player: shows one step at a time in the picture and in words. What it stands at is in one
// object: the numbers of the leaves, all numbers that follow from them, the steps that are told at
// them, the step that is shown, and the last one that may be. ``go`` shows another step, ``setLeaf`` and ``resetLeaves`` move the numbers.
const stillness = matchMedia("(prefers-reduced-motion: reduce)");
const recorded = Object.fromEntries(Object.entries(data.leaves).map(([id, text]) => [id, Number(text)]));
const player = { leaves: { ...recorded }, numbers: null, steps: [], at: 0, limit: () => end() };
const base = replay(recorded);
let timer = 0;

const end = () => player.steps.length - 1;
const movedLeaves = () => Object.keys(recorded).filter((id) => !Object.is(player.leaves[id], recorded[id]));

// Numbers have moved: the steps go on from them. The step that is shown stays where it can.
function compute() {
  const before = player.steps[player.at];
  player.numbers = replay(player.leaves);
  player.steps = told(player.numbers);
  const same = player.steps.findIndex((step) => before && step.phase === before.phase && step.node === before.node && String(step.edges) === String(before.edges));
  player.at = same < 0 ? Math.min(player.at, end()) : same;
  $("slider").max = end() + 1;
  $("changed").textContent = movedLeaves().map((id) => `${data.names[id]} = ${shown(player.leaves[id])}`).join(",  ");
  if ($("all").open && before) list();
}

function setLeaf(id, x) {
  player.leaves[id] = x;
  compute();
}

function resetLeaves() {
  Object.assign(player.leaves, recorded);
  compute();
}

// --- the words -----------------------------------------------------------------------------------

const PHASES = { seed: "backward", again: "forward", result: "update" };
const CLASSES = { backward: "back", update: "moved" };

function put(phase, title, math, note, line = "") {
  $("phase").textContent = phase;
  $("title").textContent = title;
  $("math").textContent = math;
  $("note").textContent = note;
  $("line").textContent = line;
  for (const part of [$("text"), $("math")]) {
    const scrolls = part.scrollHeight > part.clientHeight + 1;
    scrolls ? part.setAttribute("tabindex", 0) : part.removeAttribute("tabindex");
  }
}

// The line of the program that a step is about.
function lineOf(step) {
  const made = step.say && /back|beside/.test(step.phase) ? step.edges.at(-1)?.replace("-out", "") : step.node;
  return /seed|update|again|result/.test(step.phase) ? "" : data.lines?.[made] ?? "";
}

function say(step) {
  const [title, math, note] = wordsOf(step, player.numbers), i = player.at;
  const phase = PHASES[step.phase] || step.phase;
  $("player").className = CLASSES[phase] || "";
  put(step.phase === "again" ? "forward again" : step.phase === "result" ? "result" : phase, title, math, note, lineOf(step));
  $("count").textContent = `${i + 1} / ${end() + 1}`;
  $("slider").value = i + 1;
  $("slider").setAttribute("aria-valuetext", `Step ${i + 1} of ${end() + 1}: ${title}`);
  // aria-disabled keeps the focus where it is, disabled would lose it
  for (const id of ["first", "previous"]) $(id).setAttribute("aria-disabled", i === 0);
  for (const id of ["next", "last"]) $(id).setAttribute("aria-disabled", i === end());
}

// All steps as text, at these numbers.
function list() {
  const items = player.steps.map((step) => {
    const item = document.createElement("li"), words = wordsOf(step, player.numbers);
    item.append(...["b", "p", "small", "code"].map((name, i) => Object.assign(document.createElement(name), { textContent: words[i] ?? lineOf(step) })));
    return item;
  });
  document.querySelector("#all ol").replaceChildren(...items);
  document.querySelector("#all summary").textContent = `All ${items.length} steps as text`;
}

// Others may look at a step before it is shown (the quiz hides its answer).
const listeners = [];

function go(i) {
  player.at = Math.min(player.limit(), Math.max(0, i));
  const step = player.steps[player.at];
  const state = known(player.steps.slice(0, player.at + 1), player.numbers);
  const active = { node: step.node, nodes: nodesOf(step), edges: step.edges };
  say(step);
  for (const listener of listeners) listener(step, state, active);
  draw(state, active);
  follow(active.nodes, !(stillness.matches || timer));
  look();
  address(player.at);
}

// --- the controls --------------------------------------------------------------------------------

function stop() {
  clearInterval(timer);
  timer = 0;
  $("play").textContent = "▶ Play";
  $("text").setAttribute("aria-live", "polite");
}

function tick() {
  go(player.at + 1);
  if (player.at === player.limit()) stop();
}

function play() {
  if (timer) return stop();
  approach();
  if (player.at === end()) go(0);
  $("play").textContent = "❚❚ Pause";
  $("text").setAttribute("aria-live", "off");
  timer = setInterval(tick, 1200 / $("speed").value);
}

// Another speed while it plays.
function pace() {
  if (!timer) return;
  clearInterval(timer);
  timer = setInterval(tick, 1200 / $("speed").value);
}

function move(to) {
  stop();
  approach();
  go(to);
}

const back = () => move(player.at - 1), on = () => move(player.at + 1);
// PageUp and PageDown are what clickers send.
const KEYS = {
  ArrowLeft: back, ArrowRight: on, PageUp: back, PageDown: on,
  Home: () => move(0), End: () => move(end()), " ": play,
  "+": () => zoom(1.25), "=": () => zoom(1.25), "-": () => zoom(0.8), "−": () => zoom(0.8), 0: fit,
  f: fullScreen, "?": () => $("keys").showModal(),
};

// Keys that a field needs are the field's; the slider leaves some to the player.
function onKey(event) {
  const spared = [" ", "PageUp", "PageDown"].includes(event.key) ? "input:not(#slider), select" : "input, select";
  const pressed = event.key === " " && event.target.closest("button, summary");
  if (event.target.closest(spared) || pressed || event.altKey || event.ctrlKey || event.metaKey) return;
  if ($("keys").open || !KEYS[event.key]) return;
  event.preventDefault();
  KEYS[event.key]();
}

function start() {
  startHost();
  for (const id of ["text", "controls"]) $(id).hidden = false;
  $("all").open = false;
  $("all").ontoggle = () => { if ($("all").open && (data.elsewhere || movedLeaves().length)) list(); };
  $("text").setAttribute("aria-live", "polite");
  $("first").onclick = KEYS.Home;
  $("previous").onclick = back;
  $("play").onclick = play;
  $("next").onclick = on;
  $("last").onclick = KEYS.End;
  $("slider").oninput = () => move(Number($("slider").value) - 1);
  $("speed").onchange = pace;
  $("help").onclick = KEYS["?"];
  document.addEventListener("keydown", onKey);
  window.addEventListener("hashchange", () => move(addressed()));
  startView();
  go(addressed());
}

compute();
