// What surrounds any page of ours: its theme, and the picture and text that stand in for it without scripts.
// In a notebook the page is in a frame, and asks the page around it.

const frame = (() => { try { return window.frameElement; } catch { return null; } })();

// Dark or light: what the notebook or the site says, else what the system says.
function isDark() {
  try {
    const { body, documentElement: root } = window.parent.document;
    const said = [
      body.dataset.jpThemeLight && (body.dataset.jpThemeLight === "false" ? "dark" : "light"),
      body.dataset.vscodeThemeKind,
      root.getAttribute("theme"),
      root.dataset.theme || body.dataset.theme,
      frame && ["dark", "light"].find((name) => [body, root].some((e) => e.classList.contains(name))),
    ].find(Boolean);
    if (said) return said.includes("dark") || said === "vscode-high-contrast";
  } catch { /* a parent of another origin says nothing */ }
  return matchMedia("(prefers-color-scheme: dark)").matches;
}

// ``painted`` is told after every change.
function watchTheme(painted = () => {}) {
  const root = document.documentElement;
  const paint = () => {
    const dark = isDark();
    root.classList.toggle("dark", dark);
    root.style.colorScheme = dark ? "dark" : "light";
    painted();
  };
  paint();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);
  if (!frame) return;
  try {
    const { body, documentElement } = window.parent.document;
    const watcher = new MutationObserver(paint);
    for (const element of [body, documentElement]) watcher.observe(element, { attributes: true });
  } catch { /* as above */ }
}

// A host may wrap the frame; the nearest element around it that has the stand-in has the right one.
function hideFallback() {
  for (let around = frame?.parentElement; around; around = around.parentElement) {
    const found = around.querySelector(".autograd-lite-fallback");
    if (!found) continue;
    found.style.display = "none";
    return;
  }
}

// The frame is as high as what is in it.
function fitFrame(element) {
  if (frame) frame.style.height = `${Math.ceil(element.getBoundingClientRect().height) + 2}px`;
}
