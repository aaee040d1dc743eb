// Python, in a worker of its own: everything it needs is fetched once, when it starts. A request is
// answered by page.py; both are text, JSON.
import { loadPyodide } from "./pyodide/pyodide.mjs";
import { instance } from "./viz/viz.js";

const VERSION = ""; // written by build.py
const WHEELS = ["wheels/autograd_lite.whl", "wheels/graphviz.whl"];
const here = new URL(".", import.meta.url).href;

async function fetched(name) {
  const response = await fetch(here + name);
  if (!response.ok) throw new Error(`${name}: ${response.status} ${response.statusText}`);
  return response.arrayBuffer();
}

// The memory of a Python that has started and read page.py: with it the next one need not do either.
// It is kept with the files of its version (see cache.js), where a browser keeps any.
const MEMORY = `${here}memory`;
const kept = async () => globalThis.caches?.open(`${here} ${VERSION}`);

async function started() {
  const options = { indexURL: `${here}pyodide/` };
  const files = await kept().catch(() => {});
  const found = await files?.match(MEMORY), memory = await found?.arrayBuffer();
  if (memory?.byteLength) {
    try {
      return await loadPyodide({ ...options, _loadSnapshot: new Uint8Array(memory) });
    } catch (problem) { // larger than Python begins with
      console.warn(`Python starts without its memory: ${problem.message}`);
      await files.put(MEMORY, new Response()); // and so does the next one of this build
    }
  }
  return loadPyodide({ ...options, _makeSnapshot: Boolean(files && !found) });
}

async function start() {
  const [python, viz, page, ...wheels] = await Promise.all([
    started(), instance(), fetched("page.py"), ...WHEELS.map(fetched),
  ]);
  for (const wheel of wheels) python.unpackArchive(wheel, "wheel");
  python.FS.writeFile("page.py", new Uint8Array(page));
  python.pyimport("graphviz"); // the first picture needs it
  const { answer } = python.pyimport("page");
  const { _makeSnapshot, _loadSnapshot } = python._api.config;
  if (_makeSnapshot) {
    const memory = new Response(python.makeMemorySnapshot());
    kept().then((files) => files.put(MEMORY, memory)).catch(() => {}); // there may be no room for it
  }
  if (_loadSnapshot) python.runPython("import random; random.seed()"); // not everybody's the same
  python.registerJsModule("viz_js", viz);
  return answer;
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
