// The quiz. A question belongs to a step; the step is shown without what is asked for. What a question
// of each kind is, what it hides and which hints it has, is in KINDS. Every try is kept: in the browser's
// store where that is allowed, else in the address. At the end they make a code for the teacher.
const quiz = data.quiz;
const sources = (step) => step.edges.filter((edge) => edge.endsWith("-out")).map((edge) => edge.slice(0, -4));
const namesOf = (ids) => ids.map((id) => data.names[id]);

// Commas, true minus signs, fractions (3/4) and ∞ are welcome.
function read(text) {
  const plain = text.replace(/[−–]/g, "-").replace(/\s*×\s*10\^?/, "e").replace(",", ".")
    .replace(/∞|inf(inity)?/i, "Infinity");
  const [, top, bottom] = plain.match(/^([^/]+)(?:\/([^/]+))?$/) || [];
  return top === undefined ? NaN : bottom === undefined ? Number(top) : Number(top) / Number(bottom);
}

// Right within one per cent; what is infinite or no number has to be met.
function isRight(given, wanted) {
  if (!Number.isFinite(wanted)) return Object.is(given, wanted);
  return Math.abs(given - wanted) <= 0.01 * Math.abs(wanted);
}

function verdict(text, kind) {
  $("verdict").textContent = text;
  $("verdict").className = kind;
}

// --- the questions -------------------------------------------------------------------------------

// Who may pass its gradient on after these steps: whoever has heard from all its uses.
function mayPass(steps) {
  const done = new Set(steps.filter((step) => step.phase === "backward").flatMap(sources));
  const waiting = [...ways.keys()].filter((id) => !done.has(id));
  return { done: [...done], waiting, ready: waiting.filter((id) => (users.get(id) ?? []).every((user) => done.has(user))) };
}

const KINDS = {
  gradients: {
    ask(step) {
      if (step.phase !== "backward" || waysIn(step).length !== 1) return [];
      const [edge] = waysIn(step), head = wordsOf(step, player.numbers)[2].replace(/:\s\S+ → .*/, "");
      return [{ key: `a${edge}`, label: `${head}, from ${data.names[sourceOf(step)]}`, text: `What is ${head} after this step?` }];
    },
    hide({ step }, state) { state.grad[step.node] = "?"; },
    mask([title, math]) { return [title, `${math.split(" = ")[0]} = ?`, ""]; },
    hints({ step }) {
      const [, math, note] = wordsOf(step, player.numbers), parts = math.split(" = ");
      return [`The chain rule: ${parts[0]}. Here ${data.rules[step.edges[0]]}.`,
        `${parts[1]}, added to what was there: ${note.match(/:\s(\S+) →/)[1]}`];
    },
  },
  local: {
    ask(step) {
      const edges = step.phase === "forward" ? waysIn(step).filter((edge) => ways.get(step.node)?.includes(edge)) : [];
      return edges.map((edge) => {
        const [label] = data.rules[edge].split(" = ");
        return { key: `s${edge}`, edge, label, text: `What is ${label}?` };
      });
    },
    hide({ edge }, state) { state.slope[edge] = "?"; },
    mask([title, math]) { return [title, math, ""]; },
    hints({ edge }) {
      const inside = data.inside[edge] && filled(data.inside[edge], player.numbers);
      return [`The rule: ${data.rules[edge]}.`, ...(inside ? [`Here that is ${inside}.`] : [])];
    },
  },
  forward: {
    ask(step) {
      const name = data.names[step.node];
      return step.phase === "forward" ? [{ key: `d${step.node}`, label: name, text: `What is ${name}?` }] : [];
    },
    hide({ step }, state) {
      state.data[step.node] = "?";
      for (const edge of waysIn(step)) delete state.slope[edge];
    },
    mask([title, math]) { return [title, `${math.split(" = ").slice(0, -1).join(" = ")} = ?`, ""]; },
    hints({ step }) { return [wordsOf(step, player.numbers)[1].split(" = ").slice(0, -1).join(" = ")]; },
  },
  order: {
    ask(step, at) {
      if (step.phase !== "backward" || !step.say) return [];
      const { done, waiting, ready } = mayPass(player.steps.slice(0, at));
      const mixed = waiting.length > ready.length && !done.includes(sourceOf(step));
      if (!mixed) return [];
      const others = waiting.filter((id) => !ready.includes(id)).reverse();
      const choices = namesOf([...ready.slice(0, 3), ...others].slice(0, 5)).sort();
      return [{ ready: namesOf(ready), choices, label: `next after ${data.names[done.at(-1)] ?? "the seed"}`, text: "Which value can pass its gradient on next?" }];
    },
    hide(_, state, active) {
      state.grad = known(player.steps.slice(0, player.at), player.numbers).grad;
      Object.assign(active, { node: "", nodes: [], edges: [] });
    },
    mask() { return ["Backward: who is next?", "", "A value adds up what its uses send, and then passes it on."]; },
    hints() { return ["A value can pass on what it has when all its uses, on its right, have passed on theirs."]; },
  },
};

