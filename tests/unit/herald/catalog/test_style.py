"""The colors of the page can be read, in light and in dark (WCAG 2.2, success criteria 1.4.3 and 1.4.11)."""

import re
from typing import Final

import pytest

from herald.markup import asset

KINDS: Final = ("function", "event", "bucket", "topic", "source", "fault")
TEXT: Final = [
    *((text, back) for text in ("text", "soft", "link") for back in ("back", "card")),
    *((text, f"{kind}-back") for text in ("text", "soft") for kind in KINDS),
    ("link", "topic-back"),
]
SHAPES: Final = [("edge", "card"), *((kind, f"{kind}-back") for kind in KINDS), *((kind, "card") for kind in KINDS)]


def schemes() -> dict[str, dict[str, str]]:
    """Return the colors of both schemes, by name."""
    pairs = re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", asset("colors.css"))
    assert len(pairs) > 15
    return {
        "light": {name: light for name, light, _ in pairs},
        "dark": {name: dark for name, _, dark in pairs},
    }


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colors, by the formula of WCAG."""

    def luminance(color: str) -> float:
        parts = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    bright, dim = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("pairs", "least"), [(TEXT, 4.5), (SHAPES, 3.0)], ids=["text", "shapes"])
def test_colors_have_contrast(scheme: str, pairs: list[tuple[str, str]], least: float) -> None:
    """Of texts 4.5, of what a picture needs to be understood 3."""
    colors = schemes()[scheme]
    ratios = {(front, back): contrast(colors[front], colors[back]) for front, back in pairs}
    assert {pair: round(ratio, 2) for pair, ratio in ratios.items() if ratio < least} == {}


def test_the_formula_knows_black_and_white() -> None:
    """The greatest contrast there is, and none."""
    assert round(contrast("#000000", "#ffffff"), 2) == 21
    assert contrast("#777777", "#777777") == 1
