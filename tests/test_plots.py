"""Plots: what they show, in both themes, and that pyplot stays out of it."""

import struct
import subprocess
import sys
import xml.etree.ElementTree as ET

import numpy as np
import pytest

pytest.importorskip("matplotlib")

from matplotlib import colors

from autograd_lite import exp, sin, sqrt
from autograd_lite.datasets import moons, spirals
from autograd_lite.plots import STYLES, Plot, decision_boundary, loss_curve, step_size
from autograd_lite.training import History

SVG = "{http://www.w3.org/2000/svg}"
X, Y = moons(30, seed=0)


def line_model(x):
    """A score that is 0 on the vertical line at 0.5."""
    return 4.0 * (x[0] - 0.5)


def history(losses, accuracies=None):
    return History(loss=losses, metrics={"accuracy": accuracies} if accuracies else {})


def texts(plot):
    return {element.text for element in ET.fromstring(plot.to_svg()).iter(f"{SVG}text")}


def paths_at(collection):
    return np.concatenate([path.vertices for path in collection.get_paths()])


@pytest.mark.parametrize("theme", STYLES)
def test_the_boundary_is_where_the_score_is_0(theme):
    axes = decision_boundary(line_model, X, Y, theme=theme, steps=20).figure().axes[0]
    lines = [c for c in axes.collections if getattr(c, "levels", None) is not None]
    regions, boundary, margins = lines
    assert np.allclose(paths_at(boundary)[:, 0], 0.5)
    assert set(np.round(paths_at(margins)[:, 0], 9)) == {0.25, 0.75}
    low, high = (rows[:, 0] for rows in (path.vertices for path in regions.get_paths()))
    assert low.max() == pytest.approx(0.5)
    assert high.min() == pytest.approx(0.5)


def test_the_points_are_those_of_each_class():
    axes = decision_boundary(line_model, X, Y, steps=5).figure().axes[0]
    scattered = [c.get_offsets() for c in axes.collections if len(c.get_offsets()) > 1]
    assert np.allclose(scattered[0], X[Y == -1])
    assert np.allclose(scattered[1], X[Y == 1])
    assert {"class −1", "class 1"} <= texts(decision_boundary(line_model, X, Y, steps=5))


def test_a_model_of_one_mind_has_no_line():
    axes = decision_boundary(lambda x: 3.0, X, Y, steps=5).figure().axes[0]
    assert len([c for c in axes.collections if getattr(c, "levels", None) is not None]) == 1


@pytest.mark.parametrize(
    "outputs", [lambda x: [x[0], -x[0], -9.0], lambda x: np.array([x[0], -x[0], -9.0])]
)
def test_several_outputs_give_the_region_of_the_largest(outputs):
    points, labels = spirals(30, classes=3)
    plot = decision_boundary(outputs, points, labels, steps=20)
    regions = plot.figure().axes[0].collections[0]
    first, second = (path.vertices[:, 0] for path in regions.get_paths()[:2])
    assert first.max() > 0.5 > first.min() > -0.2
    assert second.min() < -0.5 < second.max() < 0.2
    assert "class 2" in texts(plot)


def test_the_curve_shows_every_loss_and_accuracy():
    losses, right = [1.0, 0.5, 0.25], [0.5, 0.75, 1.0]
    top, bottom = loss_curve(history(losses, right)).figure().axes
    assert top.lines[0].get_ydata().tolist() == losses
    assert bottom.lines[0].get_ydata().tolist() == right
    assert top.get_yscale() == "linear"
    assert {"0.25", "100 %", "50 %", "loss", "accuracy", "epoch"} <= texts(
        loss_curve(history(losses, right))
    )
    assert len(loss_curve(losses).figure().axes) == 1


