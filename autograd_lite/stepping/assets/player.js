// The player: shows one step at a time in the picture and in words. It knows nothing of calculus;
// the steps say what changes. Their words stand in the page's transcript and are read from there.
const words = [...document.querySelectorAll("#all li")].map((item) => [...item.children]);
const stillness = matchMedia("(prefers-reduced-motion: reduce)");
const END = data.steps.length - 1;
let at = 0;
let timer = 0;

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
  for (const part of [$("text"), $("math")]) {
    const scrolls = part.scrollHeight > part.clientHeight + 1;
    scrolls ? part.setAttribute("tabindex", 0) : part.removeAttribute("tabindex");
  }
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
  follow(step.nodes, !(stillness.matches || timer));
  frameMap();
  address(at);
}

// --- the controls --------------------------------------------------------------------------------

function stop() {
  clearInterval(timer);
  timer = 0;
  $("play").textContent = "▶ Play";
  $("text").setAttribute("aria-live", "polite");
}

function tick() {
  go(at + 1);
  if (at === END) stop();
}

function play() {
  if (timer) return stop();
  approach();
  if (at === END) go(0);
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

const back = () => move(at - 1), on = () => move(at + 1);
// PageUp and PageDown are what clickers send.
const KEYS = {
  ArrowLeft: back, ArrowRight: on, PageUp: back, PageDown: on,
  Home: () => move(0), End: () => move(END), " ": play,
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
  for (const id of ["text", "controls", "lens"]) $(id).hidden = false;
  $("all").open = false;
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
