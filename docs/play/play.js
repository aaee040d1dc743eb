// The page: an expression or a program, what Python makes of it, and all of that in the address.
//
//   #e=…   an expression    &n=a:2,b:-3  its numbers      &view=quiz-gradients  what is shown
//   #p=…   a program        &n=…         moved numbers    &step=7               which step
//   #x=…   an example, as it is                           &embed                nothing but the picture
import { Runner, elementOf } from "./runner.js";

const $ = (id) => document.getElementById(id);
const frame = $("frame"), code = $("code");
const FIRST = "neuron";
// One line is an expression unless it says that it is a program.
const PROGRAM = /^\s*(from|import|def|for|while|class|with|if|print)\b|^\s*#/m;

// --- the state, and the address that holds it -----------------------------------------------------

// code: what stands in the field; numbers: by name, as they were written; moved: those of a program.
const state = { code: "", example: "", numbers: {}, view: "steps", step: 1, trusted: true, embed: false };
let examples = [];
const isProgram = () => PROGRAM.test(state.code);

const PLAIN = /%(2C|3A|3B|3D|2B|2F|40|24|3F)/g;
const written = (text) => encodeURIComponent(text).replace(PLAIN, decodeURIComponent);

function address() {
  const parts = state.example ? [`x=${state.example}`] : [`${isProgram() ? "p" : "e"}=${written(state.code)}`];
  const numbers = Object.entries(state.numbers).map(([name, x]) => `${name}:${x}`).join(",");
  const asIs = state.example && numbers === numbersOf(exampleOf(state.example));
  if (numbers && !asIs) parts.push(`n=${written(numbers)}`);
  if (state.view !== "steps") parts.push(`view=${state.view}`);
  if (state.step > 1) parts.push(`step=${state.step}`);
  return `#${parts.join("&")}`;
}

function keep() {
  history.replaceState(null, "", address() + (state.embed ? "&embed" : ""));
  $("whole").href = address();
}

const exampleOf = (name) => examples.find((example) => example.name === name);
const numbersOf = (example) => Object.entries(example?.values ?? {}).map(([name, x]) => `${name}:${x}`).join(",");

function decoded(text) {
  try { return decodeURIComponent(text); } catch { return text; }
}

function read() {
  const parts = location.hash.slice(1).split("&").map((part) => {
    const at = part.indexOf("=");
    return at < 0 ? [part, ""] : [part.slice(0, at), decoded(part.slice(at + 1))];
  });
  const asked = Object.fromEntries(parts);
  const own = asked.p ?? asked.e, example = own === undefined ? exampleOf(asked.x) ?? exampleOf(FIRST) : undefined;
  state.code = own ?? textOf(example);
  state.example = example?.name ?? "";
  state.numbers = asked.n === undefined ? { ...example?.values } : Object.fromEntries(
    asked.n.split(",").map((pair) => pair.split(":")).filter(([name, x]) => name && x));
  state.view = [...$("view").options].some(({ value }) => value === asked.view) ? asked.view : "steps";
  state.step = Math.max(1, Number.parseInt(asked.step, 10) || 1);
  // Whoever sends a link shall not run a program on somebody else's machine unasked.
  state.trusted = own === undefined || !isProgram();
  state.embed = "embed" in asked;
}

const textOf = (example) => example.code ?? example.text;

// --- what is shown --------------------------------------------------------------------------------

const runner = new Runner();
let asked = 0, reply = {};

const SAID = { starting: "Python is starting …", busy: "Python is at work …", ready: "", failed: "Python did not start." };
function said() {
  $("state").textContent = SAID[runner.state];
  $("stop").hidden = runner.state !== "busy";
  document.documentElement.dataset.state = runner.state;
}
runner.addEventListener("state", said);
said();

function fill() {
  if (code.value !== state.code) code.value = state.code;
  $("example").value = state.example;
  $("view").value = state.view;
  $("draw").textContent = isProgram() ? "Run" : "Draw";
  $("trust").hidden = state.trusted;
  document.documentElement.classList.toggle("embed", state.embed);
  $("whole").hidden = !state.embed;
  grow();
}

// The field is as high as its text, up to a quarter of the window.
function grow() {
  code.style.height = "auto";
  code.style.height = `${Math.min(code.scrollHeight + 2, Math.max(90, innerHeight / 4))}px`;
}

function problem(text = "") {
  $("problem").textContent = text;
  $("problem").hidden = !text;
}

async function draw(extra = {}) {
  fill();
  keep();
  if (!state.trusted) return clear();
  const mine = ++asked, { view } = state;
  const request = isProgram()
    ? { what: "program", code: state.code, view }
    : { what: "expression", text: state.code, values: state.numbers, view, ...extra };
  try {
    const answer = await runner.ask(request);
    if (mine === asked) show(answer);
  } catch (error) {
    if (mine !== asked) return;
    clear();
    problem(error.message);
  }
}

