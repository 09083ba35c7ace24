"""The sections of the page: functions, event types, resources and sources, each with an anchor."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields as fields_of
from typing import Any

from functions.runtime.patterns import pattern
from herald.catalog import schema_rows
from herald.catalog.links import link
from herald.markup import Markup, anchor, tag, together
from infra.declarations.spec import OWN_SECRET, FunctionSpec, HttpTrigger, Resource
from infra.flow.graph import EventType, Flow, Node, is_of_objects, place


def function(spec: FunctionSpec, flow: Flow) -> Markup:
    """Return the section of a function."""
    node = Node("function", spec.name)
    return _article(
        node,
        spec.description,
        facts(
            ("Owner", spec.owner),
            ("Runs when", _trigger(spec)),
            ("Samples", _list(_sample_link(name, flow) for name in spec.trigger.samples)),
            ("Caused by", _links(flow.causes(node))),
            ("Runs next", _links(_next(node, flow), none="no function")),
            *_grants(spec),
            *([("Settings", _list(_setting(*each) for each in spec.settings.items()))] if spec.settings else []),
            *([("Secrets", _list(map(_secret, spec.secrets.values())))] if spec.secrets else []),
            ("Delivery", _answers(spec.trigger.http) if spec.trigger.http else _delivery(spec)),
            ("Size", f"{spec.memory_mb:,} MB of memory, {_duration(spec.timeout_seconds)} at most"),
            ("Declared in", tag("code", f"functions/{spec.name}/function.toml")),
        ),
    )


def _secret(each: Resource) -> Markup:
    return together(tag("code", str(each)), ", this function only" if each == OWN_SECRET else "")


def _trigger(spec: FunctionSpec) -> Markup:
    if spec.trigger.http:
        return tag("p", "a request is sent to its URL")
    conditions = [
        tag("li", tag("code", where), f": {accepted}") for where, accepted in pattern.readings(spec.trigger.asked)
    ]
    where = f"on the bus {' and '.join(spec.buses)}" if spec.buses else "published to AWS IoT"
    return together(tag("ul", *conditions), tag("p", where))


def _next(node: Node, flow: Flow) -> list[Node]:
    """Return the functions that a function's effects can invoke."""
    return sorted({further for effect in flow.effects(node) for further in flow.effects(effect)})


def event(each: EventType, flow: Flow) -> Markup:
    """Return the section of an event type: producers, consumers, contract versions and samples."""
    newest = each.contracts[max(each.contracts)] if each.contracts else {}
    ran = [Node("function", name) for name in flow.consumers(each)]
    return _article(
        each.node,
        str(newest.get("description", "This event type has no contract in events/.")),
        facts(
            ("Produced by", _links(_producers(each, flow), none=f"AWS, as {each.source}" if each.source else "")),
            ("Consumed by", _links(ran)),
        ),
        *(_contract(each, version) for version in sorted(each.contracts, reverse=True)),
        *(_sample(name, sample) for name, sample in sorted(each.samples.items())),
    )


def thing(node: Node, flow: Flow) -> Markup:
    """Return the section of a resource or of an external source: its causes, effects and readers."""
    readers = [Node("function", spec.name) for spec in flow.specs if node in map(place, spec.access.read)]
    return _article(
        node,
        "",
        facts(
            ("Caused by", _links(flow.causes(node), none="external jobs and people")),
            ("Invokes", _links(flow.effects(node), none="no function")),
            ("Read by", _links(readers)),
        ),
    )


def things(flow: Flow) -> list[Node]:
    """Return all nodes except functions and event types, and the paths that are only read."""
    nodes = {node for edge in flow.edges for node in edge if node.kind not in {"function", "event"}}
    return sorted(nodes | {place(resource) for spec in flow.specs for resource in spec.access.read})


def index(nodes: Iterable[Node]) -> Markup:
    """Return a list of links; the page shows it in as many columns as fit."""
    return tag("ul", *(tag("li", link(node)) for node in nodes), class_="index")


def _article(node: Node, description: str, *parts: Markup) -> Markup:
    name = anchor(node.kind, node.name)
    described = [tag("p", description, class_="lead")] if description else []
    heading = tag("h3", tag("code", node.name), id=f"{name}-heading")
    return tag("article", heading, *described, *parts, id=name, class_=node.kind, aria_labelledby=f"{name}-heading")


