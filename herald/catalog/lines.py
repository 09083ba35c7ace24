"""The lines of the picture: curves between columns and straight lines through columns, never through a box."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Self

from herald.catalog.layout import Box

TIP: Final = 6.0  # the length of an arrow's tip
SHAFT: Final = 8.0  # the distance from a function's left edge to the line that goes down to its effects
LOOP: Final = 26.0


@dataclass(frozen=True, slots=True)
class Line:
    """One line and the tip of its arrow, as SVG paths."""

    path: str
    tip: str

    @classmethod
    def across(cls, cause: Box, way: Sequence[Box], effect: Box) -> Self:
        """Return the line from a box to one in another column; `way` has the waypoints in the columns between them."""
        onward = cause.left < effect.left
        sides = [(box.left, box.right, box.middle) for box in (cause, *way, effect)]
        points = [(x, y) for left, right, y in sides for x in ((left, right) if onward else (right, left))]
        (start, *between, (end, y)) = points[1:-1]
        length = TIP if onward else -TIP
        bends = list(pairwise([start, *between, (end - length, y)]))[::2]
        path = "".join(f"H{one[0]:.1f}{_curve(one, other)}" for one, other in bends)
        return cls(f"M{start[0]:.1f} {start[1]:.1f}{path}", _tip(end, y, length))

    @classmethod
    def down(cls, cause: Box, effect: Box) -> Self:
        """Return the line from a function to a box under it."""
        path = f"M{cause.left + SHAFT:.1f} {cause.bottom:.1f}V{effect.middle:.1f}H{effect.left - TIP:.1f}"
        return cls(path, _tip(effect.left, effect.middle, TIP))

    @classmethod
    def back(cls, cause: Box, effect: Box) -> Self:
        """Return the line from a box under a function back to the function, on the right side."""
        out, above = cause.right + LOOP, effect.middle
        bend = f"C{out:.1f} {cause.middle:.1f} {out:.1f} {above:.1f} {effect.right + TIP:.1f} {above:.1f}"
        return cls(f"M{cause.right:.1f} {cause.middle:.1f}{bend}", _tip(effect.right, above, -TIP))


def _curve(start: tuple[float, float], end: tuple[float, float]) -> str:
    bend = (start[0] + end[0]) / 2
    return f"C{bend:.1f} {start[1]:.1f} {bend:.1f} {end[1]:.1f} {end[0]:.1f} {end[1]:.1f}"


def _tip(x: float, y: float, length: float) -> str:
    return f"M{x:.1f} {y:.1f}l{-length:.1f} -4v8z"
