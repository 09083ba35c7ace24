"""Makes HTML and SVG: whatever is put into an element is escaped, unless it is an element itself."""

import html
import re
from typing import Final

from herald.terminal.rendering import readable
from infra.flow.graph import Node

UNSAFE: Final = re.compile(r"[^A-Za-z0-9_.]")


class Markup(str):
    """HTML that is finished."""

    __slots__ = ()


def tag(name: str, /, *children: str, **attributes: str | float) -> Markup:
    """Return an element; `class_` is the attribute class, `data_from` data-from."""
    inner = "".join(map(text, children))
    return Markup(f"<{name}{_attributes(attributes)}>{inner}</{name}>")


def void(name: str, /, **attributes: str | float) -> Markup:
    """Return an element of HTML that has no end."""
    return Markup(f"<{name}{_attributes(attributes)}>")


def text(value: str) -> Markup:
    """Return a text as HTML: what is unprintable, and could turn or hide its neighbours, is shown as an escape."""
    if isinstance(value, Markup):
        return value
    return Markup(html.escape("\n".join(map(readable, value.split("\n")))))


def together(*parts: str) -> Markup:
    """Return parts one after another."""
    return Markup("".join(map(text, parts)))


def anchor(kind: str, name: str) -> str:
    """Return an id for the page; different names never share one."""
    return f"{kind}-{UNSAFE.sub(lambda match: f'-{ord(match[0]):x}-', name)}"


def link(node: Node, *, label: str = "") -> Markup:
    """Return a link to where the page tells of a node."""
    return tag("a", tag("code", label or node.name), href=f"#{anchor(node.kind, node.name)}")


def _attributes(attributes: dict[str, str | float]) -> str:
    return "".join(
        f' {name.removesuffix("_").replace("_", "-")}="{text(str(value))}"' for name, value in attributes.items()
    )
