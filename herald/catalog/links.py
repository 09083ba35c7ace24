"""Links between the sections of the catalog page."""

from herald.markup import Markup, anchor, tag
from infra.flow.graph import Node


def link(node: Node, *, label: str = "") -> Markup:
    """Return a link to the section of a node."""
    return tag("a", tag("code", label or node.name), href=f"#{anchor(node.kind, node.name)}")
