// The right and a broken backward pass side by side: each plate has both gradients, each backward
// step a line for both. The steps come with their numbers; the broken ones follow no rule.
PHASES.beside = "backward";
tells.beside = (state) => { state.back = true; };
const brokenOn = new Map([...plates].map(([id, { plate }]) => [id, numberOn(plate, "broken")]));
const UNREACHED = ["–", "–"];

// Both gradients of every node that has been reached, after so many steps.
function gradients(steps) {
  const found = {};
  for (const changes of data.beside.slice(0, steps)) {
    for (const [id, pair] of Object.entries(changes)) found[id] = pair.map(Number);
  }
  return found;
}

function line(text) {
  const [run] = text.match(/^(right|broken) /) ?? [];
  const made = document.createElement("div");
  made.textContent = text;
  made.className = run ? run.trim() : "";
  return made;
}

// Which numbers the broken run has wrong is said in words, in colour, and by a mark.
function showBoth(step, state) {
  const both = gradients(player.at + 1);
  state.grad = Object.fromEntries(Object.entries(both).map(([id, [right]]) => [id, right]));
  for (const [id, place] of brokenOn) {
    const [right, broken] = both[id] ?? UNREACHED;
    const wrong = shown(Number(right)) !== shown(Number(broken));
    write(place, broken);
    place.text?.classList.toggle("wrong", wrong);
  }
  const lines = $("math").textContent.split("\n");
  if (step.phase === "beside") $("math").replaceChildren(...lines.map(line));
  $("text").classList.toggle("tall", lines.length > 2);
  $("text").classList.toggle("first", player.at === data.first);
}

$("controls").insertBefore($("jump"), $("slider"));
$("jump").hidden = data.first < 0;
$("jump").onclick = () => move(data.first);
listeners.push(showBoth);
