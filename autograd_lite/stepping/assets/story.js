// The story: which steps are told at these numbers, in which words. The steps come with the page;
// a branch that passes nothing on is told in one, and which branches do depends on the numbers.
const STEPS = data.steps.map(([phase, node, edges, say]) => ({ phase, node, edges, say }));
const operandsOf = (id) => data.program[id]?.[1] ?? [];
const sourceOf = (step) => step.edges.at(-1).replace("-out", "");
const waysIn = (step) => step.edges.filter((edge) => !edge.endsWith("-out"));
const ways = new Map(), users = new Map();
for (const step of STEPS) {
  if (step.phase === "backward") ways.set(sourceOf(step), [...(ways.get(sourceOf(step)) ?? []), ...waysIn(step)]);
}
for (const [id, [, parents]] of PROGRAM) {
  for (const parent of parents) users.set(parent, [...(users.get(parent) ?? []), id]);
}

// The value at the beginning of an edge, seen from the leaves.
function startOf(edge) {
  const [id, k] = edge.split("-");
  return k === "out" ? id : operandsOf(id)[k];
}

const nodesOf = (step) => [...new Set(step.inside?.flatMap(nodesOf) ?? [step.node, ...step.edges.map(startOf)])];

// The branches of zeros: from the node at the top of each to the step that tells it.
function branches(N) {
  const quiet = new Set([...ways.keys()].filter((id) => N[`g${id}`] === 0
    && operandsOf(id).every((_, k) => N[`h${id}-${k}`] === 0)));
  const found = new Map(), merged = new Set();
  for (const [top] of BACK) {
    if (!quiet.has(top) || merged.has(top)) continue;
    const nodes = [], edges = [], ahead = [top];
    while (ahead.length) {
      const id = ahead.pop();
      nodes.push(id);
      edges.push(...ways.get(id));
      for (const operand of ways.get(id).map(startOf)) {
        if (!quiet.has(operand) || merged.has(operand) || !users.get(operand).every((user) => quiet.has(user))) continue;
        merged.add(operand);
        ahead.push(operand);
      }
    }
    if (edges.length < 2) continue;
    merged.add(top);
    found.set(top, { phase: "backward", node: top, edges: [...edges, ...nodes.map((id) => `${id}-out`)], count: edges.length });
  }
  return { found, merged };
}

function told(N) {
  const { found, merged } = branches(N), steps = [];
  for (const step of STEPS) {
    const source = step.phase === "backward" && sourceOf(step);
    if (!source || !merged.has(source)) steps.push(step);
    else if (found.has(source)) { steps.push(found.get(source)); found.delete(source); }
  }
  return steps;
}

// --- the words of a step: title, formula, note ----------------------------------------------------

function word(slot, N) {
  if (typeof slot !== "string") {
    const [from, to, ...texts] = slot, x = N[from], y = N[to];
    return filled(texts[x !== x || y !== y ? 3 : y < x ? 0 : y > x ? 2 : 1], N);
  }
  if (slot[0] === "?") return [...new Set(slot.slice(1).split(" ").map((edge) => remark(edge, N)))].join("");
  const x = N[slot.replace(/^\(?!?/, "")];
  return slot[0] === "(" ? signed(x) : shown(x, slot[0] === "!" ? data.longer : DIGITS);
}

function remark(edge, N) {
  const [several, nothing] = data.remarks;
  if (N[`h${edge}`] === 0 && N[`q${edge}`] !== 0) return nothing;
  return N[`b${edge}`] === 0 ? "" : several;
}

const filled = (parts, N) => parts.map((part, i) => (i % 2 ? word(part, N) : part)).join("");

function wordsOf(step, N) {
  if (step.say) return step.say.map((parts) => filled(parts, N));
  const facts = { name: data.names[step.node], total: data.totals[step.node], count: step.count };
  return data.branch.map((text) => text.replace(/\{(\w+)\}/g, (_, fact) => facts[fact]));
}

// --- what is known after a step: numbers, gradients, local derivatives ----------------------------

function known(steps, N) {
  const state = { data: {}, grad: {}, slope: {}, back: false };
  for (const id in data.leaves) state.data[id] = N[`d${id}`];
  for (const step of steps.flatMap((one) => one.inside ?? one)) (tells[step.phase])(state, step, N);
  return state;
}

const computes = (d, s) => (state, { node, edges }, N) => {
  state.data[node] = N[d + node];
  for (const edge of edges.slice(0, -1)) state.slope[edge] = N[s + edge];
};
const moves = (state, { node }, N) => { state.data[node] = N[`D${node}`]; };
const tells = {
  forward: computes("d", "s"),
  seed: (state, { node }) => { state.grad[node] = 1; state.back = true; },
  backward: (state, step, N) => {
    for (const edge of waysIn(step)) {
      const operand = startOf(edge);
      if (step.say) state.grad[operand] = N[`a${edge}`];
      else state.grad[operand] ??= 0;
    }
  },
  update: moves,
  again: computes("D", "S"),
  result: moves,
};
