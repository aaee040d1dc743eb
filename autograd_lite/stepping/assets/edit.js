// The number of a leaf is changed where it stands: on its plate.
const field = $("edit");

function isOnNumber(id, x, y) {
  const at = knobs.has(id) && plates.get(id).data.text?.getBoundingClientRect();
  const near = 4 * view.scale;
  return at && x > at.left - 2 * near && x < at.right + 2 * near && y > at.top && y < at.bottom + near / 2;
}

function edit(id) {
  const { plate, data: number } = plates.get(id);
  const at = number.text.getBoundingClientRect(), around = $("stage").getBoundingClientRect();
  const [left, right] = [plate, number.text].map((part) => part.getBoundingClientRect());
  stop();
  field.dataset.of = id;
  field.value = shown(player.leaves[id]);
  field.setAttribute("aria-label", data.names[id]);
  field.hidden = false;
  const height = Math.max(1.2 * at.height, 20), width = Math.max(right.right - left.left - 8, 72);
  Object.assign(field.style, {
    left: `${Math.max(2, right.right - width - around.left)}px`, top: `${at.top + at.height / 2 - height / 2 - around.top}px`,
    width: `${width}px`, height: `${height}px`, fontSize: `${Math.max(12, height * 0.68)}px`,
  });
  field.focus({ preventScroll: true });
  field.select();
}

// Commas and true minus signs are welcome.
function take() {
  const id = field.dataset.of, text = field.value.trim().replace(/[−–]/g, "-").replace(",", ".");
  if (field.hidden || !id) return;
  field.dataset.of = "";
  field.hidden = true;
  if (text === "" || !Number.isFinite(Number(text)) || field.value === shown(player.leaves[id])) return;
  knobs.get(id).set(Number(text));
  turn(id, Number(text));
}

field.onkeydown = (event) => {
  if (event.key === "Escape") field.dataset.of = "";
  if (event.key === "Escape" || event.key === "Enter") {
    event.stopPropagation();
    take();
    field.hidden = true;
    box.focus({ preventScroll: true });
  }
};
field.onblur = take;
box.addEventListener("scroll", () => { field.hidden = true; });
