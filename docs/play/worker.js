// Python, in a worker of its own: everything it needs is fetched once, when it starts. A request is
// answered by page.py; both are text, JSON.
import { loadPyodide } from "./pyodide/pyodide.mjs";
import { instance } from "./viz/viz.js";

const WHEELS = ["wheels/autograd_lite.whl", "wheels/graphviz.whl"];

async function fetched(name) {
  const response = await fetch(new URL(name, import.meta.url));
  if (!response.ok) throw new Error(`${name}: ${response.status} ${response.statusText}`);
  return response.arrayBuffer();
}

async function start() {
  const [python, viz, page, ...wheels] = await Promise.all([
    loadPyodide({ indexURL: new URL("pyodide/", import.meta.url).href }),
    instance(), fetched("page.py"), ...WHEELS.map(fetched),
  ]);
  python.registerJsModule("viz_js", viz);
  for (const wheel of wheels) python.unpackArchive(wheel, "wheel");
  python.FS.writeFile("page.py", new Uint8Array(page));
  return python.pyimport("page").answer;
}

const answer = start();
answer.then(() => postMessage({ ready: true }), (problem) => postMessage({ failed: String(problem?.message ?? problem) }));
onmessage = async ({ data: { id, request } }) => {
  try {
    postMessage({ id, reply: (await answer)(request) });
  } catch (problem) {
    postMessage({ id, problem: String(problem?.message ?? problem) });
  }
};
