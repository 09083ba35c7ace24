"""A renamed function keeps its keys under its first name, and its present name appears in logs and events."""

import json
import logging
from typing import TYPE_CHECKING, Any

import pytest

from functions.runtime import Event, Permanent, Run
from functions.runtime.core import clock
from functions.runtime.http import standard_webhooks
from functions.runtime.web import Answer, Request, WebContext, http_entrypoint, verify
from tests.events import body, cloud_event
from tests.front import Front, front
from tests.stage import CACHED, Killed, Stage, install, on
from tests.webhooks import generic, request

if TYPE_CHECKING:
    from tests.unit.runtime.conftest import World

__all__ = ["front"]

both = pytest.mark.parametrize("order", ["none", "newest"])


class Emitter:
    """A handler that emits an event for each event, unless it rejects them."""

    def __init__(self) -> None:
        """Accept all events, and record which event came before which."""
        self.refuses = False
        self.pairs: list[tuple[str | None, str]] = []

    def __call__(self, event: Event, run: Run) -> None:
        """Handle one event."""
        if self.refuses:
            raise Permanent("not like this")
        self.pairs.append((run.previous.id if run.previous else None, event.id))
        run.emit("thing.done", {}, subject=event.subject)


@pytest.fixture
def emitter() -> Emitter:
    """Return a handler."""
    return Emitter()


@pytest.fixture
def order() -> str:
    """Use no order unless a test sets one."""
    return "none"


