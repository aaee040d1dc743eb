// The quiz: gradients are hidden, and the learner fills them in, one backward step at a time.
const answers = new Map();

function asks(step) {
  return step.phase === "backward" && waysIn(step).length === 1;
}

// Commas, true minus signs, fractions (3/4) and ∞ are welcome.
function read(text) {
  const plain = text.replace(/[−–]/g, "-").replace(/\s*×\s*10\^?/, "e").replace(",", ".")
    .replace(/∞|inf(inity)?/i, "Infinity");
  const [, top, bottom] = plain.match(/^([^/]+)(?:\/([^/]+))?$/) || [];
  return top === undefined ? NaN : bottom === undefined ? Number(top) : Number(top) / Number(bottom);
}

// Right within one per cent; what is infinite or no number has to be met.
function isRight(given, wanted) {
  if (!Number.isFinite(wanted)) return Object.is(given, wanted);
  return Math.abs(given - wanted) <= 0.01 * Math.abs(wanted);
}

function verdict(text, kind) {
  $("verdict").textContent = text;
  $("verdict").className = kind;
}

function score() {
  const right = [...answers.values()].filter((kind) => kind === "right").length;
  $("score").textContent = `${right} of ${player.steps.filter(asks).length} right`;
}

// Hide what has not been answered, in the words, on the plates.
function hide(step, state) {
  player.steps.slice(0, player.at + 1).forEach((earlier, i) => {
    if (!answers.has(i) && asks(earlier)) state.grad[earlier.node] = "?";
  });
  const open = asks(step) && !answers.has(player.at);
  $("quiz").hidden = !asks(step);
  $("form").hidden = !open;
  if (!open) {
    const right = answers.get(player.at) === "right";
    if (asks(step)) verdict(right ? "Right." : "Shown.", right ? "right" : "");
    return;
  }
  verdict("", "");
  $("answer").value = "";
  $("hint").textContent = "Hint";
  $("math").textContent = $("math").textContent.split(" = ")[0] + " = ?";
  $("question").textContent = `What is ${$("note").textContent.replace(/: \S+ → .*/, "")} after this step?`;
  $("note").textContent = "";
  if (document.activeElement !== $("slider")) $("answer").focus({ preventScroll: true });
}

function resolve(kind) {
  answers.set(player.at, kind);
  score();
  go(player.at);
  $("next").focus({ preventScroll: true });
}

function check(event) {
  event.preventDefault();
  stop();
  const wanted = player.numbers[`a${waysIn(player.steps[player.at])[0]}`];
  const text = $("answer").value.trim(), given = read(text);
  if (Number.isNaN(given) && text.toLowerCase() !== "nan") {
    verdict("Type a number, such as -0.25 or 3/4.", "wrong");
  } else if (isRight(given, wanted)) {
    resolve("right");
  } else {
    verdict(isRight(-given, wanted) ? "Wrong: look at the sign." : "Wrong. Try again, or take a hint.", "wrong");
    $("answer").select();
  }
}

// First the local rule, then the numbers, then the answer.
function hint() {
  stop();
  const step = player.steps[player.at], [, math, note] = wordsOf(step, player.numbers);
  const parts = math.split(" = ");
  if ($("hint").textContent === "Hint") {
    verdict(`The chain rule: ${parts[0]}. Here ${data.rules[step.edges[0]]}.`, "");
    $("hint").textContent = "More";
  } else if ($("hint").textContent === "More") {
    const before = note.match(new RegExp(": (\\S+) →"))[1];
    verdict(`${parts[1]}, added to what was there: ${before}`, "");
    $("hint").textContent = "Show the answer";
  } else {
    resolve("shown");
    return;
  }
  $("answer").focus({ preventScroll: true });
}

$("all").hidden = true;
$("form").onsubmit = check;
$("hint").onclick = hint;
listeners.push(hide);
score();
