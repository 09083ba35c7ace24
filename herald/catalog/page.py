"""The page: one HTML file with everything in it, which loads nothing from a network."""

import base64
import hashlib
from itertools import groupby
from typing import Final

from herald.catalog import picture, sections
from herald.catalog.layout import Size
from herald.catalog.links import link
from herald.markup import Markup, asset, tag, void
from infra.flow.graph import Flow, Node
from infra.flow.warnings import FlowWarning, find_warnings

KINDS: Final = (
    ("source", "beyond Herald"),
    ("bucket", "objects, or a table"),
    ("event", "event type"),
    ("function", "function"),
    ("topic", "topic or queue"),
)
OTHERS: Final = "Resources and sources"
NOTE: Final = (
    "Causes are on the left and effects on the right. Resources and events that only one function produces are below "
    "that function. Every box links to its section of this page; point at a box to highlight its neighbors."
)
READABLE: Final = 0.8  # the smallest scale of the picture in a narrow window; below it, the picture scrolls


def render(flow: Flow) -> str:
    """Return the page of a flow."""
    warnings = list(find_warnings(flow))
    drawing, size = picture.draw(flow)
    body = tag(
        "body",
        tag("a", "Skip to the functions", href="#functions", class_="skip"),
        _header(flow, warnings),
        tag(
            "main",
            _flow(drawing),
            _warnings(warnings),
            _functions(flow),
            _events(flow),
            _others(flow),
        ),
        tag("footer", tag("p", "Made by ", tag("code", "herald catalog"), " from functions/ and events/ alone.")),
        tag("script", _asset("picture.js")),
    )
    return f"<!doctype html>\n{tag('html', _head(size), body, lang='en')}\n"


def _head(size: Size) -> Markup:
    """Return the head; its policy allows this style and this script only."""
    style = Markup(f"{asset('colors.css')}{_asset('page.css')}{_frame(size)}")
    policy = f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(_asset('picture.js'))}; base-uri 'none'"
    return tag(
        "head",
        void("meta", charset="utf-8"),
        void("meta", http_equiv="Content-Security-Policy", content=policy),
        void("meta", name="viewport", content="width=device-width, initial-scale=1"),
        void("meta", name="color-scheme", content="light dark"),
        tag("title", "Herald: events and functions"),
        tag("style", style),
    )


def _asset(name: str) -> Markup:
    return asset(f"catalog/{name}")


def _hash(source: str) -> str:
    digest = base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()
    return f"'sha256-{digest}'"


def _frame(size: Size) -> str:
    """Return the style for the size of the picture: it may shrink a little, and never grows."""
    width = size[0]
    return (
        f"#picture{{width:100%;height:auto;max-width:{width:.0f}px;min-width:{width * READABLE:.0f}px}}"
        f"@media(max-width:720px){{#picture{{min-width:{width:.0f}px}}}}"
        "@media print{#picture{min-width:0}}"
    )


def _header(flow: Flow, warnings: list[FlowWarning]) -> Markup:
    owners = {spec.owner for spec in flow.specs}
    counts = (
        ("#flow", "Flow"),
        ("#warnings", _count(len(warnings), "warning")),
        ("#functions", _count(len(flow.specs), "function")),
        ("#events", _count(len(flow.events), "event type")),
        ("#others", OTHERS),
    )
    return tag(
        "header",
        tag("h1", "Herald: events and functions"),
        tag("p", f"What happens, who makes it, and whom it runs, in {_count(len(owners), 'team')}."),
        tag("nav", tag("ul", *(tag("li", tag("a", name, href=href)) for href, name in counts)), aria_label="Sections"),
    )


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'s' * (number != 1)}"


def _flow(drawing: Markup) -> Markup:
    kinds = (tag("li", tag("i", class_=kind, aria_hidden="true"), name) for kind, name in KINDS)
    caption = tag("figcaption", tag("p", NOTE, id="flow-note"), tag("ul", *kinds, class_="legend"))
    frame = tag("div", drawing, class_="frame", tabindex=0, role="region", aria_label="The picture of the flow")
    return _section("flow", "The flow", tag("figure", caption, frame))


def _warnings(warnings: list[FlowWarning]) -> Markup:
    items = [tag("li", link(gap.node), f" {gap.fault}.") for gap in warnings]
    none = tag("p", "None: every event is consumed, every pattern can be matched, every contract is used.")
    return _section("warnings", "Warnings", tag("ul", *items, class_="warnings") if items else none)


def _events(flow: Flow) -> Markup:
    index = sections.index(each.node for each in flow.events)
    return _section("events", "Event types", index, *(sections.event(each, flow) for each in flow.events))


def _others(flow: Flow) -> Markup:
    nodes = sections.things(flow)
    return _section("others", OTHERS, sections.index(nodes), *(sections.thing(node, flow) for node in nodes))


def _functions(flow: Flow) -> Markup:
    """Return the functions, grouped by owner."""
    specs = sorted(flow.specs, key=lambda spec: (spec.owner, spec.name))
    owners = groupby(specs, key=lambda spec: spec.owner)
    index = sections.facts(
        *((owner, sections.index(Node("function", spec.name) for spec in own)) for owner, own in owners)
    )
    return _section("functions", "Functions", index, *(sections.function(spec, flow) for spec in specs))


def _section(name: str, title: str, *parts: Markup) -> Markup:
    return tag("section", tag("h2", title, id=f"{name}-title"), *parts, id=name, aria_labelledby=f"{name}-title")
