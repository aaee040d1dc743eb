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

// Into a corner where it covers nothing that is lit.
function makeWay(outer, inner) {
  const { width, height } = map.getBoundingClientRect(), room = 16;
  const places = (view.about ?? []).map((id) => view.places.get(id)).filter(Boolean);
  const free = ([left, up]) => places.every((at) => {
    const x = inner.left - outer.left, y = inner.top - outer.top;
    const [low, high] = [x + at.left * view.scale, x + at.right * view.scale];
    const [top, bottom] = [y + at.top * view.scale, y + at.bottom * view.scale];
    return (left ? low > width + room : high < outer.width - width - room)
      || (up ? top > height + room : bottom < outer.height - height - room);
  });
  const corner = [[0, 0], [1, 0], [0, 1], [1, 1]].find(free) ?? [0, 0];
  ["left", "up"].forEach((name, i) => map.classList.toggle(name, corner[i]));
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