const kind = KINDS[quiz.kind];
const questions = player.steps.flatMap((step, at) => kind.ask(step, at).map((question) => ({ ...question, step, at })));
const fresh = () => ({ name: "", began: Math.floor(Date.now() / 1000), ended: 0, answers: questions.map(() => ({ given: [], hints: 0, state: "" })) });
const isOpen = (_, i) => !kept.answers[i].state;
const openHere = () => questions.findIndex((question, i) => question.at === player.at && isOpen(question, i));
const isOver = () => questions.length > 0 && !questions.some(isOpen);

// --- what is kept --------------------------------------------------------------------------------

const PLACE = `autograd-lite quiz ${quiz.id}`;

function bytesOf(text) {
  return new TextEncoder().encode(text);
}

function inLetters(text) {
  return btoa(String.fromCharCode(...bytesOf(text))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function outOfLetters(letters) {
  const bytes = atob(letters.replaceAll("-", "+").replaceAll("_", "/"));
  return new TextDecoder().decode(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0)));
}

function keep() {
  const text = JSON.stringify(kept);
  try { localStorage.setItem(PLACE, text); return; } catch { /* not allowed here: then the address */ }
  try {
    const [step] = location.hash.match(/step=\d+/) ?? ["step=1"];
    history.replaceState(history.state, "", `#${step}&quiz=${inLetters(text)}`);
  } catch { /* in some frames not even that */ }
}

function remembered() {
  let text = null;
  try { text = localStorage.getItem(PLACE); } catch { /* as above */ }
  try {
    text ??= outOfLetters(location.hash.match(/quiz=([\w-]+)/)[1]);
    const found = JSON.parse(text);
    return found.answers.length === questions.length ? found : null;
  } catch { return null; }
}

const kept = remembered() ?? fresh();

// --- one question --------------------------------------------------------------------------------

function score() {
  const right = kept.answers.filter(({ state }) => state === "right").length;
  $("score").textContent = `${right} of ${questions.length} right`;
  $("result").hidden = !isOver();
}

// Hide what has not been answered, in the words, on the plates.
function hide(step, state, active) {
  questions.forEach((question, i) => {
    if (question.at <= player.at && isOpen(question, i)) kind.hide(question, state, active);
  });
  const asked = questions.some(({ at }) => at === player.at), open = openHere();
  $("quiz").hidden = !asked && !isOver();
  $("form").hidden = open < 0;
  if (open < 0) {
    const states = questions.flatMap(({ at }, i) => (at === player.at ? [kept.answers[i].state] : []));
    const right = states.every((state) => state === "right");
    verdict(!asked ? "" : right ? "Right." : "Shown.", asked && right ? "right" : "");
    return;
  }
  const [title, math, note] = kind.mask(wordsOf(step, player.numbers)), question = questions[open];
  $("title").textContent = title;
  $("math").textContent = math;
  $("note").textContent = note;
  verdict("", "");
  $("answer").value = "";
  $("question").textContent = question.text;
  nameHint(open);
  offer(question.choices);
  if (document.activeElement !== $("slider")) focusAnswer();
}

function offer(choices) {
  $("answer").hidden = $("check").hidden = Boolean(choices);
  $("choices").replaceChildren(...(choices ?? []).map((name) => {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: name });
    button.onclick = () => judge(name, questions[openHere()].ready.includes(name));
    return button;
  }));
}

function focusAnswer() {
  ($("choices").firstChild ?? $("answer")).focus({ preventScroll: true });
}

function resolve(state) {
  kept.answers[openHere()].state = state;
  kept.ended = Math.floor(Date.now() / 1000);
  keep();
  score();
  go(player.at);
  if (openHere() < 0) $("next").focus({ preventScroll: true });
  if (isOver()) showCard();
}