@pytest.mark.parametrize("values", [[1.0], [0.5, 0.25], [3.0, -0.123456, -2.0]])
@pytest.mark.parametrize("last", [1.0, 0.996, 0.125, 0.0])
def test_a_curve_runs_over_the_epochs_and_ends_in_a_dot_with_its_number(values, last):
    accuracies = [0.5] * (len(values) - 1) + [last]
    axes = loss_curve(history(values, accuracies)).figure().axes
    ends = (f"{values[-1]:.2g}".replace("-", "−"), f"{100 * last:.3g} %")
    for part, numbers, end in zip(axes, (values, accuracies), ends, strict=True):
        line, dot = part.lines
        assert line.get_xdata().tolist() == [*range(1, len(values) + 1)]
        assert line.get_ydata().tolist() == numbers
        assert [*dot.get_xdata(), *dot.get_ydata()] == [len(values), numbers[-1]]
        (note,) = part.texts
        assert (note.get_text(), note.xy) == (end, (len(values), numbers[-1]))
        low, high = part.get_ylim()
        assert all(low <= x <= high for x in numbers)
        assert note.get_color() == STYLES["light"].text
        assert line.get_color() == dot.get_color() == STYLES["light"].line
    assert axes[1].get_ylim() == (min(0.45, *accuracies) - 0.03, 1.1)
    bottom = axes[0].get_ylim()[0]
    assert bottom == 0.0 if min(values) >= 0.0 else bottom < min(values)


def test_the_points_have_colours_and_markers_of_their_class_and_the_plane_has_room():
    points = [[0.0, 0.0], [1.0, 4.0], [2.0, 1.0], [3.0, 2.0], [1.5, 3.0]]
    labels = [0, 1, 2, 3, 4]
    asked = []

    def model(x):
        asked.append(x)
        return [x[0], x[1]]

    axes = decision_boundary(model, points, labels, steps=4).figure().axes[0]
    style = STYLES["light"]
    scattered = [c for c in axes.collections if str(c.get_label()).startswith("class")]
    colours = ["#" + "".join(f"{round(255 * x):02X}" for x in c.get_facecolor()[0][:3])
               for c in scattered]  # fmt: skip
    assert colours == [*style.classes, style.classes[0]]
    shapes = [c.get_paths()[0].vertices.shape for c in scattered]
    assert shapes[0] == shapes[4]
    assert len(set(shapes[:4])) >= 3
    assert [c.get_label() for c in scattered] == [f"class {i}" for i in labels]
    xs, ys = zip(*asked, strict=True)
    assert len(asked) == 16  # steps × steps, in a frame of 0.12 of the longer side
    assert (min(xs), max(xs)) == pytest.approx((-0.48, 3.48))
    assert (min(ys), max(ys)) == pytest.approx((-0.48, 4.48))
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("x1", "x2")
    assert axes.get_aspect() == 1.0
    asked.clear()
    decision_boundary(model, points, labels)
    assert len(asked) == 60 * 60


def test_regions_have_the_pale_colours_of_their_classes():
    style = STYLES["light"]

    def colours(model):
        axes = decision_boundary(model, X, Y, steps=8).figure().axes[0]
        faces = axes.collections[0].get_facecolor()
        return ["#" + "".join(f"{round(255 * x):02X}" for x in face[:3]) for face in faces]

    assert colours(line_model) == [*style.regions[:2]]
    assert colours(lambda x: [x[0], x[1], 0.0, 1.0, -9.0]) == [*style.regions, style.regions[0]]


@pytest.mark.parametrize(
    ("losses", "scale"),
    [
        ([1.0, 0.01], "log"),
        ([1.0, 0.0], "linear"),
        ([1.0, 0.1], "linear"),
        ([60.0, 2.0], "linear"),
        ([61.0, 2.0], "log"),
        ([59.0, 2.0], "linear"),
        ([-1.0, 100.0], "linear"),
    ],
)
def test_a_loss_that_fell_far_is_on_a_logarithmic_scale(losses, scale):
    assert loss_curve(losses).figure().axes[0].get_yscale() == scale


def test_a_loss_below_0_is_in_the_picture():
    plot = loss_curve([-1.0, -2.0, -2.5])
    low, high = plot.figure().axes[0].get_ylim()
    assert low < -2.5 < -1.0 < high
    assert "−2.5" in texts(plot)


