// The pictures of a film, drawn anew for every frame on canvases. All that they show is in the page's
// data; nothing is learnt here. ``mode`` says whether the network shows its weights or their slopes.
const $ = (id) => document.getElementById(id);
const data = JSON.parse($("data").textContent);
const END = data.epochs.length - 1;
let mode = "weights", colors = {};

// --- numbers -------------------------------------------------------------------------------------

function unpacked(text, Kind) {
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  return new Kind(bytes.buffer);
}

const vectors = data.vectors && unpacked(data.vectors, Float32Array);
const WIDTH = vectors ? vectors.length / (END + 1) : 0;
const network = data.network && {
  ...data.network,
  slopes: unpacked(data.network.slopes, Int8Array),
};
const plane = data.plane && { ...data.plane, cells: unpacked(data.plane.cells, Int8Array) };
const line = data.line && { ...data.line, values: unpacked(data.line.values, Float32Array) };

// Four digits, as everywhere.
function shown(x) {
  if (x === null || Number.isNaN(x)) return "–";
  const text = x !== 0 && (Math.abs(x) < 1e-4 || Math.abs(x) >= 1e5) ? x.toExponential(2) : String(Number(x.toPrecision(4)));
  return text.replaceAll("-", "−");
}

// --- canvases ------------------------------------------------------------------------------------

// How large the canvases are; to ask for it in every frame would lay the page out again and again.
const sizes = new Map();

function measure() {
  const ratio = window.devicePixelRatio || 1;
  for (const id of ["ground", "network", "curve"]) {
    const canvas = $(id).querySelector("canvas"), { clientWidth: width, clientHeight: height } = canvas;
    sizes.set(id, { canvas, width, height, ratio });
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
}

// The context of a canvas in pixels of the page, cleared, and its size.
function sheet(id) {
  const { canvas, width, height, ratio } = sizes.get(id), pen = canvas.getContext("2d");
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, height);
  pen.font = "12px system-ui, sans-serif";
  return { pen, width, height };
}

function readColors() {
  const style = getComputedStyle(document.documentElement);
  for (const name of ["ground", "line", "text", "soft", "grid", "accent", "positive", "negative", "unit",
    "c0", "c1", "c2", "c3", "r0", "r1", "r2", "r3", "f0", "f1"]) colors[name] = style.getPropertyValue(`--${name}`).trim();
}

const rgb = (code) => [1, 3, 5].map((k) => parseInt(code.slice(k, k + 2), 16));

// The colour of every step to either side of the boundary, and of every class.
let palette = [];
function makePalette() {
  const sides = [["r0", "f0"], ["r1", "f1"]].map((pair) => pair.map((name) => rgb(colors[name])));
  palette = Array.from({ length: 256 }, (_, k) => {
    if (plane.classes) return rgb(colors[`r${k % 4}`]);
    const step = k < 128 ? k : k - 256, [pale, full] = sides[step > 0 ? 1 : 0];
    const share = Math.min(1, Math.abs(step) / 127);
    return pale.map((x, i) => Math.round(x + (full[i] - x) * share));
  });
}

// --- the plane -----------------------------------------------------------------------------------

let place = [], chosen = null; // where the samples are, which of them is looked at
const small = document.createElement("canvas");

function drawPlane(frame) {
  const { pen, width, height } = sheet("ground"), { side, low, size } = plane;
  const extent = Math.min(width, height), left = (width - extent) / 2, top = (height - extent) / 2;
  const cells = plane.cells.subarray(frame * side * side, (frame + 1) * side * side);
  small.width = small.height = side;
  const inner = small.getContext("2d"), image = inner.createImageData(side, side);
  for (let k = 0; k < side * side; k++) {
    const place = 4 * ((side - 1 - Math.floor(k / side)) * side + (k % side));
    image.data.set(palette[cells[k] & 255], place);
    image.data[place + 3] = 255;
  }
  inner.putImageData(image, 0, 0);
  pen.imageSmoothingEnabled = !plane.classes;
  pen.save();
  pen.beginPath();
  pen.roundRect(left, top, extent, extent, 6);
  pen.clip();
  pen.drawImage(small, left, top, extent, extent);
  if (!plane.classes) boundary(pen, cells, side, left, top, extent);
  pen.restore();
  place = plane.points.map(([, x, y]) => [left + ((x - low[0]) / size) * extent, top + (1 - (y - low[1]) / size) * extent]);
  plane.points.forEach(([, , , kind], k) => mark(pen, ...place[k], kind));
  if (chosen !== null) ring(pen, ...place[chosen]);
}

function ring(pen, x, y) {
  pen.strokeStyle = colors.text;
  pen.lineWidth = 2;
  pen.beginPath();
  pen.arc(x, y, 9, 0, 7);
  pen.stroke();
}

