"""A long picture in two rows: large enough to be read, and every edge at its ends."""

import re

import pytest
from test_stepping_player import LAPTOP, PHONE, PLACES, page_of, within

from autograd_lite import Value
from autograd_lite.stepping import step_through
from autograd_lite.stepping.rows import in_rows

ENDS = """() => {
  const near = (point, part) => {
    const at = part.getBoundingClientRect(), slack = 8;  // an arrow
    return point.x > at.left - slack && point.x < at.right + slack
      && point.y > at.top - slack && point.y < at.bottom + slack;
  };
  return EDGES.filter((edge) => {
    const [id, k] = edge.split('-'), path = $(`ag-e-${edge}`).querySelector('path');
    const [tail, head] = k === 'out' ? [`${id}o`, id] : [operandsOf(id)[k], `${id}o`];
    const points = [0, path.getTotalLength()].map((length) => (
      path.getPointAtLength(length).matrixTransform(path.getScreenCTM())));
    return !near(points[0], $(`ag-${tail}`)) || !near(points[1], $(`ag-${head}`));
  });
}"""


@pytest.mark.browser
def test_the_textbook_network_is_legible_as_a_whole(open_page):
    html = page_of("textbook").to_html().replace("start();", f"start(); window.ends = {ENDS};")
    page = open_page(html, viewport=LAPTOP)
    assert (
        page.evaluate("new DOMMatrix(document.querySelector('#picture svg').style.transform).a")
        > 0.55
    )
    places = page.evaluate(PLACES)
    assert [p for p in places["plates"] if not within(p, places["box"])] == []
    middle = (places["box"][1] + places["box"][3]) / 2
    assert {p[3] < middle for p in places["plates"]} == {True, False}
    for i, a in enumerate(places["plates"]):
        for b in places["plates"][:i]:
            assert a[2] < b[0] or b[2] < a[0] or a[3] < b[1] or b[3] < a[1]
    assert page.evaluate("ends()") == []
    page.set_viewport_size(PHONE)
    assert page.evaluate("ends()") == []


def test_other_pictures_keep_their_row():
    chain = Value(0.5, label="x")
    for _ in range(5):  # long, and still to be read
        chain = chain.tanh()
    made = [page_of(name) for name in ("neuron", "lecture", "softmax")]
    for one in (*made, step_through(chain)):
        svg = one.drawing.to_svg()
        assert in_rows(svg) == svg


def test_the_rows_have_all_there_was():
    x = Value(0.5, label="x")
    y = x
    for _ in range(12):
        y = (y * 1.5).tanh()
    svg = step_through(y + x, constants=True).drawing.to_svg()
    rows = in_rows(svg)
    assert 'class="row"' in rows
    for kind in ("id", "class"):
        found = [sorted(re.findall(f' {kind}="([^"]*)"', text)) for text in (svg, rows)]
        assert found[0] == [name for name in found[1] if name != "row"]
    sheets = [re.findall(r'viewBox="[\d.]+ [\d.]+ ([\d.]+)', text) for text in (svg, rows)]
    assert float(sheets[1][0]) < 0.7 * float(sheets[0][0])
    numbers = re.findall(r">([−\d.]+)<", svg)
    assert sorted(numbers) == sorted(re.findall(r">([−\d.]+)<", rows))
