// Why is a gradient what it is? A click on a plate shows it as the sum over the paths from the output,
// lit up in the picture; a click on an edge or an operation its rule, in symbols and in numbers.
const MOST_PATHS = 8;
const localOf = (edge) => data.rules[edge].split(" = ")[0];
const isShut = (edge) => OPERATIONS[data.program[edge.split("-")[0]][0]].c && player.numbers[`s${edge}`] === 0;
const inEdges = (id) => operandsOf(id).map((_, k) => `${id}-${k}`);
const sizeOf = (x) => (Number.isNaN(x) ? Infinity : Math.abs(x));
const inRow = (texts) => texts.map((text, i) => (i && text.startsWith("−") ? `(${text})` : text));

// How many paths lead from the output down to a value, and those that contribute most, best first.
function pathsTo(target) {
  const ways = new Map([[target, { count: 1, best: [{ size: 1 }] }]]);
  for (const [id] of PROGRAM) {
    if (id === target) continue;
    const found = inEdges(id).filter((edge) => ways.has(startOf(edge)));
    if (!found.length) continue;
    const best = found.flatMap((edge) => ways.get(startOf(edge)).best.map(({ size }, rank) => (
      { size: isShut(edge) ? 0 : sizeOf(player.numbers[`s${edge}`] * size), edge, rank })));
    ways.set(id, {
      count: found.reduce((sum, edge) => sum + ways.get(startOf(edge)).count, 0),
      best: best.sort((a, b) => b.size - a.size).slice(0, MOST_PATHS),
    });
  }
  const { count, best } = ways.get(data.output) ?? { count: 0, best: [] };
  const paths = best.map((_, rank) => {
    const edges = [];
    for (let id = data.output; id !== target;) {
      const way = ways.get(id).best[rank];
      edges.push(way.edge);
      [id, rank] = [startOf(way.edge), way.rank];
    }
    return edges;
  });
  return { count, paths };
}

// Everything that is known, with what is explained lit up.
function light(node, edges) {
  const outs = edges.map((edge) => edge.replace(/-\d+$/, "-out"));
  const active = { node, edges: [...edges, ...outs] };
  const steps = player.steps.filter((step) => !step.phase.match("update|again|result"));
  draw(known(steps, player.numbers), { ...active, nodes: nodesOf(active) });
  $("player").className = "back why";
  follow(nodesOf(active), false);
  look();
}

function explain(id) {
  const N = player.numbers, total = data.totals[id], { count, paths } = pathsTo(id);
  stop();
  light(id, paths.flat());
  if (id === data.output) return put("why", `Why is ${total} = 1?`, `${total} = 1`, "It is the output itself.");
  const products = paths.map((path) => (path.some(isShut) ? 0 : path.reduce((x, edge) => x * N[`s${edge}`], 1)));
  const lines = paths.map((path, i) => {
    const factors = inRow(path.map((edge) => shown(N[`s${edge}`]))).join(" × ");
    return [path.map(localOf).join(" · "), factors, ...(path.length > 1 ? [shown(products[i])] : [])].join(" = ");
  });
  const rest = count - paths.length, left = N[`g${id}`] - products.reduce((sum, x) => sum + x, 0);
  if (rest) lines.push(`… and ${rest.toLocaleString("en")} more paths: ${shown(left)} together`);
  const sum = inRow([...products, ...(rest ? [left] : [])].map((x) => shown(x)));
  const what = count === 1 ? "the product along one path" : `the sum over ${count.toLocaleString("en")} paths`;
  put("why", `${total} = ${shown(N[`g${id}`])}, ${what}`, lines.join("\n"),
    sum.length > 1 ? `${total} = ${sum.join(" + ")} = ${shown(N[`g${id}`])}` : "");
}

// The rule of one edge, or of all edges into an operation.
function showRules(id, edges) {
  const N = player.numbers;
  stop();
  light(id, edges);
  const told = edges.slice(0, MOST_PATHS);
  const lines = told.map((edge) => {
    const number = shown(N[`s${edge}`]), inside = data.inside[edge] && filled(data.inside[edge], N);
    return [...new Set([...data.rules[edge].split(" = "), inside ?? number, number])].join(" = ");
  });
  if (edges.length > told.length) lines.push(`… (${edges.length} in all)`);
  const operands = [...new Set(edges.map((edge) => data.names[startOf(edge)]))];
  const [edge] = edges;
  const numbers = [shown(N[`g${id}`]), signed(N[`s${edge}`]), shown(N[`h${edge}`])];
  const passed = `${data.totals[id]} · ${localOf(edge)} = ${numbers[0]} × ${numbers[1]} = ${numbers[2]}`;
  put("rule", `How ${data.names[id]} changes with ${operands.length > 3 ? "its operands" : operands.join(", ")}`, lines.join("\n"),
    edges.length > 1 ? "" : `${data.names[id]} passes ${passed} on${remark(edge, N) === data.remarks[1] ? data.remarks[1] : ""}`);
}

// Thin lines are hard to hit: what is near counts too.
function partAt(x, y) {
  const spots = [[0, 0], ...[4, 8].flatMap((r) => [[r, 0], [-r, 0], [0, r], [0, -r], [r, r], [-r, r], [r, -r], [-r, -r]])];
  for (const kind of [".ag-value, .ag-op", ".ag-edge"]) {
    for (const [dx, dy] of kind === ".ag-edge" ? spots : spots.slice(0, 1)) {
      const part = document.elementFromPoint(x + dx, y + dy)?.closest(`#picture :is(${kind})`);
      if (part) return part;
    }
  }
  return null;
}

function onClick(event) {
  if (dragged || event.target.closest("input")) return;
  const part = partAt(event.clientX, event.clientY);
  if (!part) return;
  if (part.matches(".ag-value")) {
    const id = part.id.slice(3);
    return typeof edit === "function" && isOnNumber(id, event.clientX, event.clientY) ? edit(id) : explain(id);
  }
  if (part.matches(".ag-op")) return showRules(part.id.slice(3, -1), inEdges(part.id.slice(3, -1)));
  const [edge] = pieces.get(part), id = edge.split("-")[0];
  showRules(id, edge.endsWith("-out") ? inEdges(id) : [edge]);
}

box.addEventListener("click", onClick);
KEYS.e = () => explain(player.steps[player.at].node);
KEYS.Escape = () => move(player.at);
root.classList.add("clicks");
