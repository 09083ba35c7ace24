"""The events of a run are sent once, within the limits of PutEvents."""

import json
from collections import Counter
from typing import Any

import pytest

from functions.runtime import Event, Run
from tests.stage import Stage, install
from tests.unit.runtime.batch.emitter import Emitter, both, effects, event


@both
def test_an_exception_after_an_effect(stage: Stage, emitter: Emitter) -> None:
    """The events of the failed attempt were not sent; the successful attempt sends them once."""

    def fail_once(_event: Event) -> None:
        if emitter.handled["thing/1"] == 1:
            raise ZeroDivisionError("after the effect")

    emitter.fault = fail_once
    stage.send(event())
    stage.drain()
    assert (stage.decisions(), list(effects(stage).values())) == (["processed"], [1])


@both
def test_a_result_over_400_kb(stage: Stage, monkeypatch: pytest.MonkeyPatch, order: str) -> None:
    """The value that a handler returns is not stored, so the row stays small."""
    stage = install(Stage(lambda _event, _run: "x" * 500_000), monkeypatch, ORDER=order)
    stage.send(event())
    assert stage.deliver() == []
    assert stage.decisions() == ["processed"]
    assert len(str(stage.table.items)) < 5_000


@both
def test_many_events_are_sent_within_the_limits_of_a_call(monkeypatch: pytest.MonkeyPatch, order: str) -> None:
    """PutEvents limits the number of entries and their total size."""

    def handle(handled: Event, run: Run) -> None:
        for _ in range(5):
            run.emit("thing.done", {"text": "x" * 400_000}, subject=handled.subject)

    stage = install(Stage(handle), monkeypatch, ORDER=order)
    stage.send(event())
    assert stage.deliver() == []
    assert (len(stage.events), stage.calls["emit"]) == (5, 3)


@both
def test_the_bus_refuses_in_part(stage: Stage, emitter: Emitter) -> None:
    """Only refused entries are put again; accepted entries are not sent twice."""
    tries: Counter[str] = Counter()

    def refuse(entry: dict[str, Any]) -> bool:
        name = json.loads(entry["Detail"])["id"]
        tries[name] += 1
        return tries[name] == 1 and len(tries) % 2 == 0

    stage.refuse = refuse

    def six(handled: Event, run: Run) -> None:
        for number in range(6):
            run.emit("a.b", {"n": number}, subject=handled.subject)

    stage.handle = six
    stage.send(event())
    assert stage.deliver() == []
    assert (len(effects(stage)), set(effects(stage).values()), stage.calls["emit"]) == (6, {1}, 2)
    assert emitter.handled == {}
