// The right and a broken backward pass side by side: each plate has both gradients, each backward
// step a line for both. The steps come with their numbers; the broken ones follow no rule.
PHASES.beside = "backward";
const brokenOn = new Map([...plates].map(([id, { plate }]) => [id, numberOn(plate, "broken")]));
const changes = new Map(STEPS.map((step, i) => [step, data.beside[i]]));

tells.beside = (state, step) => {
  state.back = true;
  state.broken ??= {};
  for (const [id, pair] of Object.entries(changes.get(step))) [state.grad[id], state.broken[id]] = pair.map(Number);
};

function line(text) {
  const [run] = text.match(/^(right|broken) /) ?? [];
  const made = document.createElement("div");
  made.textContent = text;
  made.className = run ? run.trim() : "";
  return made;
}

// Which numbers the broken run has wrong is said in words, in colour, and by a mark.
function showBroken(state) {
  for (const [id, place] of brokenOn) {
    const broken = state.broken?.[id] ?? state.grad[id] ?? "–";
    const wrong = shown(Number(state.grad[id])) !== shown(Number(broken));
    write(place, broken);
    place.text?.classList.toggle("wrong", wrong);
  }
}

function sayBoth(step) {
  const lines = $("math").textContent.split("\n");
  if (step.phase === "beside") $("math").replaceChildren(...lines.map(line));
  $("text").classList.toggle("tall", lines.length > 2);
  $("text").classList.toggle("first", player.at === data.first);
}

$("controls").insertBefore($("jump"), $("slider"));
$("jump").hidden = data.first < 0;
$("jump").onclick = () => move(data.first);
listeners.push(sayBoth);
const drawRight = draw;
draw = (state, active) => { showBroken(state); drawRight(state, active); };
