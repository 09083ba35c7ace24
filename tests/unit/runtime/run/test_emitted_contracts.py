"""Contracts of emitted events: an event that does not match its contract is never sent."""

from typing import Any

import pytest

from functions.runtime import Event, Permanent, Run
from functions.runtime.envelopes.envelope import parse
from functions.runtime.run import contracts
from tests.events import body, cloud_event
from tests.stage import Stage
from tests.unit.runtime.run.test_contracts import CARD, handler, made, refusal, stage

__all__ = ["stage"]


def test_emitted_events_name_the_newest_version(stage: Stage) -> None:
    """`dataschema` has the URI of the newest contract; a type without a contract has none."""
    handler(stage).emits = [("thing.made", {"title": "A"}), ("thing.done", {"any": "thing"})]
    stage.send(body(cloud_event()))
    assert stage.deliver() == []
    made_, done = stage.events
    assert (made_["dataschema"], made_["data"]) == ("herald:thing.made/2", {"title": "A"})
    assert "dataschema" not in done


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"title": 4111}, 'thing.made/2: data.title breaks type: "string"'),
        ({"name": "a"}, "thing.made/2: data.title is missing"),
        ({"title": "A", "note": CARD}, "thing.made/2: data.note is not a field of the contract"),
    ],
)
def test_a_broken_event_is_never_emitted(stage: Stage, data: dict[str, Any], reason: str) -> None:
    """The run is rejected before any of its events is sent."""
    handler(stage).emits = [("thing.done", {}), ("thing.made", data)]
    stage.send(body(cloud_event()))
    assert stage.deliver() == []
    assert stage.events == []
    (dead_letter,) = stage.dead_letters()
    assert (dead_letter["reason"], dead_letter["decision"]) == (reason, "rejected")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (
            {"name": "a", "tags": [{"key": "k", "note": 1}]},
            "thing.made/1: data.tags[0].note is not a field of the contract",
        ),
        ({"name": "a", "extra": 1}, "thing.made/1: data.extra is not a field of the contract"),
    ],
)
@pytest.mark.usefixtures("stage")
def test_producers_are_held_strictly_at_any_depth(data: dict[str, Any], reason: str) -> None:
    """An object with named fields may have no others; maps and alternatives stay open."""
    assert refusal(made(**data), strict=True) == reason
    contracts.accept(parse(body(made(name="a", sizes={"any": 1}, value={"any": 1}))), strict=True)


def test_a_handler_may_catch_what_it_cannot_emit(stage: Stage) -> None:
    """The error is Permanent, and the event is not among those that are sent."""

    def careful(event: Event, run: Run) -> None:
        with pytest.raises(Permanent):
            run.emit("thing.made", {}, subject=event.subject)
        run.emit("thing.made", {"title": "A"}, subject=event.subject)

    stage.handle = careful
    stage.send(body(cloud_event()))
    assert stage.deliver() == []
    assert [event["data"] for event in stage.events] == [{"title": "A"}]
