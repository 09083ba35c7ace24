"""The picture at any size: no box on another, none outside, no line through a box, and every word in its box."""

import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

import pytest

from herald.catalog import picture
from herald.catalog.labels import KIND_SIZE, NAME_SIZE, columns, wrap
from herald.catalog.layers import Waypoint, arrange
from herald.catalog.layout import BETWEEN_GROUPS, lay_out
from infra.flow import graph
from infra.flow.graph import EventType, Flow
from tests.repositories import generate, read
from tests.unit.infra.flow.test_graph import CONTRACT, on, spec

STEPS: Final = 24
SIZES: Final = (3, 10, 100)

type Point = tuple[float, float]
type Rect = tuple[float, float, float, float]  # left, top, right, bottom


def drawn(found: Flow) -> ET.Element:
    """Return the picture, read as XML."""
    return ET.fromstring(picture.draw(found)[0])  # noqa: S314 - the test drew it


def rects(svg: ET.Element) -> list[Rect]:
    """Return the boxes."""
    found = []
    for rect in svg.iter("rect"):
        x, y, width, height = (float(rect.attrib[name]) for name in ("x", "y", "width", "height"))
        found.append((x, y, x + width, y + height))
    return found


def points(path: str) -> Iterator[Point]:
    """Yield points along a line of the picture, close enough together that no box fits between them."""
    x = y = 0.0
    for command, text in re.findall(r"([MHVC])([^MHVC]*)", path):
        numbers = [float(each) for each in text.split()]
        ends = {"M": numbers, "H": [*numbers, y], "V": [x, *numbers], "C": numbers[-2:]}[command]
        via = numbers[:4] if command == "C" else [x, y, *ends] if command != "M" else [*ends, *ends]
        for step in range(STEPS + 1):
            t = step / STEPS
            weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3)
            xs, ys = (x, via[0], via[2], ends[0]), (y, via[1], via[3], ends[1])
            if command != "M":
                yield sum(map(float.__mul__, weights, xs)), sum(map(float.__mul__, weights, ys))
        x, y = ends


@pytest.fixture(params=SIZES, ids=lambda count: f"{count} functions")
def svg(request: pytest.FixtureRequest, tmp_path: Path) -> ET.Element:
    """Draw a repository of so many functions."""
    return drawn(read(generate(tmp_path, request.param)))


def test_no_two_boxes_overlap(svg: ET.Element) -> None:
    """Not even their borders meet."""
    for one, other in itertools.combinations(rects(svg), 2):
        assert one[2] < other[0] or other[2] < one[0] or one[3] < other[1] or other[3] < one[1]


def test_nothing_lies_outside(svg: ET.Element) -> None:
    """Boxes and lines keep a margin to the edge of the picture."""
    left, top, width, height = map(float, svg.attrib["viewBox"].split())
    corners = [corner for rect in rects(svg) for corner in (rect[:2], rect[2:])]
    lines = [point for path in svg.findall("g[@class='edges']/path") for point in points(path.attrib["d"])]
    for x, y in corners + lines:
        assert left + 2 < x < width - 2
        assert top + 2 < y < height - 2


def test_no_line_runs_through_a_box(svg: ET.Element) -> None:
    """From where it leaves one box to where it enters another; so none runs through a word."""
    boxes = rects(svg)
    paths = svg.findall("g[@class='edges']/path")
    assert paths
    for path in paths:
        for x, y in points(path.attrib["d"]):
            inside = [box for box in boxes if box[0] + 1 < x < box[2] - 1 and box[1] + 1 < y < box[3] - 1]
            assert inside == [], path.attrib


def test_every_word_is_in_its_box(svg: ET.Element) -> None:
    """By the widths the picture reckons with; the browser is asked in another test."""
    for node in svg.findall("a"):
        (left, top, right, bottom) = rects(node)[0]
        for text in node.findall("text"):
            size = NAME_SIZE if text.attrib["class"] == "name" else KIND_SIZE
            x, y, width = float(text.attrib["x"]), float(text.attrib["y"]), columns(text.text or "") * size[0]
            assert left + 4 < x
            assert x + width < right - 4
            assert top + size[1] - 6 < y < bottom - 4


