"""Positions the boxes of the picture: boxes do not overlap, and edges do not cross boxes."""

from bisect import bisect
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Final

from herald.catalog.layers import Edge, Layers, Slot, Waypoint, arrange

MARGIN: Final = 12.0
BESIDE: Final = 14.0  # between two boxes of a column
BETWEEN_GROUPS: Final = 30.0
WAY: Final = 9.0  # the height that an edge needs to pass through a column
AISLE: Final = (44.0, 76.0)  # the minimum and maximum width between two columns; it grows with the number of edges
PASSES: Final = 60

type Size = tuple[float, float]
# The edges, each with the heights where its lines leave one box and enter the other, relative to the boxes' middles.
type Ports[N] = Mapping[Edge[N], Sequence[tuple[float, float]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A rectangle with its left edge, its top and its size."""

    left: float
    top: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        """The height where edges enter and leave."""
        return self.top + self.height / 2

    @property
    def right(self) -> float:
        """The right edge."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """The bottom edge."""
        return self.top + self.height


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout[N]:
    """The boxes of the nodes, the boxes on the route of each edge from cause to effect, and the total size."""

    boxes: dict[N, Box]
    routes: dict[Edge[N], list[Box]]
    size: Size


def lay_out[N: Hashable](sizes: Mapping[N, Size], edges: Ports[N], groups: Mapping[N, str] | None = None) -> Layout[N]:
    """Return the layout of a graph with boxes of these sizes; nodes of one group stay together in their column."""
    groups = groups or {}
    layers = arrange(list(sizes), edges, groups)
    links = layers.links()
    widths = [
        max((sizes[slot][0] for slot in each if not isinstance(slot, Waypoint)), default=0) for each in layers.columns
    ]
    aisles = [min(max(AISLE[0], 1.2 * len(pairs)), AISLE[1]) for pairs in links]
    lefts = list(accumulate((width + aisle for width, aisle in zip(widths, aisles, strict=False)), initial=MARGIN))
    heights = {
        slot: WAY if isinstance(slot, Waypoint) else sizes[slot][1] for column in layers.columns for slot in column
    }
    middles = _closed_up(_middles(layers, edges, heights, groups), heights)
    top = min((middles[slot] - heights[slot] / 2 for slot in middles), default=0) - MARGIN
    boxes: dict[Slot[N], Box] = {
        slot: Box(left=left, top=middles[slot] - heights[slot] / 2 - top, width=width, height=heights[slot])
        for left, width, column in zip(lefts, widths, layers.columns, strict=False)
        for slot in column
    }
    return Layout(
        boxes={slot: box for slot, box in boxes.items() if not isinstance(slot, Waypoint)},
        routes={edge: [boxes[slot] for slot in route] for edge, route in layers.routes.items()},
        size=(
            max((box.right for box in boxes.values()), default=0) + MARGIN,
            max((box.bottom for box in boxes.values()), default=0) + MARGIN,
        ),
    )


def _middles[N: Hashable](
    layers: Layers[N], edges: Ports[N], heights: Mapping[Slot[N], float], groups: Mapping[N, str]
) -> dict[Slot[N], float]:
    """Return the height of every slot; lines are as straight as the order and the distances allow."""
    pulls = _pulls(layers, edges)
    apart = [[_apart(one, other, heights, groups) for one, other in pairwise(column)] for column in layers.columns]
    middles: dict[Slot[N], float] = {}
    for column, distances in zip(layers.columns, apart, strict=True):
        middles |= zip(column, accumulate(distances, initial=-sum(distances) / 2), strict=True)
    order = list(zip(layers.columns, apart, strict=True))
    for count in range(PASSES):
        for column, distances in order if count % 2 else order[::-1]:
            wanted = [_mean((middles[each] + by for each, by in pulls[slot]), middles[slot]) for slot in column]
            middles |= zip(column, _settle(wanted, distances), strict=True)
    return middles


def _closed_up[N: Hashable](middles: Mapping[Slot[N], float], heights: Mapping[Slot[N], float]) -> dict[Slot[N], float]:
    """Return the heights after empty bands across the whole picture are removed."""
    spans = sorted((middle - heights[slot] / 2, middle + heights[slot] / 2) for slot, middle in middles.items())
    begun, lifts, bottom = list[float](), list[float](), spans[0][0] if spans else 0.0
    for top, end in spans:
        band = top - bottom - BETWEEN_GROUPS
        if band > 0 or not begun:
            begun.append(top)
            lifts.append(max(band, 0) + (lifts[-1] if lifts else 0))
        bottom = max(bottom, end)
    return {slot: middle - lifts[bisect(begun, middle) - 1] for slot, middle in middles.items()}


def _pulls[N: Hashable](layers: Layers[N], edges: Ports[N]) -> defaultdict[Slot[N], list[tuple[Slot[N], float]]]:
    """Return the neighbors of each slot, with the difference in height that makes their line straight."""
    pulls = defaultdict[Slot[N], list[tuple[Slot[N], float]]](list)
    for edge, route in layers.routes.items():
        for leave, enter in edges[edge]:
            last = len(route) - 2
            for step, (here, there) in enumerate(pairwise(route)):
                lower = leave * (step == 0) - enter * (step == last)
                pulls[there].append((here, lower))
                pulls[here].append((there, -lower))
    return pulls


def _apart[N: Hashable](
    one: Slot[N], other: Slot[N], heights: Mapping[Slot[N], float], groups: Mapping[N, str]
) -> float:
    """Return the minimum distance between the middles of two neighbors in a column."""
    if isinstance(one, Waypoint) and isinstance(other, Waypoint):
        return WAY
    known = [groups.get(each) for each in (one, other) if not isinstance(each, Waypoint)]
    gap = BETWEEN_GROUPS if len(set(known)) > 1 else BESIDE
    return (heights[one] + heights[other]) / 2 + gap


def _mean(values: Iterable[float], default: float) -> float:
    found = list(values)
    return sum(found) / len(found) if found else default


def _settle(wanted: Sequence[float], distances: Sequence[float]) -> list[float]:
    """Return the places that keep the order and the distances, nearest to the wanted ones by least squares.

    Places that are too close are pooled into a block around their mean, as in isotonic regression.
    """
    offsets = list(accumulate(distances, initial=0.0))
    blocks: list[tuple[float, int]] = []
    for place, offset in zip(wanted, offsets, strict=False):
        total, count = place - offset, 1
        while blocks and blocks[-1][0] / blocks[-1][1] >= total / count:
            before, more = blocks.pop()
            total, count = total + before, count + more
        blocks.append((total, count))
    starts = [total / count for total, count in blocks for _ in range(count)]
    return [start + offset for start, offset in zip(starts, offsets, strict=False)]
