// The page around the player: its frame and its address. Its theme: see around.js.
const framed = window.parent !== window, root = document.documentElement;
// A window is filled, and a frame whose page has given it its size (data-fills).
const fills = !framed || Boolean(frame && "fills" in frame.dataset);
const content = document.querySelector("main"), filling = $("player");

// The step that the address asks for (#step=7), or that the frame was at before it was moved.
function addressed() {
  const [, number] = location.hash.match(/step=(\d+)/) || [];
  return number ? number - 1 : Number(frame?.dataset.step) || 0;
}

function address(i) {
  if (frame) frame.dataset.step = i;
  if (framed || (i === 0 && !location.hash)) return;
  const rest = location.hash.replace(/^#(step=\d+)?/, "");
  try { history.replaceState(history.state, "", `#step=${i + 1}${rest}`); } catch { /* not allowed here */ }
}

// The numbers that were moved, by name: the frame keeps them as it keeps the step.
function movedBefore() {
  try { return JSON.parse(frame.dataset.leaves); } catch { return {}; }
}

function remember(moved) {
  if (!frame || !(moved.length || frame.dataset.leaves)) return;
  frame.dataset.leaves = JSON.stringify(Object.fromEntries(moved.map((id) => [data.names[id], player.leaves[id]])));
}

// A window is filled by the player, below the heading. A frame is as high as the page in it, and the
// picture in it as high as its width asks for.
function settle() {
  if (fills) root.style.setProperty("--above", `${filling.offsetTop + (framed ? 0 : 12)}px`);
  if (fills || !frame) return;
  const whole = Math.min(1.2, (box.clientWidth - 24) / natural.width), scale = whole < LEGIBLE ? NEAR : whole;
  const height = Math.round(Math.min(440, Math.max(180, natural.height * scale + 26)));
  box.style.height = document.fullscreenElement ? "" : `${height}px`;
  fitFrame(content);
}

function startHost() {
  root.classList.add("live");
  root.classList.toggle("framed", framed);
  root.classList.toggle("fills", fills);
  watchTheme();
  hideFallback();
  settle();
  new ResizeObserver(settle).observe(content);
}