def facts(*pairs: tuple[str, str]) -> Markup:
    """Return a list of names with their values."""
    return tag("dl", *(tag("div", tag("dt", name), tag("dd", value)) for name, value in pairs))


def _list(items: Iterable[Markup], none: str = "") -> Markup:
    found = [tag("li", item) for item in items]
    return tag("ul", *found, class_="inline") if found else tag("span", none or "none", class_="none")


def _links(nodes: Iterable[Node], none: str = "") -> Markup:
    return _list(map(link, nodes), none)


def _grants(spec: FunctionSpec) -> Iterator[tuple[str, Markup]]:
    """Yield the grants of a function, by the keys of [access]."""
    for key in fields_of(spec.access):
        granted = getattr(spec.access, key.name)
        if granted:
            yield f"May {key.name}", _list(_grant(key.name, each) for each in granted)


def _grant(key: str, granted: Resource | str) -> Markup:
    if isinstance(granted, Resource):
        return link(place(granted))
    return link(Node("event", granted)) if key == "emit" else tag("code", granted)


def _setting(name: str, value: object) -> Markup:
    return tag("code", f"{name} = {json.dumps(value, ensure_ascii=False)}")


def _delivery(spec: FunctionSpec) -> str:
    """Return the delivery settings of a function in sentences."""
    how = spec.delivery
    at_once = f"Up to {how.max_concurrency:,} at a time" if how.max_concurrency else "Any number at a time"
    age = f"events older than {_duration(how.max_age_seconds)} are refused" if how.max_age_seconds else "of any age"
    order = "no older event of a subject acts after a newer one" if how.order == "newest" else "in no order"
    fair = ", a subject that sends over half after the others" if how.fair else ""
    wakes = ", and again for a subject when a run asked to be woken" if how.wakes else ""
    return (
        f"{at_once}, in batches of up to {how.batch_size}, {age}, {order}{fair}{wakes}. "
        f"{how.max_attempts} attempts, {_duration(how.backoff_base_seconds)} to {_duration(how.backoff_cap_seconds)} "
        "apart, then the dead-letter queue."
    )


def _answers(how: HttpTrigger) -> str:
    return f"Up to {how.max_concurrency:,} requests at a time, each of up to {how.max_body_kb:,} KB; no queue."


def _duration(seconds: int) -> str:
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size and seconds % size == 0:
            return f"{seconds // size} {unit}{'s' * (seconds != size)}"
    return f"{seconds} seconds" if seconds != 1 else "1 second"


def _producers(each: EventType, flow: Flow) -> list[Node]:
    """Return the producers of an event type; for S3's events, the prefixes of the objects that invoke its consumers."""
    if not is_of_objects(each):
        return flow.causes(each.node)
    ran = [Node("function", name) for name in flow.consumers(each)]
    return sorted({cause for node in ran for cause in flow.causes(node) if cause.kind == "bucket"})


def _contract(each: EventType, version: int) -> Markup:
    """Return the fields of a contract version as a table; its roles keep it a table where CSS shows it as blocks."""
    heads = (tag("th", name, scope="col", role="columnheader") for name in ("Field", "Type", "Required", "Meaning"))
    return tag(
        "table",
        tag("caption", f"Version {version} of the data"),
        tag("thead", tag("tr", *heads, role="row"), role="rowgroup"),
        tag("tbody", *map(_field, schema_rows.rows(each.contracts[version])), role="rowgroup"),
        role="table",
    )


def _field(field: schema_rows.Field) -> Markup:
    need = "required" if field.required else "optional"
    return tag(
        "tr",
        tag("th", tag("code", field.path), scope="row", role="rowheader"),
        tag("td", field.type, role="cell"),
        tag("td", need, role="cell", class_=need),
        tag("td", field.description, role="cell"),
        role="row",
    )


def _sample(name: str, sample: Mapping[str, Any]) -> Markup:
    """Return a collapsed sample; a link to it expands it."""
    shown = tag("code", json.dumps(sample, indent=2, ensure_ascii=False))
    return tag(
        "details",
        tag("summary", "Sample ", tag("code", name)),
        tag("pre", shown, id=anchor("sample", name), tabindex=0, role="region", aria_label=f"Sample {name}"),
    )


def _sample_link(name: str, flow: Flow) -> Markup:
    """Return a link to a sample, or its name if the sample is in a subfolder and not on the page."""
    known = any(name in each.samples for each in flow.events)
    return tag("a", tag("code", name), href=f"#{anchor('sample', name)}") if known else tag("code", name)
