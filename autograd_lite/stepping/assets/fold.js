// Modules that are alike: one in full, the others as one plate, and their steps told in one. A click
// on that plate, a button, or u unfolds all of them and folds them again.
const FOLDS = data.folds.map(([key, title, ids]) => ({ key, title, ids: new Set(ids) }));
const foldOf = new Map(FOLDS.flatMap((fold) => [...fold.ids].map((id) => [id, fold])));
const waiting = $("unfolded")?.content;
let folded = true;

const aboutOf = (step) => (step.say && step.phase === "backward" ? sourceOf(step) : step.node);

function inOne(steps) {
  const found = [];
  for (const step of steps) {
    const fold = foldOf.get(aboutOf(step)), last = found.at(-1);
    if (!fold) found.push(step);
    else if (last?.fold === fold && last.phase === step.phase) last.inside.push(step);
    else found.push({ phase: step.phase, fold, inside: [step] });
  }
  for (const step of found.filter((one) => one.inside)) {
    step.node = step.inside.at(-1).node;
    step.edges = step.inside.flatMap((one) => one.edges);
  }
  return found;
}

const toldAll = told, wordsOfOne = wordsOf, lineOfOne = lineOf, drawPlates = draw;
told = (N) => (folded ? inOne(toldAll(N)) : toldAll(N));
lineOf = (step) => lineOfOne(step.inside?.[0] ?? step);

wordsOf = (step, N) => {
  if (!step.inside) return wordsOfOne(step, N);
  const [titles, most, more, note] = data.inOne;
  const lines = step.inside.flatMap((one) => wordsOfOne(one, N)[1].split("\n"));
  if (lines.length > most + 1) lines.splice(most, lines.length, more.replace("{count}", lines.length - most));
  return [titles[step.phase].replace("{title}", step.fold.title), lines.join("\n"), note.replace("{count}", step.inside.length)];
};

draw = (state, active) => {
  drawPlates(state, active);
  for (const { key, ids } of FOLDS) {
    const made = [...ids].filter((id) => id in data.program);
    dress($(`ag-${key}`), wear({ todo: !made.some((id) => id in state.data), on: active.nodes.some((id) => ids.has(id)) }));
  }
};

// Where the picture shows a plate for several values, that is where each of them is.
function standIn() {
  for (const { key, ids } of FOLDS) {
    for (const id of ids) plates.get(id).standIn = $(`ag-${key}`);
  }
}

function refold() {
  if (!waiting) return;
  const step = player.steps[player.at], [first] = step.inside ?? [step];
  const name = ({ phase, edges, node }) => `${phase} ${node} ${edges}`;
  stop();
  folded = !folded;
  data.elsewhere = true;  // the list of all steps is another one
  waiting.append(svg);
  $("sheet").append(waiting.firstElementChild);
  find();
  standIn();
  for (const id of data.knobs) plates.get(id).plate?.classList.add("leaf");
  hang();
  document.getElementById("map")?.replaceChildren();
  compute();
  player.at = Math.max(0, player.steps.findIndex((one) => (one.inside ?? [one]).some((other) => name(other) === name(first))));
  view.about = null;
  fit();
  measure();
  $("unfold").setAttribute("aria-pressed", !folded);
  go(player.at);
}

standIn();
compute();
if (waiting) {
  const button = Object.assign(document.createElement("button"), { type: "button", id: "unfold", title: "Unfold (u)", textContent: "⊞" });
  button.setAttribute("aria-label", "Unfold");
  button.setAttribute("aria-pressed", false);
  button.onclick = refold;
  $("lens").insertBefore(button, $("help"));
  KEYS.u = refold;
  box.addEventListener("click", (event) => {
    if (dragged || !event.target.closest(".ag-fold")) return;
    event.stopImmediatePropagation();
    refold();
  }, true);
}