// The line where the score is 0, cell by cell (marching squares).
function boundary(pen, cells, side, left, top, extent) {
  const along = (i) => ((i + 0.5) / side) * extent;
  pen.strokeStyle = colors.text;
  pen.lineWidth = 1.8;
  pen.beginPath();
  for (let j = 0; j + 1 < side; j++) for (let i = 0; i + 1 < side; i++) {
    const corners = [cells[j * side + i], cells[j * side + i + 1], cells[(j + 1) * side + i + 1], cells[(j + 1) * side + i]];
    const crossings = [];
    corners.forEach((a, k) => {
      const b = corners[(k + 1) % 4];
      if ((a > 0) === (b > 0)) return;
      const t = a / (a - b), [x0, y0] = [[0, 0], [1, 0], [1, 1], [0, 1]][k], [x1, y1] = [[1, 0], [1, 1], [0, 1], [0, 0]][k];
      crossings.push([left + along(i + x0 + t * (x1 - x0)), top + extent - along(j + y0 + t * (y1 - y0))]);
    });
    for (let k = 0; k + 1 < crossings.length; k += 2) {
      pen.moveTo(...crossings[k]);
      pen.lineTo(...crossings[k + 1]);
    }
  }
  pen.stroke();
}

// A sample: its class by colour and by shape.
function mark(pen, x, y, kind) {
  pen.beginPath();
  if (kind % 4 === 0) { pen.moveTo(x, y - 4.5); pen.lineTo(x + 4.5, y + 3.5); pen.lineTo(x - 4.5, y + 3.5); pen.closePath(); }
  else if (kind % 4 === 1) pen.arc(x, y, 4, 0, 7);
  else if (kind % 4 === 2) pen.rect(x - 3.5, y - 3.5, 7, 7);
  else { pen.moveTo(x, y - 5); pen.lineTo(x + 5, y); pen.lineTo(x, y + 5); pen.lineTo(x - 5, y); pen.closePath(); }
  pen.fillStyle = colors[`c${kind % 4}`];
  pen.strokeStyle = colors.ground;
  pen.lineWidth = 1;
  pen.fill();
  pen.stroke();
}

// --- the line ------------------------------------------------------------------------------------

function drawLine(frame) {
  const { pen, width, height } = sheet("ground"), count = line.values.length / (END + 1);
  const ys = line.points.map((point) => point[2]), values = line.values.subarray(frame * count, (frame + 1) * count);
  const low = Math.min(...ys), high = Math.max(...ys), room = 0.2 * (high - low || 1);
  const up = (y) => height - 22 - ((y - low + room) / (high - low + 2 * room)) * (height - 30);
  const across = (x) => 44 + ((x - line.low) / line.size) * (width - 54);
  axis(pen, width, height, [low, (low + high) / 2, high].map((y) => [up(y), y]));
  place = line.points.map(([, x, y]) => [across(x), up(y)]);
  for (const at of place) mark(pen, ...at, 1);
  if (chosen !== null) ring(pen, ...place[chosen]);
  pen.save();
  pen.beginPath();
  pen.rect(44, 0, width - 54, height - 20);
  pen.clip();
  pen.strokeStyle = colors.negative;
  pen.lineWidth = 2;
  pen.beginPath();
  values.forEach((y, k) => pen.lineTo(across(line.low + (line.size * k) / (count - 1)), up(y)));
  pen.stroke();
  pen.restore();
}

function axis(pen, width, height, marks) {
  pen.strokeStyle = colors.grid;
  pen.fillStyle = colors.soft;
  pen.lineWidth = 1;
  pen.textAlign = "right";
  for (const [y, number] of marks) {
    pen.beginPath();
    pen.moveTo(44, y);
    pen.lineTo(width - 10, y);
    pen.stroke();
    const short = Number(number.toPrecision(2));
    pen.fillText(short && Math.abs(short) < 0.01 ? short.toExponential(0).replaceAll("-", "−") : shown(short), 40, y + 4);
  }
}

// --- the network ---------------------------------------------------------------------------------

const WIDTHS = 16;

