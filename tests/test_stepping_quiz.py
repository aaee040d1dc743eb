"""Quizzes played in a real Chromium, their codes, and who changes one."""

import base64
import json
import math
import re

import pytest

from autograd_lite import Parameter, Value, cli, nn, step_through
from autograd_lite.stepping.grading import NO_PROOF, checksum, report, works
from autograd_lite.stepping.quizzes import QUIZZES

WRONG = "1234.5"


def text_of(page, selector):
    return page.locator(selector).text_content()


def neuron():
    x, w, b = Value(2.0, label="x"), Value(-0.5, label="w"), Value(0.25, label="b")
    n = x * w + b
    n.label = "n"
    t, g = n.tanh(), n.sigmoid()
    t.label, g.label = "t", "g"
    o = t + g
    o.label = "o"
    return o


def wanted(made, page):
    """The right answer to the open question, from the numbers in Python."""
    by_name = {name: node for node, name in made.walk.names.items()}
    asked = text_of(page, "#question")
    if made.quiz == "order":
        done = page.evaluate("() => document.querySelectorAll('#choices button').length")
        assert done >= 2
        return None
    if made.quiz == "forward":
        return by_name[re.match(r"What is (.*)\?", asked)[1]].data
    if made.quiz == "local":
        of, by = re.match(r"What is ∂\(?(.*?)\)?/∂\(?(.*?)\)?\?", asked).groups()
        node = by_name[of]
        return node.partials[[made.walk.names[x] for x in node.parents].index(by)]
    step = made.steps[int(text_of(page, "#count").split(" / ")[0]) - 1]
    return step.set[step.node]["grad"]


def answer(made, page, right=True):
    """Give the open question a right or a wrong answer; what was said of it."""
    if made.quiz == "order":
        ready = ready_names(made, page)
        names = page.locator("#choices button").all_text_contents()
        name = next(name for name in names if (name in ready) == right)
        page.locator("#choices button", has_text=re.compile(f"^{re.escape(name)}$")).click()
    else:
        page.fill("#answer", repr(wanted(made, page)) if right else WRONG)
        page.keyboard.press("Enter")
    return text_of(page, "#verdict")


def ready_names(made, page):
    """Whose uses have all passed their gradients on, at the step that is shown."""
    at = int(text_of(page, "#count").split(" / ")[0]) - 1
    ids = {id: node for node, id in made.walk.ids.items()}
    done = {ids[edge.split("-")[0]] for step in made.steps[:at] if step.phase == "backward"
            for edge in step.edges if edge.endswith("-out")}  # fmt: skip
    nodes = [node for node in made.walk.order if node.parents and node not in done]
    users = {node: [v for v in made.walk.order if node in v.parents] for node in nodes}
    return {made.walk.names[node] for node in nodes if done.issuperset(users[node])}


@pytest.mark.browser
@pytest.mark.parametrize("kind", QUIZZES)
def test_a_quiz_is_played_left_and_taken_up_again_and_graded(open_page, kind, tmp_path, capsys):
    made = step_through(neuron(), quiz=kind)
    page = open_page(made.to_html(), viewport={"width": 1280, "height": 720})
    total = int(re.match(r"0 of (\d+) right", text_of(page, "#score"))[1])
    asked, missed = 0, []
    for _ in range(60):
        if page.locator("#card[open]").count():
            break
        if page.locator("#form").is_hidden():
            page.keyboard.press("ArrowRight")
            continue
        asked += 1
        if asked == 2:  # wrong, then right
            missed.append(text_of(page, "#question"))
            assert answer(made, page, right=False).startswith("Wrong")
        if asked == 3:  # never answered
            missed.append(text_of(page, "#question"))
            before = text_of(page, "#score")
            for _ in range(4):
                page.click("#hint")
                if text_of(page, "#score") != before or text_of(page, "#question") != missed[-1]:
                    break
                if page.locator("#form").is_hidden():
                    break
            continue
        assert page.locator("#form").is_visible()
        answer(made, page)
        if asked == 2:
            page.reload()
            assert text_of(page, "#score") == f"2 of {total} right"
    assert asked == total
    sums = f"{total - 1} of {total} right, {total - 2} at the first try without a hint"
    assert text_of(page, "#sum").startswith(sums)
    rows = page.locator("#mistakes tr").all_text_contents()
    assert len(rows) == 3
    assert "(shown)" in rows[2]
    page.set_viewport_size({"width": 700, "height": 420})  # of a cell
    button = page.locator("#copy").bounding_box()
    assert 0 < button["y"] < button["y"] + button["height"] < 420
    page.fill("#name", "Ada, Øresund")
    code = page.input_value("#code")
    assert code.startswith("AGQ1.")
    page.reload()
    page.keyboard.press("End")
    page.click("#result")
    assert page.input_value("#code") == code, "and the answers are still there"

    (work,) = works(f"From: Ada\n{code}\n")
    assert (work.name, work.title, len(work.rows)) == ("Ada, Øresund", made.title, total)
    assert (len(work.right), work.at_once, len(work.missed)) == (total - 1, total - 2, 2)
    path = tmp_path / "codes.csv"
    path.write_text(f'name,code\nAda,"{code}"\n', encoding="utf-8")
    assert cli.main(["grade", str(path)]) == 0
    out, err = capsys.readouterr()
    assert f"Ada, Øresund  {total - 1} / {total}" in out
    assert out.endswith(NO_PROOF + "\n")
    path.write_text(
        f"{code}\n{edited(code, lambda w: w[5][1].__setitem__(2, []))}", encoding="utf-8"
    )
    assert cli.main(["grade", str(path)]) == 1
    out, err = capsys.readouterr()
    assert "CHANGED" in out
    assert err == ("autograd-lite: 1 of 2 codes was changed or cut after the quiz made them.\n")


