"""Functions are sorted by how nearly an event matches their patterns."""

from typing import Any, Final

import pytest

from herald.explanation.matches import NO_PATTERN, Match, in_order, match_of
from infra.declarations.spec import FunctionSpec, IotTrigger, Trigger
from tests.events import BUCKET, cloud_event, object_created

OBJECTS: Final[dict[str, Any]] = {"source": ["aws.s3"], "detail-type": ["Object Created"]}
KEY: Final = object_created("report/a.xml")


def judged(event: dict[str, Any], name: str = "f", /, **pattern: Any) -> Match:  # noqa: ANN401 - JSON
    """Compare the event with a function with a pattern."""
    spec = FunctionSpec(name=name, description="d", owner="o", trigger=Trigger(samples=("s",), pattern=pattern))
    return match_of(spec, pattern, event)


def of_key(prefix: str, name: str = "f") -> Match:
    """Compare the event with a function that wants keys with a prefix."""
    return judged(KEY, name, **OBJECTS, detail={"bucket": {"name": [BUCKET]}, "object": {"key": [{"prefix": prefix}]}})


def test_near_misses_precede_all_others() -> None:
    """After the matching function: a misspelled key, then one missed clause, then an event of another type."""
    found = [
        judged(KEY, "other", **{"source": ["crm"], "detail-type": ["customer.created"]}),
        of_key("inventories/", "elsewhere"),
        of_key("reports/", "misspelled"),
        of_key("report/", "matching"),
    ]
    names = [each.function for each in in_order(found)]
    assert names == ["matching", "misspelled", "elsewhere", "other"]
    assert [each.is_near for each in in_order(found)] == [False, True, True, False]


def test_the_reason_suggests_the_near_text() -> None:
    """It names the field, the value and the condition first."""
    assert of_key("reports/").reason == (
        "detail.object.key: 'report/a.xml' does not start with 'reports/'; did you mean 'reports/a.xml'?"
    )
    assert of_key("inventories/").reason == "detail.object.key: 'report/a.xml' does not start with 'inventories/'"


def test_each_clause_is_judged_alone() -> None:
    """A branch of $or counts as one clause."""
    pattern: dict[str, Any] = {"$or": [{"source": ["crm"]}, {"detail-type": ["x"]}], "detail": {"data": {"a": [1]}}}
    comparison = judged(cloud_event(data={"a": 1}), **pattern).comparison
    assert comparison
    either, field = comparison.clauses
    assert (either.field, either.accepts) == ("the event, either", "source: 'crm', or detail-type: 'x'")
    assert either.fault == "source: 'shop' is not 'crm' and detail-type: 'customer.created' is not 'x'"
    assert (field.field, field.accepts, field.fault) == ("detail.data.a", "1", None)


def test_clauses_that_differ_by_element_are_a_near_miss() -> None:
    """Each clause is met, but by different elements of an array."""
    event = cloud_event(data={"items": [{"a": 1, "b": 2}, {"a": 3, "b": 4}]})
    found = judged(event, detail={"data": {"items": {"a": [1], "b": [4]}}})
    assert not found.matches
    assert found.is_near
    assert str(found.reason).startswith("no single element of detail.data.items")


def test_an_event_on_another_bus_does_not_match() -> None:
    """A pattern without a source has its rule on the bus herald, where no event of AWS is."""
    found = judged(KEY, **{"detail-type": ["Object Created"]})
    assert found.reason == "the event is on the bus default, and its rule is on the bus herald"
    assert found.is_near


@pytest.mark.parametrize(
    ("topic", "reason"),
    [
        ("devices/7/x", None),
        ("devices/7/y", "topic: 'devices/7/y' does not match 'devices/+/x'"),
    ],
)
def test_a_message_of_a_device_runs_the_function_of_its_topic(topic: str, reason: str | None) -> None:
    """Functions of other triggers say so."""
    message = {"topic": topic, "received_at": 1, "device": "7", "payload": ""}
    trigger = Trigger(samples=("s",), iot=IotTrigger(topic="devices/+/x"))
    devices = FunctionSpec(name="f", description="d", owner="o", trigger=trigger)
    assert match_of(devices, {}, message).reason == reason
    assert judged(message, **OBJECTS).reason == "no messages of devices trigger it"
    assert match_of(devices, {}, KEY).reason == NO_PATTERN


def test_a_wake_runs_the_function_that_asked_for_it() -> None:
    """No pattern decides."""
    wake = {"type": "herald.wake", "causationfunction": "f"}
    assert judged(wake, "f", **OBJECTS).matches
    assert judged(wake, "g", **OBJECTS).reason == "a wake runs only the function that asked for it: f"