def test_epochs_are_whole_numbers():
    for epochs in (1, 2, 3):
        axes = loss_curve([1.0] * epochs).figure().axes[0]
        assert all(tick == round(tick) for tick in axes.get_xticks())


@pytest.mark.parametrize("theme", STYLES)
def test_errors_of_difference_quotients_have_a_valley_with_the_chosen_step_in_it(theme):
    plot = step_size(lambda x: exp(sin(x)), 1.0, theme=theme)
    axes = plot.figure().axes[0]
    forward, central, chosen = axes.lines
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    for line, power in ((forward, 1), (central, 2)):  # long steps: error ∝ hᵖ
        steps, errors = line.get_data()
        long = (steps > 1e-4) & (steps < 1e-2)
        slope = np.polyfit(np.log(steps[long]), np.log(errors[long]), 1)[0]
        assert slope == pytest.approx(power, abs=0.02)
        assert errors[steps < 1e-13].max() > 1e-4  # short steps: rounding
    assert chosen.get_ydata()[0] < 1e-9 < min(forward.get_ydata()[-60:])
    assert {"forward difference,", "central difference,", "step h"} <= texts(plot)
    assert "at 1 against" in repr(plot)


def test_steps_that_leave_the_domain_are_left_out():
    _, central, chosen = step_size(lambda x: x.log(), 0.01).figure().axes[0].lines
    assert max(central.get_xdata()) < 0.01
    assert chosen.get_xdata()[0] < 1e-6
    flat = step_size(lambda x: 3.0, 1.0).figure().axes[0]
    assert len(flat.lines) == 0


def hexes(colours):
    """Colours as a theme writes them."""
    rows = np.atleast_2d(colors.to_rgba_array(colours))
    return ["#" + "".join(f"{round(255 * x):02X}" for x in row[:3]) for row in rows]


def looks(axes):
    """Everything about the looks of a plot that the code decides, as text, an artist a line."""
    labels = hexes([axes.xaxis.label.get_color(), axes.yaxis.label.get_color()])
    tick, grid = axes.xaxis.get_major_ticks()[0], axes.get_xgridlines()[0]
    said = [
        f"{axes.get_xlabel()}, {axes.get_ylabel()} {labels}, {axes.get_xscale()} "
        f"{axes.get_yscale()}, ground {hexes(axes.get_facecolor())[0]}, "
        f"grid {hexes(grid.get_color())[0]} {grid.get_linewidth():g}, "
        f"below {axes.get_axisbelow()}, margins {axes.margins()}, "
        f"spines {[s.get_visible() for s in axes.spines.values()].count(True)}, "
        f"ticks {tick.tick1line.get_markersize():g} {hexes(tick.label1.get_color())[0]}"
    ]
    for line in axes.lines:
        said.append(
            f"line {hexes(line.get_color())[0]} {line.get_linestyle()} {line.get_linewidth():g} "
            f"{line.get_marker()} {line.get_markersize():g} clip {line.get_clip_on()} "
            f"z {line.get_zorder():g}"
        )
    for text in axes.texts:
        place = text.xyann if hasattr(text, "xyann") else text.get_position()
        said.append(
            f"text {text.get_text()!r} {hexes(text.get_color())[0]} {place} "
            f"{text.get_ha()} {text.get_va()}"
            + (f" clip {text.get_annotation_clip()}" if hasattr(text, "xyann") else "")
        )
    for part in axes.collections:
        levels = [round(float(x), 6) for x in getattr(part, "levels", ())]
        faces = hexes(part.get_facecolor()) if len(part.get_facecolor()) else []
        edges = hexes(part.get_edgecolor()) if len(part.get_edgecolor()) else []
        sizes = [float(x) for x in part.get_sizes()] if hasattr(part, "get_sizes") else []
        name = "" if part.get_label().startswith("_") else part.get_label()
        said.append(
            f"part {name} {levels} {faces} {edges} {sizes} "
            f"{[float(x) for x in np.ravel(part.get_linewidths())]} z {part.get_zorder():g}"
        )
    if legend := axes.get_legend():
        anchor = axes.transAxes.inverted().transform(legend.get_bbox_to_anchor().p0)
        said.append(
            f"legend {legend._loc} {legend._ncols} frame {legend.get_frame_on()} "
            f"{hexes(legend.get_texts()[0].get_color())[0]} pad {legend.handletextpad} "
            f"{[float(x) for x in anchor]}"
        )
    return said


