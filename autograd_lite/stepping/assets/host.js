// The page around the player: its frame and its address. Its theme: see around.js.
const framed = window.parent !== window;
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

// A window is filled by the player, below the heading. A frame is as high as the page in it, and the
// picture in it as high as its width asks for.
function settle() {
  if (!framed) document.documentElement.style.setProperty("--above", `${filling.offsetTop + 12}px`);
  if (!frame) return;
  const whole = Math.min(1.2, (box.clientWidth - 24) / natural.width), scale = whole < LEGIBLE ? NEAR : whole;
  const height = Math.round(Math.min(440, Math.max(180, natural.height * scale + 26)));
  box.style.height = document.fullscreenElement ? "" : `${height}px`;
  fitFrame(content);
}

function startHost() {
  document.documentElement.classList.add("live");
  document.documentElement.classList.toggle("framed", framed);
  watchTheme();
  hideFallback();
  settle();
  new ResizeObserver(settle).observe(content);
}
