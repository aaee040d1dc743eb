// The view: how large the picture is and which part of it is in its box. It opens whole. Who zooms
// (wheel, two fingers, buttons) keeps that size, but both ends of what a step is about stay in view.
const box = $("picture"), natural = {};
let svg;
const MOST = 1.6, LEGIBLE = 0.55, NEAR = 0.75, LARGEST = 4, MARGIN = 12;
// wanted: the size that was asked for, 0 for the whole; opening: nobody has done anything yet
const view = { scale: 1, wanted: 0, opening: true, places: null, about: null };
// What is told when another part of the picture is in view, or other parts of it are lit.
const onlookers = [];
const look = () => onlookers.forEach((onlooker) => onlooker());

// The picture that is in the box now.
function hang() {
  svg = box.querySelector("svg");
  for (const side of ["width", "height"]) {
    natural[side] = svg.viewBox.baseVal[side] * 4 / 3;
    svg.setAttribute(side, natural[side]);
  }
  view.places = null;
}

function whole() {
  const width = box.clientWidth - 2 * MARGIN, height = box.clientHeight - 2 * MARGIN;
  return Math.max(0.002, Math.min(width / natural.width, height / natural.height, MOST));
}

// Where every plate stands, in pixels of the natural size.
function measure() {
  const { left, top, width } = svg.getBoundingClientRect(), scale = width / natural.width;
  if (!width) return;
  view.places = new Map();
  for (const [id, { plate, standIn }] of plates) {
    const at = (plate ?? standIn)?.getBoundingClientRect();
    if (!at) continue;
    view.places.set(id, {
      left: (at.left - left) / scale, right: (at.right - left) / scale,
      top: (at.top - top) / scale, bottom: (at.bottom - top) / scale,
    });
  }
}

function around(ids) {
  const places = ids.map((id) => view.places?.get(id)).filter(Boolean);
  if (!places.length) return null;
  return {
    left: Math.min(...places.map((at) => at.left)), right: Math.max(...places.map((at) => at.right)),
    top: Math.min(...places.map((at) => at.top)), bottom: Math.max(...places.map((at) => at.bottom)),
  };
}

// Another size, with the point of the picture that is at (x, y) on the screen staying there. The sheet
// is scaled; to give the SVG another size would lay out every text of it anew.
function resize(scale, x, y) {
  const before = svg.getBoundingClientRect();
  view.scale = scale;
  svg.style.transform = `scale(${scale})`;
  $("sheet").style.width = `${natural.width * scale}px`;
  $("sheet").style.height = `${natural.height * scale}px`;
  const after = svg.getBoundingClientRect();
  box.scrollLeft += after.left + ((x - before.left) / (before.width || 1)) * after.width - x;
  box.scrollTop += after.top + ((y - before.top) / (before.height || 1)) * after.height - y;
  const scrolls = box.scrollWidth > box.clientWidth + 1 || box.scrollHeight > box.clientHeight + 1;
  box.style.touchAction = scrolls ? "none" : "pan-y";
  box.classList.toggle("scrolls", scrolls);
  look();
}

function middle() {
  const { left, top, width, height } = box.getBoundingClientRect();
  return [left + width / 2, top + height / 2];
}

function zoom(factor, x = middle()[0], y = middle()[1]) {
  view.opening = false;
  view.wanted = Math.min(LARGEST, Math.max(whole(), view.scale * factor));
  resize(view.wanted, x, y);
  view.wanted = view.wanted > whole() * 1.001 ? view.wanted : 0;
}

function fit() {
  view.opening = false;
  view.wanted = 0;
  resize(whole(), ...middle());
}

