// The map of a large picture, with a frame around what is in view. It is there while not all is.
const map = $("map");

function element(name, attributes) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function drawMap() {
  map.setAttribute("viewBox", `0 0 ${natural.width} ${natural.height}`);
  map.replaceChildren(...[...view.places].map(([id, at]) => element("rect", {
    id: `map-${id}`, x: at.left, y: at.top, width: at.right - at.left, height: at.bottom - at.top,
  })), element("rect", { id: "seen" }));
}

function frameMap() {
  map.toggleAttribute("hidden", !box.classList.contains("scrolls"));
  if (map.hasAttribute("hidden") || !view.places) return;
  if (!map.firstChild) drawMap();
  const outer = box.getBoundingClientRect(), inner = svg.getBoundingClientRect();
  const place = { x: outer.left - inner.left, y: outer.top - inner.top, width: outer.width, height: outer.height };
  makeWay(outer, inner);
  for (const [key, value] of Object.entries(place)) $("seen").setAttribute(key, value / view.scale);
  for (const [id, { plate }] of plates) dress($(`map-${id}`), plate?.classList.contains("on") ? "on" : "");
}

// Out of the way of what is lit.
function makeWay(outer, inner) {
  const at = around(view.about ?? []), { width, height } = map.getBoundingClientRect();
  const covers = at && inner.left + at.right * view.scale > outer.right - width - 16
    && inner.top + at.bottom * view.scale > outer.bottom - height - 16;
  map.classList.toggle("left", covers);
}

function goOnMap(event) {
  if (!event.buttons) return;
  const at = map.getBoundingClientRect(), outer = box.getBoundingClientRect(), inner = svg.getBoundingClientRect();
  const x = ((event.clientX - at.left) / at.width) * inner.width, y = ((event.clientY - at.top) / at.height) * inner.height;
  box.scrollLeft += inner.left + x - outer.left - outer.width / 2;
  box.scrollTop += inner.top + y - outer.top - outer.height / 2;
}

map.onpointerdown = map.onpointermove = goOnMap;
onlookers.push(frameMap);
