"""The graph of sources, events, functions and resources from declarations and contracts, and its warnings."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from infra.declarations.spec import Access, FunctionSpec, Resource, Trigger
from infra.flow import routing
from infra.flow.graph import EventType, Flow, Node, build
from infra.flow.warnings import find_warnings

CONTRACT = {"description": "It happened.", "type": "object"}


def spec(name: str, pattern: Mapping[str, Any], **access: Any) -> FunctionSpec:  # noqa: ANN401 - keys of [access]
    """Return a function with a pattern."""
    trigger = Trigger(samples=(), pattern=pattern)
    return FunctionSpec(name=name, description="It works.", owner="team", trigger=trigger, access=Access(**access))


def on(*types: str, source: Any = None) -> dict[str, Any]:  # noqa: ANN401 - alternatives of a pattern
    """Return a pattern for event types and, optionally, sources."""
    return {"detail-type": list(types)} | ({"source": source} if source else {})


def known(event_type: str, *sources: str) -> EventType:
    """Return an event type with a contract, and a sample from each source."""
    samples = {f"{event_type}/{source}": {"source": source} for source in sources}
    return EventType(type=event_type, contracts={1: CONTRACT}, samples=samples)


def arrows(flow: Flow) -> set[str]:
    """Return the edges as text."""
    return {f"{cause.kind} {cause.name} → {effect.kind} {effect.name}" for cause, effect in flow.edges}


def warnings(flow: Flow) -> list[str]:
    """Return the warnings as sentences."""
    return [f"{gap.node.name} {gap.fault}" for gap in find_warnings(flow)]


def test_an_emitted_event_leads_to_its_consumers() -> None:
    """From a function to an event, a second function and a topic."""
    first = spec("first", on("x.asked", source=["crm"]), emit=("x.done",))
    second = spec("second", on("x.done", source=["herald.first"]), publish=(Resource("topic", "notices"),))
    flow = build([first, second], [known("x.asked", "crm"), known("x.done", "herald.first")])
    assert arrows(flow) == {
        "source crm → event x.asked",
        "event x.asked → function first",
        "function first → event x.done",
        "event x.done → function second",
        "function second → topic topic.notices",
    }
    assert warnings(flow) == []


def test_a_renamed_function_keeps_its_first_source() -> None:
    """A pattern with the first source matches; a pattern with the new name gets a warning."""
    maker = replace(spec("maker", on("x.asked"), emit=("x.done",)), formerly=("smith",))
    hears, listens = spec("hears", on("x.done", source=["herald.smith"])), spec("listens", {"source": ["herald.smith"]})
    waits = spec("waits", on("x.done", source=["herald.maker"]))
    flow = build([maker, hears, listens, waits], [known("x.asked"), known("x.done")])
    heard = {f"event x.done → function {name}" for name in ("hears", "listens")}
    assert {"function maker → event x.done", *heard} <= arrows(flow)
    assert warnings(flow) == ["waits waits for x.done from a source that does not emit it"]


def test_objects_lead_by_their_places() -> None:
    """A write below a watched prefix runs the function that watches it, also if a job outside writes."""
    watched = {
        "source": ["aws.s3"],
        "detail-type": ["Object Created"],
        "detail": {
            "bucket": {"name": ["${bucket.outputs}"]},
            "object": {"key": [{"prefix": "in/"}, {"suffix": ".csv"}]},
        },
    }
    writer = spec("writer", on("go.on"), write=(Resource("bucket", "outputs", "in/parts/*"),))
    flow = build([writer, spec("reader", watched)], [known("go.on", "ci")])
    assert {each for each in arrows(flow) if "bucket" in each} == {
        "function writer → bucket bucket.outputs/in/parts/*",
        "bucket bucket.outputs/in/parts/* → function reader",
        "bucket bucket.outputs/in/* → function reader",
        "bucket bucket.outputs/*.csv → function reader",
    }
    assert "event aws.s3/Object Created → function reader" in arrows(flow)


@pytest.mark.parametrize(
    ("pattern", "cause"),
    [
        (on("AWS API Call via CloudTrail", source=["aws.s3"]), "event aws.s3/AWS API Call via CloudTrail"),
        ({"source": ["aws.health"]}, "source aws.health"),
        ({"source": [{"prefix": "aws.ec"}]}, "source starting with 'aws.ec'"),
        ({"source": ["aws.s3"]}, "bucket any bucket/*"),
        ({"$or": [on("a.b"), on("c.d")]}, "event a.b"),
    ],
)
def test_every_kind_of_pattern_has_a_cause(pattern: dict[str, Any], cause: str) -> None:
    """CloudTrail's events with source aws.s3 are not about objects; a whole service is a source; branches count."""
    flow = build([spec("f", pattern)], [])
    assert f"{cause} → function f" in arrows(flow)


