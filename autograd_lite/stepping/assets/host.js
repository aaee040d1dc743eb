// The page around the player: its theme, its frame, its address.
const frame = (() => { try { return window.frameElement; } catch { return null; } })();
const framed = window.parent !== window;

// Dark or light: what the notebook or the site says, else what the system says.
function isDark() {
  try {
    const { body, documentElement: root } = window.parent.document;
    const said = [
      body.dataset.jpThemeLight && (body.dataset.jpThemeLight === "false" ? "dark" : "light"),
      body.dataset.vscodeThemeKind,
      root.getAttribute("theme"),
      root.dataset.theme || body.dataset.theme,
    ].find(Boolean);
    if (said) return said.includes("dark") || said === "vscode-high-contrast";
  } catch { /* a parent of another origin says nothing */ }
  return matchMedia("(prefers-color-scheme: dark)").matches;
}

function paint() {
  const dark = isDark();
  document.documentElement.classList.toggle("dark", dark);
  document.documentElement.style.colorScheme = dark ? "dark" : "light";
}

function watchTheme() {
  paint();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);
  try {
    const { body, documentElement: root } = window.parent.document;
    const watcher = new MutationObserver(paint);
    for (const element of [body, root]) watcher.observe(element, { attributes: true });
  } catch { /* as above */ }
}

// The step that the address asks for (#step=7), or that the frame was at before it was moved.
function addressed() {
  const [, number] = location.hash.match(/step=(\d+)/) || [];
  return number ? number - 1 : Number(frame?.dataset.step) || 0;
}

function address(i) {
  if (frame) frame.dataset.step = i;
  if (framed || (i === 0 && !location.hash)) return;
  try { history.replaceState(history.state, "", `#step=${i + 1}`); } catch { /* not allowed here */ }
}

// A frame is as high as the page in it. The picture in it is as high as its width asks for.
function settle() {
  if (!frame) return;
  if (!document.fullscreenElement) {
    const scale = Math.min(1.2, (box.clientWidth - 24) / natural.width);
    box.style.height = `${Math.round(Math.min(440, Math.max(180, natural.height * scale + 26)))}px`;
  } else box.style.height = "";
  frame.style.height = `${Math.ceil(document.querySelector("main").getBoundingClientRect().height) + 2}px`;
}

function startHost() {
  document.documentElement.classList.add("live");
  document.documentElement.classList.toggle("framed", framed);
  watchTheme();
  settle();
  new ResizeObserver(settle).observe(document.querySelector("main"));
}
