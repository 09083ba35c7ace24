"""Makes HTML and SVG elements; the text in an element is escaped."""

import html
import re
from functools import cache
from importlib import resources
from typing import Final

from herald.texts import readable

UNSAFE: Final = re.compile(r"[^A-Za-z0-9_.]")


class Markup(str):
    """Text that is HTML already, and is not escaped again."""

    __slots__ = ()


def tag(name: str, /, *children: str, **attributes: str | float) -> Markup:
    """Return an element; `class_` becomes the attribute class, and `data_from` becomes data-from."""
    inner = "".join(map(text, children))
    return Markup(f"<{name}{_attributes(attributes)}>{inner}</{name}>")


def void(name: str, /, **attributes: str | float) -> Markup:
    """Return an HTML element without an end tag."""
    return Markup(f"<{name}{_attributes(attributes)}>")


def text(value: str) -> Markup:
    """Return a text as HTML; unprintable characters, which could reverse or hide other text, are shown as escapes."""
    if isinstance(value, Markup):
        return value
    return Markup(html.escape("\n".join(map(readable, value.split("\n")))))


def together(*parts: str) -> Markup:
    """Return the concatenated parts."""
    return Markup("".join(map(text, parts)))


@cache
def asset(name: str) -> Markup:
    """Return a style or a script of this package; `name` is its path below herald/."""
    return Markup(resources.files("herald").joinpath(name).read_text(encoding="utf-8"))


def anchor(kind: str, name: str) -> str:
    """Return a unique id for a name on the page."""
    return f"{kind}-{UNSAFE.sub(lambda match: f'-{ord(match[0]):x}-', name)}"


def _attributes(attributes: dict[str, str | float]) -> str:
    return "".join(
        f' {name.removesuffix("_").replace("_", "-")}="{text(str(value))}"' for name, value in attributes.items()
    )
