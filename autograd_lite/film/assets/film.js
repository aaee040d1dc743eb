// The frames: which is shown, and how one comes to another.
const SECONDS = 8; // that the whole film takes
let at = -1, timer = 0, begun = 0, from = 0;

function drawAll() {
  if (plane) drawPlane(at);
  if (line) drawLine(at);
  if (network) drawNetwork(at);
  drawCurve(at);
  drawNorms(at);
}

function words(frame) {
  const epoch = data.epochs[frame];
  if (epoch === 0) return "before the training";
  const numbers = Object.entries(data.curves).map(([name, values]) => `${name} ${shown(values[epoch - 1])}`);
  return [`epoch ${epoch}`, ...numbers.slice(0, 3)].join("   ");
}

function go(to) {
  const frame_ = Math.min(END, Math.max(0, to));
  if (frame_ === at) return;
  at = frame_;
  $("slider").value = at;
  $("now").textContent = words(at);
  $("slider").setAttribute("aria-valuetext", words(at));
  drawAll();
  tellPoint();
  if (frame) frame.dataset.frame = at;
}

function stop() {
  cancelAnimationFrame(timer);
  timer = 0;
  $("play").textContent = "▶ Play";
}

function run(time) {
  begun ||= time;
  go(Math.round(from + ((time - begun) / (1000 * SECONDS)) * END));
  if (at === END) stop();
  else timer = requestAnimationFrame(run);
}

function play() {
  if (timer) return stop();
  from = at === END ? 0 : at;
  begun = 0;
  $("play").textContent = "❚❚ Pause";
  timer = requestAnimationFrame(run);
}

function move(to) {
  stop();
  go(to);
}

// A curve is a way to a frame too.
function goToCurve(event) {
  const canvas = $("curve").querySelector("canvas"), box = canvas.getBoundingClientRect();
  const epoch = 1 + ((event.clientX - box.left - 44) / (box.width - 54)) * Math.max(1, LOSS.length - 1);
  move(data.epochs.reduce((best, e, k) => (Math.abs(e - epoch) < Math.abs(data.epochs[best] - epoch) ? k : best), 0));
}

const MOVES = {
  ArrowLeft: () => move(at - 1), ArrowRight: () => move(at + 1),
  PageUp: () => move(at - 1), PageDown: () => move(at + 1),
  Home: () => move(0), End: () => move(END), " ": play,
};

function onKey(event) {
  if (event.target.id === "sample") return;
  const pressed = event.key === " " && event.target.closest("button, summary");
  if (event.target.closest("pre, iframe") || pressed || event.altKey || event.ctrlKey || event.metaKey || !MOVES[event.key]) return;
  event.preventDefault();
  MOVES[event.key]();
}

function choose(which) {
  mode = which;
  for (const id of ["weights", "slopes"]) $(id).setAttribute("aria-pressed", id === mode);
  drawAll();
}

function nameClasses() {
  if (!plane) return void ($("names").textContent = line ? "The curve is what the model says, the dots are the samples." : "");
  const signs = ["▲", "●", "■", "◆"];
  plane.names.forEach((name, k) => {
    const word = document.createElement("b"), sign = document.createElement("span");
    sign.textContent = signs[k % 4];
    sign.style.color = `var(--c${k % 4})`;
    word.append(sign, ` ${name}`);
    $("names").append(word);
  });
}

function arrange() {
  const seen = plane || line;
  $("ground").hidden = !seen;
  $("network").hidden = !network;
  if (!seen !== !network) $(seen ? "ground" : "network").classList.add("alone");
  $("one").hidden = !POINTS.length;
  if (!POINTS.length) return;
  $("sample").max = POINTS.at(-1)[0];
  $("sample").oninput = typePoint;
  $("enter").onclick = enter;
  $("ground").querySelector("canvas").onclick = pickPoint;
}

function repaint() {
  readColors();
  if (plane) makePalette();
  if (at >= 0) drawAll();
}

function start() {
  document.documentElement.classList.toggle("framed", window.parent !== window);
  $("still").hidden = true;
  for (const id of ["screens", "controls"]) $(id).hidden = false;
  $("all").open = false;
  arrange();
  nameClasses();
  if (data.refused) $("refused").textContent = data.refused;
  hideFallback();
  $("first").onclick = MOVES.Home;
  $("last").onclick = MOVES.End;
  $("play").onclick = play;
  $("weights").onclick = () => choose("weights");
  $("slopes").onclick = () => choose("slopes");
  $("slider").oninput = () => move(Number($("slider").value));
  $("curve").querySelector("canvas").onclick = goToCurve;
  document.addEventListener("keydown", onKey);
  const [, epoch] = location.hash.match(/epoch=(\d+)/) || [];
  const first = epoch === undefined ? Number(frame?.dataset.frame ?? END) : data.epochs.findIndex((e) => e >= epoch);
  measure();
  watchTheme(repaint);
  matchMedia("print").addEventListener("change", repaint);
  go(first < 0 ? END : first);
  const resized = () => { measure(); drawAll(); fitFrame($("film")); };
  new ResizeObserver(resized).observe($("film"));
}

start();