def test_branches_match_only_their_events() -> None:
    """The conditions of the branches on source and type decide."""
    flow = build([spec("f", {"$or": [on("a.b"), on("c.d")]})], [known("e.f", "crm")])
    assert "event e.f → function f" not in arrows(flow)


def test_a_pattern_on_both_buses_keeps_the_types_apart() -> None:
    """Types of AWS events have capital letters, types of domain events do not."""
    both = on("Object Created", "x.done", source=["aws.s3", "crm"])
    flow = build([spec("f", both)], [])
    assert [event.name for event in flow.events] == ["aws.s3/Object Created", "x.done"]


def test_an_event_without_consumers_is_a_warning() -> None:
    """It is emitted, and runs no function."""
    flow = build([spec("f", on("x.asked"), emit=("x.done",))], [known("x.asked"), known("x.done")])
    assert warnings(flow) == ["x.done is consumed by no function"]


def test_an_unused_contract_is_a_warning() -> None:
    """The event is neither emitted nor consumed, and has no edges."""
    flow = build([], [known("x.done")])
    assert warnings(flow) == ["x.done has a contract or a sample, but no function emits or consumes it"]
    assert flow.edges == frozenset()


@pytest.mark.parametrize(
    ("pattern", "fault"),
    [
        (on("x.lost"), "waits for x.lost, which no function emits and no contract describes"),
        (on("x.done", source=["herald.ghost"]), "waits for x.done from a source that does not emit it"),
        (on("x.asked", source=["herald.maker"]), "waits for x.asked from a source that does not emit it"),
        (
            on("x.done"),
            "accepts x.done from any source: name its emitters in the pattern (herald.maker)",
        ),
        ({"source": ["nobody"]}, "has a pattern that matches no event type with a contract"),
        ({"detail-type": [{"prefix": "y."}]}, "has a pattern that matches no event type with a contract"),
    ],
)
def test_a_pattern_that_no_event_can_match_is_a_warning(pattern: dict[str, Any], fault: str) -> None:
    """No function emits the event, and only an event with a contract may come from another system."""
    maker = spec("maker", on("x.asked"), emit=("x.done",))
    flow = build([maker, spec("f", pattern)], [known("x.asked", "crm"), known("x.done")])
    assert f"f {fault}" in warnings(flow)


@pytest.mark.parametrize(
    "pattern",
    [on("x.asked"), on("x.asked", source=["crm"]), on("x.done", source=["herald.maker"]), {"source": ["aws.ec2"]}],
)
def test_a_pattern_that_an_event_can_match_has_no_warning(pattern: dict[str, Any]) -> None:
    """From a function, from AWS, or from another system with a contract."""
    maker = spec("maker", on("x.asked"), emit=("x.done",))
    flow = build([maker, spec("f", pattern)], [known("x.asked", "crm"), known("x.done")])
    assert [each for each in warnings(flow) if each.startswith("f ")] == []


def test_a_contract_without_a_sample_comes_from_other_systems() -> None:
    """No sample names its source."""
    flow = build([spec("f", on("x.asked"))], [known("x.asked")])
    assert flow.causes(Node("event", "x.asked")) == [Node("source", "other systems")]


def test_tables_and_queues_have_no_effects() -> None:
    """They run no function, not even a function with a pattern for all events of S3."""
    table, queue = Resource("table", "items"), Resource("queue", "orders")
    writer = spec("writer", on("go.on"), write=(table,), send=(queue,))
    flow = build([writer, spec("reader", {"source": ["aws.s3"]})], [known("go.on", "ci")])
    assert flow.effects(Node("function", "writer")) == [Node("queue", "queue.orders"), Node("table", "table.items")]
    assert flow.effects(Node("table", "table.items")) == []


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ({"detail-type": ["thing.made"]}, True),
        ({"source": ["aws.s3"], "detail-type": ["Object Deleted"]}, True),
        ({"source": ["aws.s3"]}, True),
        ({"source": [{"prefix": "aws."}], "detail-type": [{"suffix": "Created"}]}, True),
        ({"source": ["aws.s3"], "detail-type": ["AWS API Call via CloudTrail"]}, False),
        ({"source": ["aws.cloudwatch"]}, False),
        ({}, False),
    ],
)
def test_the_journal_keeps_domain_events_and_those_of_objects(asked: dict[str, Any], kept: bool) -> None:  # noqa: FBT001 - a column
    """Events outside the journal cannot be replayed from it."""
    assert routing.is_journalled(spec("f", asked)) is kept