@pytest.fixture
def stage(emitter: Emitter, order: str, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """Return a stage that runs the handler as the function `f`."""
    return install(Stage(emitter), monkeypatch, ORDER=order)


def rename(stage: Stage, patch: pytest.MonkeyPatch, order: str, *, name: str = "g") -> None:
    """Deploy the function under another name; its first name is `f`."""
    install(stage, patch, ORDER=order, FUNCTION=name, FIRST_NAME="f")


def event(number: int = 1) -> str:
    """Return the event with that number; all have one subject."""
    return body(cloud_event(id=f"e{number}", subject="thing/1", sequence=f"{number}"))


@both
def test_what_was_processed_before_is_a_duplicate_after(
    stage: Stage, emitter: Emitter, order: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second delivery and a replay are duplicates, also after a second rename."""
    stage.send(event())
    stage.deliver()
    for name in ("g", "h"):
        rename(stage, monkeypatch, order, name=name)
        stage.send(event())
        stage.send(event(), attributes={"herald": {"stringValue": json.dumps({"replay": "r", "anew": False})}})
        assert stage.deliver() == []
    assert (len(emitter.pairs), stage.decisions(), len(stage.events)) == (1, ["processed"], 1)


@both
def test_a_run_of_a_replay_is_known_by_its_name_and_the_first_one(
    stage: Stage, emitter: Emitter, order: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A replay that a rename interrupts continues, and runs no event twice."""
    again = {"herald": {"stringValue": json.dumps({"replay": "r", "anew": True})}}
    stage.send(event(), attributes=again)
    stage.deliver()
    rename(stage, monkeypatch, order)
    stage.send(event(), attributes=again)
    assert stage.deliver() == []
    assert (len(emitter.pairs), stage.decisions()) == (1, ["processed"])


@both
def test_what_an_interrupted_run_emitted_is_a_duplicate_to_its_consumers(
    stage: Stage, order: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The source and the id of an emitted event do not change with the name."""
    stage.fail = on("emit", "after", Killed())
    stage.send(event())
    with pytest.raises(Killed):
        stage.deliver()
    rename(stage, monkeypatch, order)
    stage.drain()
    first, second = stage.events
    assert (first["source"], first["id"]) == (second["source"], second["id"])
    assert stage.decisions() == ["processed"]


@both
def test_a_dead_letter_of_before_runs_after_once(
    stage: Stage, emitter: Emitter, order: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The dead letter reopens the run that was claimed under the first name; its copy does not."""
    emitter.refuses = True
    stage.send(event())
    stage.deliver()
    emitter.refuses = False
    rename(stage, monkeypatch, order)
    (dead_letter,) = stage.dead
    stage.redrive()
    stage.send(dead_letter.body, attributes=dead_letter.attributes)
    stage.drain()
    assert (len(emitter.pairs), stage.decisions()) == (1, ["processed"])


@pytest.mark.parametrize("order", ["newest"])
def test_the_newest_of_before_is_known_after(
    stage: Stage, emitter: Emitter, order: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An older event is stale, and a newer one gets the event before it as `previous`."""
    stage.send(event(2))
    stage.deliver()
    rename(stage, monkeypatch, order)
    stage.send(event(1))
    stage.deliver()
    stage.send(event(3))
    stage.deliver()
    assert emitter.pairs == [(None, "e2"), ("e2", "e3")]
    assert sorted(stage.decisions()) == ["processed", "processed", "stale"]


def test_people_and_chains_see_the_name_it_has(
    stage: Stage, emitter: Emitter, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Logs, metrics, dead letters and lineage have the present name; the keys of the ledger have the first name."""
    rename(stage, monkeypatch, "none")
    logging.Logger.manager.loggerDict.pop("g", None)
    monkeypatch.setenv("POWERTOOLS_LOG_LEVEL", "INFO")
    stage.send(event(1))
    stage.deliver()
    emitter.refuses = True
    stage.send(event(2), "not JSON")
    stage.deliver()
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    told = [line for line in lines if "decision" in line]
    assert {line["message"].split()[0] for line in told} == {"g"}
    assert {line["service"] for line in told} == {line["function"] for line in lines} == {"g"}
    assert {dead_letter["function"] for dead_letter in stage.dead_letters()} == {"g"}
    assert {dead_letter["subject"] for dead_letter in stage.dead_letters()} == {"thing/1", "queue/g"}
    assert [row["sk"].partition("#")[0] for row in stage.rows()] == ["f"] * 3
    (emitted,) = stage.events
    assert (emitted["causationfunction"], emitted["causationpath"], emitted["source"]) == ("g", "g", "herald.f")


def deploy_as(name: str, patch: pytest.MonkeyPatch) -> None:
    """Deploy the function of a world under another name."""
    patch.setenv("HERALD_FUNCTION", name)
    patch.setenv("HERALD_FIRST_NAME", "f")
    for cached in CACHED:
        cached.cache_clear()


def test_what_a_run_remembers_and_told_people_outlives_the_name(
    world: "World", monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second attempt under another name gets the remembered value, and publishes no second notice."""
    kept: list[dict[str, Any]] = []

    def handle(_event: Event, run: Run) -> None:
        kept.append(run.remember_first({"attempt": len(kept) + 1}))
        run.publish("notices", title="t", text="t")

    sent = body(cloud_event())
    world.send(sent)
    with monkeypatch.context() as patch:
        patch.setattr("functions.runtime.ledger.ledger.Ledger.settle", lambda _ledger, ended: ["not now"] * len(ended))
        assert len(world.deliver(handle)) == 1
    deploy_as("g", monkeypatch)
    world.requeue()
    later = clock.now_ms() + 3_600_000  # the lease of the first one is over
    monkeypatch.setattr(clock, "now_ms", lambda: later)
    world.deliver(handle, request_id="request-2")
    assert kept == [{"attempt": 1}, {"attempt": 1}]
    assert len(world.notices()) == 1


@http_entrypoint
def answers(request: Request, web: WebContext) -> Answer:
    """Emit an event for one delivery."""
    verify(request, web, standard_webhooks, keys="webhooks", sender="generic")
    return web.emit("customer.created", {}, subject="s", delivery="1")


def test_a_delivery_that_was_answered_before_is_repeated_after(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sender gets the same id, and no event is sent."""
    status, first = front.send(answers, request("/a", generic(b"{}"), b"{}"))
    deploy_as("g", monkeypatch)
    again, second = front.send(answers, request("/a", generic(b"{}"), b"{}"))
    assert (status, again, second["id"]) == (202, 200, first["id"])
    assert len(front.emitted()) == 1