function judge(given, right, message = "Wrong. Try again, or take a hint.") {
  stop();
  kept.answers[openHere()].given.push(String(given));
  if (right) return resolve("right");
  keep();
  verdict(message, "wrong");
}

function check(event) {
  event.preventDefault();
  stop();
  const { key, choices } = questions[openHere()];
  if (choices) return;
  const wanted = player.numbers[key], text = $("answer").value.trim(), given = read(text);
  if (Number.isNaN(given) && text.toLowerCase() !== "nan") {
    verdict("Type a number, such as -0.25 or 3/4.", "wrong");
    return;
  }
  judge(given, isRight(given, wanted), isRight(-given, wanted) ? "Wrong: look at the sign." : undefined);
  $("answer").select();
}

function nameHint(i) {
  const { hints } = kept.answers[i], all = kind.hints(questions[i]).length;
  $("hint").textContent = hints === 0 ? "Hint" : hints < all ? "More" : "Show the answer";
}

// First the rule, then the numbers, then the answer.
function hint() {
  stop();
  const i = openHere(), hints = kind.hints(questions[i]), answer = kept.answers[i];
  if (answer.hints === hints.length) return resolve("shown");
  verdict(hints[answer.hints], "");
  answer.hints += 1;
  keep();
  nameHint(i);
  focusAnswer();
}

// --- the end: a card with the mistakes, and a code ------------------------------------------------

// FNV-1a, twice: against a slip and an easy change, and no proof against who reads this.
function checksum(text) {
  return [0x811c9dc5, 0x01000193].map((start) => {
    let sum = start;
    for (const byte of bytesOf(text)) sum = Math.imul(sum ^ byte, 0x01000193);
    return (sum >>> 0).toString(16).padStart(8, "0");
  }).join("");
}

const rightOf = ({ key, ready }) => (ready ? ready.join(" | ") : String(player.numbers[key]));

function code() {
  const rows = questions.map((question, i) => {
    const { given, hints, state } = kept.answers[i];
    return [question.label, rightOf(question), given, hints, state];
  });
  const text = JSON.stringify([quiz.id, document.title, kept.name, kept.began, kept.ended, rows]);
  return `AGQ1.${inLetters(text)}.${checksum(text)}`;
}

function row(cells, name = "td") {
  const made = document.createElement("tr");
  made.append(...cells.map((text) => Object.assign(document.createElement(name), { textContent: text })));
  return made;
}

function showCard() {
  const said = ({ given, state }) => [...given.map((x) => (questions[0].ready ? x : shown(Number(x)))), ...(state === "shown" ? ["(shown)"] : [])];
  const first = kept.answers.filter(({ given, state, hints }) => state === "right" && given.length === 1 && !hints).length;
  const right = kept.answers.filter(({ state }) => state === "right").length;
  const minutes = (kept.ended - kept.began) / 60;
  $("sum").textContent = `${right} of ${questions.length} right, ${first} at the first try without a hint, in ${minutes < 1 ? "less than a minute" : `${Math.round(minutes)} min`}.`;
  const missed = questions.flatMap((question, i) => {
    const answer = kept.answers[i], wrong = said(answer).slice(0, answer.state === "right" ? -1 : undefined);
    return wrong.length ? [row([question.label, wrong.join(", "), question.ready ? rightOf(question) : shown(player.numbers[question.key])])] : [];
  });
  $("mistakes").hidden = !missed.length;
  $("mistakes").replaceChildren(row(["question", "your answers", "right"], "th"), ...missed);
  $("name").value = kept.name;
  $("code").value = code();
  if (!$("card").open) $("card").showModal();
}

$("name").oninput = () => { kept.name = $("name").value.slice(0, 60); keep(); $("code").value = code(); };
$("copy").onclick = async () => {
  $("code").select();
  try { await navigator.clipboard.writeText($("code").value); } catch { document.execCommand("copy"); }
  $("copy").textContent = "Copied";
};
$("again").onclick = () => { Object.assign(kept, fresh()); keep(); score(); $("card").close(); go(0); };
$("result").onclick = showCard;
$("all").hidden = true;
$("form").onsubmit = check;
$("hint").onclick = hint;
if (quiz.kind !== "gradients") {
  // What follows from an answer would give it away.
  player.limit = () => Math.min(end(), ...questions.filter(isOpen).map(({ at }) => at));
}
listeners.push(hide);
keep();
score();
