// What if a leaf had another number? It is moved by a slider or a field, and on its plate; the whole
// picture shows what follows, the linear prediction Σ g·Δx is set beside the true change, and the
// steps go on from there.
const knobs = new Map();

function turn(id, x) {
  stop();
  setLeaf(id, x);
  showAll();
  tellEffect();
}

// The whole picture with the new numbers.
function showAll() {
  const moved = movedLeaves(), output = data.names[data.output];
  const changes = moved.map((id) => `${data.names[id]}: ${shown(recorded[id])} → ${shown(player.leaves[id])}`);
  const [before, after] = [base, player.numbers].map((N) => shown(N[`d${data.output}`]));
  draw(known(player.steps.filter((step) => !step.phase.match("update|again|result")), player.numbers), { nodes: moved, edges: [], node: data.output });
  $("player").className = "if";
  put("what if", changes.join(",  ") || "as recorded", `${output}: ${before} → ${after}`,
    "Every number in the picture is computed anew, forward and backward. The steps go on from there.");
}

function tellEffect() {
  remember(movedLeaves());
  const output = data.names[data.output];
  const terms = [];
  let predicted = 0;
  for (const [id, { place }] of knobs) {
    const change = player.leaves[id] - recorded[id], slope = base[`g${id}`];
    place.textContent = `${data.totals[id]} = ${shown(slope)}`;
    if (change === 0) continue;
    predicted += slope * change;
    terms.push(`${(terms.length ? signed : shown)(slope)} × ${signed(change)}`);
  }
  const [before, after] = [base, player.numbers].map((N) => N[`d${data.output}`]), truth = after - before;
  const rounding = 1e-15 * (Math.abs(before) + Math.abs(after));
  if (!terms.length) {
    $("effect").textContent = `${output} = ${shown(before)}, as recorded. Move a slider or type a number.`;
  } else if (!Number.isFinite(after)) {
    const id = Object.keys(data.program).find((node) => !Number.isFinite(player.numbers[`d${node}`]));
    $("effect").textContent = `${data.names[id]} has no finite value there.`;
  } else {
    const sum = terms.length > 4 ? `sum of ${terms.length} products g·Δ` : terms.join(" + ");
    $("effect").textContent = `predicted: Δ${output} ≈ ${sum} = ${shown(predicted)}\n`
      + `true:      Δ${output} = ${shown(after)} − ${signed(before)} = ${shown(truth)}\n`
      + (Math.abs(predicted - truth) <= 1e-9 * Math.abs(truth) + rounding ? "Here the prediction is exact."
        : `The prediction is off by ${shown(predicted - truth)}: a gradient holds for small changes.`);
  }
}

function knob(id) {
  const name = data.names[id], x = recorded[id];
  const row = document.createElement("div"), label = document.createElement("label");
  const field = document.createElement("input"), slider = document.createElement("input");
  const place = document.createElement("span");
  row.className = "knob";
  label.textContent = name;
  label.htmlFor = field.id = `field-${id}`;
  field.type = "number";
  field.step = "any";
  slider.type = "range";
  slider.setAttribute("aria-label", `${name}, slider`);
  const middle = Number.isFinite(x) ? x : 0;
  const reach = Math.max(1, 2 * Math.abs(middle));
  Object.assign(slider, { min: middle - reach, max: middle + reach, step: reach / 200 });
  field.placeholder = shown(x);
  const set = (number) => {
    field.value = Number.isFinite(number) ? number : "";
    slider.value = Number.isFinite(number) ? number : middle;
  };
  set(x);
  field.oninput = () => {
    if (field.value.trim() === "" || !Number.isFinite(Number(field.value))) return;
    slider.value = field.value;
    turn(id, Number(field.value));
  };
  slider.oninput = () => {
    const home = Math.abs(slider.value - middle) < reach / 400;
    const number = home ? x : Number(Number(slider.value).toPrecision(6));
    field.value = number;
    turn(id, number);
  };
  row.append(label, field, slider, place);
  $("knobs").append(row);
  knobs.set(id, { set, place });
}

function reset() {
  stop();
  resetLeaves();
  for (const [id, { set }] of knobs) set(recorded[id]);
  tellEffect();
  go(player.at);
}

const { compare } = new Intl.Collator("en", { numeric: true });
data.knobs.sort((a, b) => compare(data.names[a], data.names[b])).forEach(knob);
for (const id of knobs.keys()) plates.get(id).plate?.classList.add("leaf");
$("whatif").hidden = false;
$("reset").onclick = reset;
const movedHere = movedBefore();
for (const [id, { set }] of knobs) {
  const x = movedHere[data.names[id]];
  if (!Number.isFinite(x)) continue;
  set(x);
  setLeaf(id, x);
}
tellEffect();