function drawNetwork(frame) {
  const { pen, width, height } = sheet("network"), { columns, lines } = network;
  const value = mode === "weights" ? (k) => vectors[frame * WIDTH + lines[k][3]] : (k) => network.slopes[frame * lines.length + k];
  const most = mode === "weights" ? network.most : 127, tallest = Math.max(...columns);
  const radius = Math.max(2.5, Math.min(11, (height / tallest) * 0.36));
  const x = (column) => 20 + (column * (width - 40)) / (columns.length - 1);
  const y = (column, unit) => (height * (unit + 0.5 + (tallest - columns[column]) / 2)) / tallest;
  pen.lineCap = "round";
  // lines of about the same width are one path: a tenth of the strokes
  const bundles = Array.from({ length: 2 * WIDTHS }, () => new Path2D());
  lines.forEach(([column, start, end], k) => {
    const x_ = value(k), share = Math.abs(x_) / most;
    if (share < 0.004) return;
    const bundle = bundles[2 * Math.min(WIDTHS - 1, Math.floor(share * WIDTHS)) + (x_ > 0 ? 1 : 0)];
    bundle.moveTo(x(column - 1), y(column - 1, start));
    bundle.lineTo(x(column), y(column, end));
  });
  bundles.forEach((bundle, k) => {
    const share = (Math.floor(k / 2) + 0.5) / WIDTHS;
    pen.globalAlpha = 0.25 + 0.75 * share;
    pen.strokeStyle = k % 2 ? colors.positive : colors.negative;
    pen.setLineDash(k % 2 ? [] : [5, 4]);
    pen.lineWidth = 0.4 + 5 * share;
    pen.stroke(bundle);
  });
  pen.globalAlpha = 1;
  pen.setLineDash([]);
  pen.fillStyle = colors.unit;
  pen.strokeStyle = colors.soft;
  pen.lineWidth = 1.4;
  columns.forEach((count, column) => {
    for (let unit = 0; unit < count; unit++) {
      pen.beginPath();
      pen.arc(x(column), y(column, unit), radius, 0, 7);
      pen.fill();
      pen.stroke();
    }
  });
  const largest = mode === "weights" ? network.most : network.steepest[frame];
  $("scale").textContent = largest === 0 ? "No gradient before the first step."
    : `Widest line: ${shown(largest)}${mode === "weights" ? " in all epochs" : " in this epoch"}. Blue is positive; orange, dashed, negative.`;
}

// --- the curves ----------------------------------------------------------------------------------

const LOSS = data.curves.loss;

function drawCurve(frame) {
  const { pen, width, height } = sheet("curve"), seen = LOSS.filter((y) => y !== null);
  if (!seen.length) return;
  let low = Math.min(...seen), high = Math.max(...seen);
  const log = low > 0 && high > 30 * low, scale = log ? Math.log10 : (y) => y;
  if (!log) low = Math.min(low, 0);
  if (low === high) high = low + 1;
  const up = (y) => height - 20 - ((scale(y) - scale(low)) / (scale(high) - scale(low))) * (height - 30);
  const across = (epoch) => 44 + ((epoch - 1) / Math.max(1, LOSS.length - 1)) * (width - 54);
  const middle = log ? Math.sqrt(low * high) : (low + high) / 2;
  axis(pen, width, height, [low, middle, high].map((y) => [up(y), y]));
  const draw = (upto, color) => {
    pen.strokeStyle = color;
    pen.lineWidth = 2;
    pen.beginPath();
    LOSS.slice(0, upto).forEach((y, k) => y !== null && pen.lineTo(across(k + 1), up(y)));
    pen.stroke();
  };
  draw(LOSS.length, colors.line);
  const epoch = data.epochs[frame];
  draw(epoch, colors.accent);
  if (epoch > 0 && LOSS[epoch - 1] !== null) {
    pen.fillStyle = colors.accent;
    pen.beginPath();
    pen.arc(across(epoch), up(LOSS[epoch - 1]), 4, 0, 7);
    pen.fill();
  }
  pen.fillStyle = colors.soft;
  pen.textAlign = "left";
  pen.fillText("1", 44, height - 5);
  pen.textAlign = "right";
  pen.fillText(String(LOSS.length), width - 10, height - 5);
  pen.textAlign = "center";
  pen.fillText("epoch", (width + 34) / 2, height - 5);
}

const steepest = Math.max(...data.norms.flat().filter((x) => x !== null), 0) || 1;
const lowest = Math.min(...data.norms.flat().filter((x) => x), steepest);
const bars = data.parts.map((name) => {
  const [word, track, bar, number] = ["span", "span", "i", "b"].map((tag) => document.createElement(tag));
  word.textContent = name;
  track.append(bar);
  $("bars").append(word, track, number);
  return { bar, number };
});

// On a scale of logarithms, since the parts of a network differ by powers of ten.
function drawNorms(frame) {
  bars.forEach(({ bar, number }, k) => {
    const x = data.norms[frame][k];
    const decades = Math.max(1, Math.log10(steepest / lowest));
    const share = x ? 0.04 + 0.96 * (1 - Math.log10(steepest / x) / decades) : 0;
    bar.style.width = `${100 * share}%`;
    number.textContent = frame === 0 && data.epochs[0] === 0 ? "–" : shown(x);
  });
}