def edited(code, change):
    """A code whose content was changed by hand, under the checksum it had."""
    start, letters, sums = code.split(".")
    content = json.loads(base64.urlsafe_b64decode(letters + "=" * (-len(letters) % 4)))
    change(content)
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return f"{start}.{base64.urlsafe_b64encode(text.encode()).decode().rstrip('=')}.{sums}"


def code_of(content):
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    letters = base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
    return f"AGQ1.{letters}.{checksum(text)}"


CONTENT = [
    "0123abcd", "Quiz: y", "Bo", 1_700_000_000, 1_700_000_600,
    [["y", "6", ["5", "6"], 0, "right"], ["z", "2", ["2"], 0, "right"], ["u", "3", [], 2, "shown"],
     ["v", "4", ["4"], 1, "right"]],
]  # fmt: skip

CHANGES = {
    "nothing": (lambda c: None, True),
    "an answer": (lambda c: c[5][0][2].pop(0), False),
    "a verdict": (lambda c: c[5][2].__setitem__(4, "right"), False),
    "a hint": (lambda c: c[5][3].__setitem__(3, 0), False),
    "the time": (lambda c: c.__setitem__(4, c[4] + 1), False),
    "when it began": (lambda c: c.__setitem__(3, c[3] + 60), False),
    "the name": (lambda c: c.__setitem__(2, "Al"), False),
    "the quiz": (lambda c: c.__setitem__(0, "0123abce"), False),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_is_noticed(what):
    change, genuine = CHANGES[what]
    (work,) = works(edited(code_of(CONTENT), change))
    assert (work is not None) == genuine


def test_every_other_letter_is_noticed():
    code = code_of(CONTENT)
    for i in range(5, len(code)):
        letter = "A" if code[i] != "A" else "B"
        assert None in works(code[:i] + (letter if code[i] != "." else "") + code[i + 1 :]), i


def test_codes_come_through_mails_tables_and_in_numbers():
    code = code_of(CONTENT)
    broken = "\n> ".join(code[i : i + 60] for i in range(0, len(code), 60))
    for text in (code, f"a,{code},b\r\n", f"“{code}”", f"> {broken}\n-- \nBo", f"{code};{code}"):
        assert {work.name for work in works(text)} == {"Bo"}, text
    assert len(works(f"{code} {code}")) == 2
    assert works("no code, but AGQ1 is mentioned") == []
    assert works(f"{code}\n{code[:90]}") == [works(code)[0], None]


def test_a_report():
    code = code_of(CONTENT)
    assert report(works(f"{code} {code[:-1]}g")) == (
        "name  right  at once  minutes  quiz      missed\n"
        "Bo    3 / 4  1        10       0123abcd  y; u\n"
        "?     –      –        –        –         CHANGED or cut after it was made\n"
        "\n"
        "0123abcd: Quiz: y\n"
        "Missed most: y (1); u (1)\n"
        f"{NO_PROOF}"
    )


def test_grade_of_a_file_without_codes(tmp_path, capsys):
    path = tmp_path / "notes.txt"
    path.write_text("nothing", encoding="utf-8")
    assert cli.main(["grade", str(path)]) == 2
    assert "There is no code in" in capsys.readouterr().err
    assert cli.main(["grade", str(tmp_path / "none.txt")]) == 1


@pytest.mark.browser
def test_without_a_store_the_address_keeps_the_answers(open_page):
    made = step_through(neuron(), quiz="forward")
    refused = "Object.defineProperty(window, 'localStorage', { get() { throw new Error('no'); } });"
    page = open_page(f"<script>{refused}</script>{made.to_html()}")
    answer(made, page)
    assert re.search(r"^#step=\d+&quiz=[\w-]+$", page.evaluate("location.hash"))
    page.keyboard.press("ArrowRight")
    page.reload()
    assert text_of(page, "#score").startswith("1 of ")
    assert text_of(page, "#count").startswith("2 /")


@pytest.mark.browser
@pytest.mark.parametrize("kind", ["forward", "order"])
def test_nothing_after_the_open_question_is_shown(open_page, kind):
    made = step_through(neuron(), quiz=kind)
    page = open_page(made.to_html())
    for key in ("End", "ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
    assert page.locator("#form").is_visible()
    at = int(text_of(page, "#count").split(" / ")[0]) - 1
    assert text_of(page, "#note") == "" or kind == "order"
    if kind == "order":
        assert text_of(page, "#title") == "Backward: who is next?"
        assert page.locator("#picture .on, #picture .target").count() == 0
    else:
        assert at == 0
        assert page.locator("#picture").inner_text().count("?") >= 1
    page.click("#hint")
    hinted = text_of(page, "#verdict")
    assert hinted != ""
    page.click("#play")
    assert text_of(page, "#count").startswith(f"{at + 1} /")


@pytest.mark.browser
def test_hints_are_the_forms_that_a_learner_knows(open_page):
    y = Value(0.5, label="n").sigmoid()
    y.label = "g"
    page = open_page(step_through(y, quiz="local").to_html())
    page.click("#hint")
    assert text_of(page, "#verdict") == "The rule: ∂g/∂n = g·(1 − g)."
    page.click("#hint")
    assert text_of(page, "#verdict") == "Here that is 0.6225·(1 − 0.6225)."
    assert '"∂t/∂n = 1 − t²"' in step_through(neuron(), quiz="local").to_html()


def test_no_kind_gives_itself_away():
    o = neuron()
    for kind in QUIZZES:
        made = step_through(o, quiz=kind)
        page, text = made.to_html(), str(made)
        assert str(made) == made._repr_mimebundle_()["text/plain"]
        picture, listed = (
            page.partition('<div id="sheet">')[2].partition("</svg>")[0],
            page.partition("<ol>")[2].partition("</ol>")[0],
        )
        if kind == "forward":
            assert "= ?" in text
            assert "−0.635" not in text + picture
        if kind == "local":
            assert "Recorded" not in text + listed
            assert picture.count(">?</text>") == 8
        if kind == "order":
            assert "from o to" not in text + listed
    with pytest.raises(ValueError, match=r"There is no quiz 'all'\. The four are \"gradients\""):
        step_through(o, quiz="all")


def test_a_seed_draws_other_numbers_and_keeps_everything_else():
    model = nn.MLP(2, [2, 1], activation="tanh")
    plain = step_through(model, [1.0, -2.0], expand=True)
    seen = set()
    for seed in range(3):
        made, again = (step_through(model, [1.0, -2.0], expand=True, seed=seed) for _ in range(2))
        assert [*made.walk.names.values()] == [*plain.walk.names.values()]
        assert made.steps == again.steps
        assert [step.title for step in made.steps] == [step.title for step in plain.steps]
        made.walk.output.backward()
        last = {id: change["grad"] for step in made.steps for id, change in step.set.items()
                if "grad" in change}  # fmt: skip
        for node, id in made.walk.ids.items():
            assert math.isclose(last.get(id, 0.0), node.grad, rel_tol=1e-12), node
        leaves = [node for node in made.walk.order if node.op is None]
        assert all(abs(x.data) <= 4 and round(x.data, 1) == x.data for x in leaves)
        seen.add(tuple(x.data for x in leaves))
        assert made.drawing.to_dot().count("cluster") == plain.drawing.to_dot().count("cluster")
    assert len(seen) == 3


def test_a_seed_stays_where_the_graph_has_values_and_moves_parameters():
    x = Value(3.0, label="x")
    for seed in range(6):
        (leaf, *_) = step_through((x - 1.5).log(), seed=seed).walk.order
        assert leaf.data > 1.5
    w = Parameter(0.5, label="w")
    made = step_through(w * x, seed=1, learning_rate=0.1, parameters=[w])
    assert made.steps[-1].phase == "result"
    assert w.data == 0.5
    with pytest.raises(ValueError, match=r"none had a value everywhere"):
        step_through(x * 1e9, seed=1)