LOOKS = """
Loss over 2 epochs ['#FFFFFF'] [5.4, 3.9] [[3.0, 1.0], [3.0, 1.0]]
, loss ['#000000', '#5F6B75'], linear log, ground #FFFFFF, grid #E4E9ED 0.8, below True, \
margins (0.02, 0.05), spines 0, ticks 0 #5F6B75
line #0072B2 - 1.8 None 6 clip True z 2
line #0072B2 None 1.5 o 5 clip False z 5
text '0.01' #1F2933 (7, 0) left center clip False
epoch, accuracy ['#5F6B75', '#5F6B75'], linear linear, ground #FFFFFF, grid #E4E9ED 0.8, \
below True, margins (0.02, 0.05), spines 0, ticks 0 #5F6B75
line #0072B2 - 1.8 None 6 clip True z 2
line #0072B2 None 1.5 o 5 clip False z 5
text '75 %' #1F2933 (7, 0) left center clip False
Decision boundary of a model and 2 points ['#FFFFFF'] [5.4, 3.9] [[1.0]]
x1, x2 ['#5F6B75', '#5F6B75'], linear linear, ground #FFFFFF, grid #E4E9ED 0.8, below \
True, margins (0.05, 0.05), spines 0, ticks 0 #5F6B75
part  [-3.48, 0.0, 3.48] ['#FBE6D6', '#DCEEFB'] [] [] [1.0] z 1
part  [0.0] [] ['#1F2933'] [] [1.8] z 2
part  [-1.0, 1.0] [] ['#5F6B75', '#5F6B75'] [] [0.9, 0.9] z 2
part class −1 [] ['#D55E00'] ['#FFFFFF'] [30.0] [0.7] z 3
part class 1 [] ['#0072B2'] ['#FFFFFF'] [30.0] [0.7] z 3
legend 3 4 frame False #1F2933 pad 0.2 [0.0, 1.0]
Error of difference quotients at 1 against their step ['#FFFFFF'] [5.4, 3.9] [[1.0]]
step h, error of the slope ['#5F6B75', '#5F6B75'], log log, ground #FFFFFF, grid #E4E9ED \
0.8, below True, margins (0.03, 0.12), spines 0, ticks 0 #5F6B75
line #D55E00 -- 1.6 None 6 clip True z 2
line #0072B2 - 1.6 None 6 clip True z 2
line #0072B2 None 1.5 o 6 clip True z 2
text 'forward difference,\\nerror ∝ h' #D55E00 (-14, 4) right center clip None
text 'central difference,\\nerror ∝ h²' #0072B2 (14, -12) left center clip None
text 'short steps:\\nrounding, error ∝ 1/h' #5F6B75 (0.04, 0.06) left bottom
"""


def test_what_a_plot_looks_like():
    """Colours, widths, places, orders: all that the code decides and no eye of a test sees."""
    said = []
    for plot in (
        loss_curve(history([1.0, 0.01], [0.5, 0.75])),
        decision_boundary(line_model, [[0.0, 0.0], [1.0, 1.0]], [-1, 1], steps=5),
        step_size(lambda x: exp(sin(x)), 1.0),
    ):
        figure = plot.figure()
        heights = [[float(x) for x in a.get_gridspec().get_height_ratios()] for a in figure.axes]
        ground, size = hexes(figure.get_facecolor()), figure.get_size_inches().tolist()
        said.append(f"{plot.title} {ground} {size} {heights}")
        for axes in figure.axes:
            said += looks(axes)
    assert "\n".join(said) == LOOKS.strip()
    below = loss_curve(history([1.0], [1.0])).figure().axes[1]
    assert [tick.get_text() for tick in below.get_yticklabels()] == ["50 %", "100 %"]
    assert below.get_yticks().tolist() == [0.5, 1.0]


