// One sample: it is chosen in the picture or by its number, and stepped into with the parameters of
// the frame that is shown. ``at`` is that frame, ``place`` where the samples stand.
const POINTS = (plane || line)?.points ?? [];

function choosePoint(k) {
  chosen = k;
  $("sample").value = POINTS[k][0];
  drawAll();
  tellPoint();
}

function tellPoint() {
  if (chosen === null) return;
  const [sample, ...numbers] = POINTS[chosen], target = plane ? plane.names[numbers.pop()] : shown(numbers.pop());
  $("about").textContent = `${numbers.map((x, k) => [`x${k + 1}`, shown(x)].join(" = ")).join(", ")}, target ${target}.`;
  $("enter").hidden = !playerOf(chosen);
  $("call").textContent = `history.film.step_through(${sample}, epoch=${data.epochs[at]})`;
}

function pickPoint(event) {
  const box = event.target.getBoundingClientRect(), x = event.clientX - box.left, y = event.clientY - box.top;
  const far = place.map(([a, b]) => Math.hypot(a - x, b - y)), nearest = far.indexOf(Math.min(...far));
  if (far[nearest] < 24) choosePoint(nearest);
}

function typePoint() {
  const wanted = Number($("sample").value), k = POINTS.findIndex(([sample]) => sample >= wanted);
  if (k >= 0 && $("sample").value !== "") { chosen = k; drawAll(); tellPoint(); }
}

// The player for a sample: its page is folded up in this one, and gets the numbers of its leaves.
const playerOf = (k) => data.players?.pages[data.players.of[data.kinds[k]] ?? 0];

async function enter() {
  const { page, parameters, inputs, target } = playerOf(chosen), [, ...numbers] = POINTS[chosen];
  const bytes = Uint8Array.from(atob(page), (c) => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  const text = await new Response(stream).text();
  const html = text.replace(/(id="data">)(.*?)(<\/script>)/s, (all, before, json, after) => {
    const inner = JSON.parse(json), leaves = { ...inner.leaves };
    for (const [id, k] of Object.entries(parameters)) leaves[id] = String(vectors[at * WIDTH + k]);
    inputs.forEach((id, k) => { if (id) leaves[id] = String(numbers[k]); });
    if (target) leaves[target] = data.kinds[chosen];
    return before + JSON.stringify({ ...inner, leaves, elsewhere: true }).replaceAll("<", "\\u003c") + after;
  });
  const view = document.createElement("iframe");
  view.title = `Sample ${POINTS[chosen][0]} at epoch ${data.epochs[at]}, step by step`;
  view.srcdoc = html;
  $("inside").replaceChildren(view);
  view.onload = () => view.scrollIntoView({ block: "nearest" });
}