def test_a_window_of_1280_pixels_shows_a_hundred_functions(tmp_path: Path) -> None:
    """Names are broken into shorter lines until the picture has room."""
    assert picture.draw(read(generate(tmp_path, 100)))[1][0] <= picture.ROOM


def test_functions_of_one_owner_stand_together(tmp_path: Path) -> None:
    """In every column of a picture that has many."""
    found = read(generate(tmp_path, 100))
    owners = {spec_.name: spec_.owner for spec_ in found.specs}
    columns_: dict[str, list[tuple[float, str]]] = {}
    for node in drawn(found).findall("a[@class='node function']"):
        rect = node.find("rect")
        assert rect is not None
        name = "".join(text.text or "" for text in node.findall("text[@class='name']"))
        columns_.setdefault(rect.attrib["x"], []).append((float(rect.attrib["y"]), owners[name]))
    for column in columns_.values():
        runs = [owner for owner, _ in itertools.groupby(owner for _, owner in sorted(column))]
        assert len(runs) == len(set(runs))


def test_a_circle_is_drawn() -> None:
    """An event that comes back to who makes it, next door or at once, is a line like any other."""
    types = [EventType(type=name, contracts={1: CONTRACT}) for name in ("a.done", "b.done", "c.done")]
    specs = [
        spec("a", on("b.done"), emit=("a.done",)),
        spec("b", on("a.done"), emit=("b.done",)),
        spec("c", on("c.done"), emit=("c.done",)),
    ]
    svg = drawn(graph.build(specs, types))
    assert len(svg.findall("g[@class='edges']/path")) == 6
    assert len(svg.findall("g[@class='tips']/path")) == 6
    test_no_two_boxes_overlap(svg)
    test_nothing_lies_outside(svg)
    test_no_line_runs_through_a_box(svg)


def test_causes_stand_left_of_their_effects() -> None:
    """By the longest way; what has no cause stands beside its first effect, and long edges get waypoints."""
    edges = [("a", "b"), ("b", "c"), ("c", "d"), ("a", "d"), ("x", "d")]
    layers = arrange(list("abcdx"), edges, {})
    assert layers.columns[0] == ["a"]
    assert {column for column, slots in enumerate(layers.columns) if "x" in slots} == {2}
    assert layers.routes["a", "d"] == ["a", Waypoint("d", 1), Waypoint("d", 2), "d"]


def test_crossings_that_need_not_be_are_undone() -> None:
    """Two lines that would cross in the order given do not."""
    layout = lay_out(dict.fromkeys("abcd", (10.0, 10.0)), {("a", "d"): [(0.0, 0.0)], ("b", "c"): [(0.0, 0.0)]}, {})
    heights = {name: box.middle for name, box in layout.boxes.items()}
    assert (heights["a"] < heights["b"]) == (heights["d"] < heights["c"])
    assert heights["a"] == heights["d"]


def test_no_band_across_the_picture_is_empty() -> None:
    """Flows that have nothing to do with each other stand as close as functions of two owners."""
    sizes = {name: (10.0, 120.0 if name in "bc" else 10.0) for name in "abcde"}
    straight = [(0.0, 0.0)]
    layout = lay_out(sizes, {("b", "a"): straight, ("a", "e"): straight, ("b", "c"): straight})
    spans = sorted((box.top, box.bottom) for box in layout.boxes.values())
    reached = itertools.accumulate(spans, lambda known, span: max(known, span[1]), initial=0.0)
    gaps = [top - above for (top, _), above in zip(spans, reached, strict=False)]
    assert max(gaps) == pytest.approx(BETWEEN_GROUPS)


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("notify", ("notify",)),
        ("summarise_test_report", ("summarise_", "test_report")),
        ("reports/daily/*", ("reports/", "daily/*")),
        ("abcdefghijklmnop", ("abcdefghijkl", "mnop")),
        ("目録の変更を記録", ("目録の変更を", "記録")),
        ("a\x00b", ("a\\x00b",)),
        ("", ("",)),
    ],
)
def test_a_long_name_is_broken_after_its_separators(name: str, lines: tuple[str, ...]) -> None:
    """Nothing of it is lost, and wide characters count twice."""
    assert wrap(name, 12) == lines