// Bring the plates of a step into view: smaller if they are far apart, moved if they are hidden.
function follow(ids, smooth) {
  const all = whole(), place = around(ids);
  view.about = ids;
  const base = Math.max(all, view.wanted);
  if (!place) return resize(base, ...middle());
  const room = { x: box.clientWidth - 2 * MARGIN, y: box.clientHeight - 2 * MARGIN };
  const fits = Math.min(room.x / (place.right - place.left), room.y / (place.bottom - place.top));
  const scale = Math.max(all, Math.min(base, fits));
  if (scale !== view.scale) { resize(scale, ...middle()); smooth = false; }
  const outer = box.getBoundingClientRect(), inner = svg.getBoundingClientRect();
  const shift = (low, high, start, size) => (low < start || high > start + size ? (low + high - 2 * start - size) / 2 : 0);
  const left = shift(inner.left + place.left * scale - MARGIN, inner.left + place.right * scale + MARGIN, outer.left, box.clientWidth);
  const top = shift(inner.top + place.top * scale - MARGIN, inner.top + place.bottom * scale + MARGIN, outer.top, box.clientHeight);
  // From where the box is now: it may be on its way to an earlier step, which is over.
  box.scrollTo({ left: box.scrollLeft + left, top: box.scrollTop + top, behavior: smooth && (left || top) ? "smooth" : "auto" });
}

// The box has another size: what was in view stays in view.
function refit() {
  if (!box.clientWidth) return;
  if (!view.places) { resize(whole(), 0, 0); measure(); }
  view.about && !view.opening ? follow(view.about, false) : resize(Math.max(whole(), view.wanted), ...middle());
}

// The first step after opening: a picture too large to be read as a whole comes nearer.
function approach() {
  if (view.opening && whole() < LEGIBLE) view.wanted = NEAR;
  view.opening = false;
}

// --- mouse and fingers ---------------------------------------------------------------------------

const fingers = new Map();
// So that the end of a drag is no click.
let dragged = false;

function press(event) {
  if (event.button || event.target.closest("input")) return;
  fingers.set(event.pointerId, event);
  dragged = false;
}

function drag(event) {
  const before = fingers.get(event.pointerId);
  if (!before || (!dragged && Math.hypot(event.clientX - before.clientX, event.clientY - before.clientY) < 4)) return;
  if (!dragged) box.setPointerCapture(event.pointerId);
  dragged = true;
  const [other] = [...fingers.values()].filter((finger) => finger.pointerId !== event.pointerId);
  fingers.set(event.pointerId, event);
  if (other) {
    const apart = (finger) => Math.hypot(finger.clientX - other.clientX, finger.clientY - other.clientY);
    zoom(apart(event) / (apart(before) || 1), (event.clientX + other.clientX) / 2, (event.clientY + other.clientY) / 2);
  } else {
    box.scrollLeft -= event.clientX - before.clientX;
    box.scrollTop -= event.clientY - before.clientY;
  }
}

// In a notebook the wheel alone scrolls the notebook; with Ctrl, as two fingers on a pad, it zooms.
function wheel(event) {
  const alone = !event.ctrlKey && !event.metaKey;
  if (alone && (Math.abs(event.deltaX) > Math.abs(event.deltaY) || (window.parent !== window && !document.fullscreenElement))) return;
  event.preventDefault();
  zoom(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : alone ? 0.0015 : 0.01)), event.clientX, event.clientY);
}

function fullScreen() {
  if (document.fullscreenElement) document.exitFullscreen();
  else if (document.fullscreenEnabled) $("player").requestFullscreen();
}

function startView() {
  hang();
  box.addEventListener("wheel", wheel, { passive: false });
  box.onpointerdown = press;
  box.onpointermove = drag;
  box.onpointerup = box.onpointercancel = (event) => fingers.delete(event.pointerId);
  box.onscroll = look;
  $("in").onclick = () => zoom(1.25);
  $("out").onclick = () => zoom(0.8);
  $("whole").onclick = fit;
  $("full").onclick = fullScreen;
  $("full").hidden = !document.fullscreenEnabled;
  new ResizeObserver(refit).observe(box);
  refit();
}
