// A forward pass that could not go on: its last step shows where, and the value has a mark for a
// number. There is no gradient yet; what moving the numbers shows is where there is an answer.
PHASES.refused = "refused";
CLASSES.refused = "bad";
const answer = (N) => N[`d${data.output}`];
tells.refused = (state, { node }, N) => { state.data[node] = Number.isFinite(answer(N)) ? answer(N) : "✗"; };

const wordsOfRefused = wordsOf;
wordsOf = (step, N) => {
  const words = wordsOfRefused(step, N);
  if (step.phase !== "refused" || !movedLeaves().length) return words;
  const name = data.names[step.node], x = answer(N);
  if (!Number.isFinite(x)) return [words[0], words[1], "There is no answer here either."];
  return [`Forward: ${name} has an answer here`, `${words[1]} = ${shown(x)}`, "With these numbers the pass goes on: run the function with them."];
};

tellEffect = () => {
  for (const { place } of knobs.values()) place.textContent = "";
  const name = data.names[data.output], x = answer(player.numbers);
  $("effect").textContent = Number.isFinite(x) ? `${name} = ${shown(x)}: it has an answer here.`
    : `${name} has no answer here. Move a slider or type a number until it has one.`;
};

showAll = () => go(end());
listeners.push((step) => {
  if (step.phase !== "refused" || !Number.isFinite(answer(player.numbers))) return;
  $("phase").textContent = "forward";
  $("player").className = "";
});
tellEffect();