def test_the_svg_is_the_same_text_every_time_with_a_name_for_screen_readers():
    plot = decision_boundary(line_model, X, Y, steps=10)
    assert plot.to_svg() == plot.to_svg()
    root = ET.fromstring(plot.to_svg())
    assert root.get("role") == "img"
    assert root.get("aria-label") == "Decision boundary of a model and 30 points"
    assert "Helvetica" in plot.to_svg()


def test_a_picture_of_points_has_160_of_them_to_the_inch():
    drawn = loss_curve([1.0, 0.5])._rendered("png")
    assert struct.unpack(">2I", drawn[16:24]) == (round(5.4 * 160), round(3.9 * 160))


@pytest.mark.parametrize("hostile", ["<b>", 'a "title"', "a & b", "</svg><script>", "it's"])
def test_a_hostile_title_stays_text(hostile):
    svg = Plot(lambda figure, style: None, hostile).to_svg()
    assert ET.fromstring(svg).get("aria-label") == hostile
    assert "<script" not in svg


def test_themes_differ_in_colours_alone():
    plot = loss_curve([1.0, 0.5])
    dark = plot.in_theme("dark")
    assert STYLES["dark"].ground.lower() in dark.to_svg()
    assert STYLES["light"].ground.lower() not in dark.to_svg()
    with pytest.raises(ValueError, match="no theme 'sepia'; choose one of light, dark"):
        plot.in_theme("sepia")


@pytest.mark.parametrize(
    ("suffix", "start"), [("svg", b"<?xml"), ("png", b"\x89PNG"), ("pdf", b"%PDF")]
)
def test_save(tmp_path, suffix, start):
    path = loss_curve([1.0, 0.5]).save(tmp_path / f"curve.{suffix}")
    assert path.read_bytes().startswith(start)
    assert [file.name for file in tmp_path.iterdir()] == [f"curve.{suffix}"]


def test_save_as_something_else_is_an_error(tmp_path):
    with pytest.raises(ValueError, match=r"'curve.bmp' ends in none"):
        loss_curve([1.0]).save(tmp_path / "curve.bmp")


def test_a_notebook_shows_the_plot_or_the_remedy(monkeypatch):
    plot = loss_curve([1.0, 0.5])
    assert plot._repr_mimebundle_()["image/svg+xml"].startswith("<svg")
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    assert "autograd_lite[demo]" in plot._repr_mimebundle_()["text/plain"]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: loss_curve([]), "at least one epoch"),
        (lambda: decision_boundary(line_model, [[1.0, 2.0, 3.0]], [1]), r"shape \(1, 3\)"),
        (lambda: decision_boundary(line_model, X, Y[:-1]), "29 labels"),
        (lambda: decision_boundary(line_model, X[:0], Y[:0]), r"shape \(0, 2\)"),
        (lambda: step_size(sqrt, 0.0), "not defined on both sides"),
    ],
)
def test_what_cannot_be_plotted_is_a_clear_error(call, said):
    with pytest.raises(ValueError, match=said):
        call()


def test_pyplot_is_not_loaded_and_settings_stay():
    program = (
        "import sys, autograd_lite.plots as p\n"
        "assert 'matplotlib' not in sys.modules\n"
        "import matplotlib; before = matplotlib.rcParams['svg.fonttype']\n"
        "p.loss_curve([1.0, 0.5]).to_svg()\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
        "assert matplotlib.rcParams['svg.fonttype'] == before != 'none'\n"
    )
    subprocess.run([sys.executable, "-W", "ignore", "-c", program], check=True)


def test_plot_can_be_made_of_any_painter():
    plot = Plot(lambda figure, style: figure.subplots().plot([0, 1], color=style.line), "A line")
    assert "A line" in repr(plot)
    assert len(plot.figure().axes[0].lines) == 1
