// Keeps the files of this folder, so that the page opens and Python restarts without a network. It answers
// from what it keeps, once it has seen that the folder still is of its version.
const VERSION = "", FILES = []; // written by build.py, so that a new build is a new script
const SCOPE = registration.scope, NAME = `${SCOPE} ${VERSION}`;
let isCurrent = true;

const fresh = (file) => new Request(SCOPE + file, { cache: "no-cache" });

async function install() {
  await (await caches.open(NAME)).addAll(FILES.map(fresh));
  await skipWaiting();
}

async function activate() {
  const old = (await caches.keys()).filter((name) => name.startsWith(`${SCOPE} `) && name !== NAME);
  await Promise.all(old.map((name) => caches.delete(name)));
  await clients.claim();
}

// Without an answer from the network the version stands.
async function check() {
  try {
    const response = await fetch(fresh("built.txt"), { signal: AbortSignal.timeout(3000) });
    isCurrent = !response.ok || (await response.text()) === VERSION;
  } catch {
    isCurrent = true;
  }
}

async function answer(request) {
  if (request.mode === "navigate" || request.destination === "worker") await check();
  const { origin, pathname } = new URL(request.url);
  const file = origin + pathname === SCOPE ? `${SCOPE}index.html` : request;
  if (!isCurrent) return fetch(request, { cache: "no-cache" }); // the new script is on its way
  return (await caches.match(file, { cacheName: NAME, ignoreSearch: true })) ?? fetch(request);
}

oninstall = (event) => event.waitUntil(install());
onactivate = (event) => event.waitUntil(activate());
onfetch = (event) => {
  if (event.request.method === "GET" && event.request.url.startsWith(SCOPE)) event.respondWith(answer(event.request));
};
