"""Draws the flow as SVG: causes left of effects, and under each function the nodes that only it produces."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from herald.catalog.labels import KIND_SIZE, NAME_SIZE, PADDING, Label
from herald.catalog.layout import Box, Size, lay_out
from herald.catalog.lines import Line
from herald.markup import Markup, anchor, tag
from infra.flow.graph import Edge, Flow, Node, is_of_objects

INDENT: Final = 18.0  # the indent of the nodes under a function
LINES: Final = (24, 21, 19, 17, 15)  # characters per line of a name; the next value is tried if the picture is too wide
ROOM: Final = 1_480.0  # fits a window of 1,280 pixels, because the page scales the picture down a little
UNDER: Final = 6.0
GROUPED: Final = 12  # with more functions, those of one owner stand together


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Boxes in one stack: a function and the nodes that only it produces, or one other node."""

    members: tuple[Node, ...]
    size: Size
    boxes: tuple[Box, ...]  # of the members, in the block


def draw(flow: Flow) -> tuple[Markup, Size]:
    """Return the picture and its size."""
    edges, owners = drawn(flow), {Node("function", spec.name): spec.owner for spec in flow.specs}
    nodes = sorted({*owners, *(node for edge in edges for node in edge)}, key=lambda node: (owners.get(node, ""), node))
    for most in LINES:
        labels = {node: Label.of(node, owners.get(node, ""), most) for node in nodes}
        blocks = [_block(members, labels) for members in _together(nodes, edges)]
        boxes, ways, size = _place(blocks, edges, owners if len(owners) > GROUPED else {})
        if size[0] <= ROOM:
            break
    numbers = {node: number for number, node in enumerate(nodes)}
    lines = [_line(boxes[cause], boxes[effect], ways.get((cause, effect))) for cause, effect in edges]
    drawing = tag(
        "svg",
        tag(
            "g",
            *(
                tag("path", d=line.path, data_from=numbers[cause], data_to=numbers[effect])
                for (cause, effect), line in zip(edges, lines, strict=True)
            ),
            class_="edges",
        ),
        tag("g", *(tag("path", d=tip) for tip in sorted({line.tip for line in lines})), class_="tips"),
        *(_node(node, numbers[node], boxes[node], labels[node]) for node in nodes),
        id="picture",
        role="group",
        aria_labelledby="flow-title",
        aria_describedby="flow-note",
        viewBox=f"0 0 {size[0]:.0f} {size[1]:.0f}",
        width=f"{size[0]:.0f}",
        height=f"{size[1]:.0f}",
    )
    return drawing, size


def drawn(flow: Flow) -> list[Edge]:
    """Return the edges in the picture without S3's events: the prefixes of their objects represent them."""
    hidden = {event.node for event in flow.events if is_of_objects(event)}
    return sorted(edge for edge in flow.edges if not hidden & set(edge))


def _together(nodes: Sequence[Node], edges: Iterable[Edge]) -> list[tuple[Node, ...]]:
    """Return the members of each block; members with effects come first."""
    causes, effects = defaultdict[Node, list[Node]](list), defaultdict[Node, list[Node]](list)
    for cause, effect in edges:
        causes[effect].append(cause)
        effects[cause].append(effect)
    own = {
        node: causes[node][0]
        for node in nodes
        if node.kind != "function" and [cause.kind for cause in causes[node]] == ["function"]
    }
    return [
        (node, *sorted((each for each in effects[node] if each in own), key=lambda each: not effects[each]))
        for node in nodes
        if node not in own
    ]


def _block(members: tuple[Node, ...], labels: Mapping[Node, Label]) -> Block:
    sizes = [labels[node].size for node in members]
    lefts = [0.0, *(INDENT for _ in members[1:])]
    width = max(left + size[0] for left, size in zip(lefts, sizes, strict=True))
    top, boxes = 0.0, []
    for left, size in zip(lefts, sizes, strict=True):
        boxes.append(Box(left=left, top=top, width=width - left, height=size[1]))
        top += size[1] + UNDER
    return Block(members=members, size=(width, top - UNDER), boxes=tuple(boxes))


type Ways = dict[Edge, list[Box]]


def _place(
    blocks: Sequence[Block], edges: Sequence[Edge], owners: Mapping[Node, str]
) -> tuple[dict[Node, Box], Ways, Size]:
    """Return the boxes of all nodes, the waypoints of the edges between blocks, and the total size."""
    block = {node: each for each in blocks for node in each.members}
    offset = {
        node: box.middle - each.size[1] / 2
        for each in blocks
        for node, box in zip(each.members, each.boxes, strict=True)
    }
    head = {node: each.members[0] for node, each in block.items()}
    ports = defaultdict[Edge, list[tuple[float, float]]](list)
    for cause, effect in edges:
        if head[cause] != head[effect]:
            ports[head[cause], head[effect]].append((offset[cause], offset[effect]))
    layout = lay_out({each.members[0]: each.size for each in blocks}, ports, owners)
    boxes = {}
    for each in blocks:
        placed = layout.boxes[each.members[0]]
        for node, box in zip(each.members, each.boxes, strict=True):
            width = placed.width - box.left
            boxes[node] = Box(left=placed.left + box.left, top=placed.top + box.top, width=width, height=box.height)
    ways = {
        (cause, effect): layout.routes[head[cause], head[effect]][1:-1]
        for cause, effect in edges
        if head[cause] != head[effect]
    }
    return boxes, ways, layout.size


def _line(cause: Box, effect: Box, way: Sequence[Box] | None) -> Line:
    """Return the line of an edge: `way` is None within a block."""
    if way is not None:
        return Line.across(cause, way, effect)
    return Line.down(cause, effect) if cause.top < effect.top else Line.back(cause, effect)


def _node(node: Node, number: int, box: Box, label: Label) -> Markup:
    """Return a box with its label, as a link to the node's section of the page."""
    lines, top = [], box.top + PADDING[1]
    for line, class_, height in (
        *((line, "name", NAME_SIZE[1]) for line in label.name),
        *((line, "kind", KIND_SIZE[1]) for line in label.kind),
    ):
        top += height
        lines.append(tag("text", line, class_=class_, x=f"{box.left + PADDING[0]:.1f}", y=f"{top - 4:.1f}"))
    rect = tag(
        "rect",
        x=f"{box.left:.1f}",
        y=f"{box.top:.1f}",
        width=f"{box.width:.1f}",
        height=f"{box.height:.1f}",
        rx=14 if node.kind == "event" else 4,
    )
    name = anchor(node.kind, node.name)
    return tag("a", rect, *lines, class_=f"node {node.kind}", data_node=number, href=f"#{name}")