function clear() {
  reply = {};
  problem();
  show({});
}

function show(answer) {
  reply = answer;
  problem(answer.error);
  if (answer.values) state.numbers = answer.values;
  const outputs = answer.outputs ?? [];
  $("outputs").replaceChildren(...outputs.map(elementOf));
  $("outputs").hidden = !outputs.length;
  $("view").disabled = answer.views === false;
  $("other").hidden = isProgram();
  fields(answer.values ?? {});
  frame.hidden = !answer.html;
  if (!answer.html) return keep();
  frame.title = answer.title;
  frame.dataset.step = state.step - 1;
  frame.dataset.leaves = isProgram() ? JSON.stringify(Object.fromEntries(
    Object.entries(state.numbers).map(([name, x]) => [name, Number(x)]))) : "";
  frame.srcdoc = answer.html;
  keep();
}

// A field for each number; what is moved in the picture moves here too.
function fields(values) {
  $("numbers").hidden = !Object.keys(values).length;
  $("numbers").replaceChildren(...Object.entries(values).map(([name, x]) => {
    const label = document.createElement("label"), field = document.createElement("input");
    Object.assign(field, { value: x, name, size: Math.min(10, Math.max(4, x.length)), autocomplete: "off", inputMode: "text" });
    field.onchange = () => {
      state.numbers[name] = field.value.trim().replace(/[−–]/g, "-");
      if (!field.value.trim()) delete state.numbers[name];
      draw();
    };
    label.append(`${name} = `, field);
    return label;
  }));
}

// The player says on its frame which step it is at, and which numbers were moved.
new MutationObserver(() => {
  if (frame.hidden || !reply.html) return;
  state.step = Number(frame.dataset.step) + 1 || 1;
  const moved = JSON.parse(frame.dataset.leaves || "{}");
  state.numbers = { ...reply.values };
  for (const [name, x] of Object.entries(moved)) {
    if (reply.values && !(name in reply.values)) continue;
    state.numbers[name] = String(x);
    const field = $("numbers").querySelector(`[name="${CSS.escape(name)}"]`);
    if (field && Number(field.value) !== x) field.value = x;
  }
  keep();
}).observe(frame, { attributes: true, attributeFilter: ["data-step", "data-leaves"] });

// --- what one can do ------------------------------------------------------------------------------

// Something else is drawn: its numbers and its step are its own.
function begin(change) {
  Object.assign(state, { example: "", numbers: {}, step: 1, trusted: true }, change);
  draw();
}

$("form").onsubmit = (event) => {
  event.preventDefault();
  const same = code.value === state.code;
  if (same) { state.trusted = true; draw(); } else begin({ code: code.value, numbers: isKept() ? state.numbers : {} });
};
// Names that the new text has too keep their numbers.
const isKept = () => !PROGRAM.test(code.value) && !isProgram();
// Enter draws an expression; in a program, and with Shift, it is a new line, and Ctrl draws.
code.onkeydown = (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  if (PROGRAM.test(code.value) && !event.ctrlKey && !event.metaKey) return;
  event.preventDefault();
  $("form").requestSubmit();
};
code.oninput = () => { grow(); $("draw").textContent = PROGRAM.test(code.value) ? "Run" : "Draw"; };
$("example").onchange = () => {
  const example = exampleOf($("example").value);
  if (example) begin({ example: example.name, code: textOf(example), numbers: { ...example.values } });
  else code.focus();
};
$("view").onchange = () => {
  state.view = $("view").value;
  state.step = 1;
  draw();
};
$("other").onclick = () => draw({ seed: Math.floor(Math.random() * 2 ** 31) });
$("stop").onclick = () => runner.stop();

async function copy(button, text) {
  const before = button.dataset.text ??= button.textContent;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    problem(text); // where copying is not allowed it can be taken from here
  }
  setTimeout(() => { button.textContent = before; }, 1500);
}

const linkTo = (more = "") => new URL(address() + more, location.href).href;
$("link").onclick = () => copy($("link"), linkTo());
$("python").onclick = () => copy($("python"), reply.python ?? state.code);
$("embed").onclick = () => copy($("embed"),
  `<iframe src="${linkTo("&embed").replaceAll("&", "&amp;").replaceAll('"', "&quot;")}" title="Backpropagation, step by step" width="100%" height="640" style="border:0" allow="fullscreen; clipboard-write"></iframe>`);

// --- the beginning --------------------------------------------------------------------------------

// The site around this page remembers which theme was chosen.
try {
  const chosen = localStorage.getItem("theme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
} catch { /* not allowed here */ }

examples = await (await fetch(new URL("examples.json", import.meta.url))).json();
$("example").append(...examples.map(({ name, title }) => new Option(title, name)));
read();
addEventListener("hashchange", () => { read(); draw(); });
addEventListener("resize", grow);
draw();
