"""Dead letters of a batch are sent together; a run is settled only after SQS accepted its dead letter."""

import json
import logging
from collections import Counter
from dataclasses import asdict

import pytest

from functions.runtime import Event, Permanent, Run
from functions.runtime.batch import dead_letters
from functions.runtime.batch.dead_letters import DeadLetter
from functions.runtime.run.batching import BYTES_PER_CALL
from tests.events import body, cloud_event
from tests.stage import Stage, install, lost_reply, on

BATCH = 10


@pytest.fixture(params=["none", "newest"])
def stage(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """Return a stage with a handler that rejects every event."""

    def refuse(handled: Event, _run: Run) -> None:
        raise Permanent(handled.subject)

    return install(Stage(refuse), monkeypatch, ORDER=request.param)


def event(number: int, text: str = "") -> str:
    """Return the number-th event, about a subject of its own."""
    return body(cloud_event(id=f"e{number}", subject=f"thing/{number}", sequence="1", data={"text": text}))


def dead_lettered(stage: Stage) -> Counter[str]:
    """Count the dead letters by subject."""
    return Counter(each["subject"] for each in stage.dead_letters())


def test_a_batch_is_dead_lettered_in_one_call(stage: Stage) -> None:
    """Each dead letter has its own body and its own reason."""
    sent = [*map(event, range(BATCH - 1)), "not an event"]
    stage.send(*sent)
    assert stage.deliver() == []
    assert stage.calls["dead-letter"] == 1
    assert Counter(stage.decisions()) == {"rejected": BATCH}
    assert [each.body for each in stage.dead] == sent
    assert [each["reason"] for each in stage.dead_letters()][:2] == ["thing/0", "thing/1"]


def test_a_refused_dead_letter_stays_in_the_queue(stage: Stage) -> None:
    """The others are dead-lettered once and settled; the refused ones are, when their leases have ended."""
    stage.refuse_dead_letter = lambda text: '"thing/3"' in text or '"thing/7"' in text
    names = stage.send(*map(event, range(BATCH)))
    assert stage.deliver() == sorted([names[3], names[7]])
    assert Counter(stage.decisions())["rejected"] == BATCH - 2
    stage.refuse_dead_letter = lambda _text: False
    stage.drain()
    assert Counter(stage.decisions()) == {"rejected": BATCH}
    assert dead_lettered(stage) == Counter(f"thing/{number}" for number in range(BATCH))


def test_the_reply_to_a_refused_dead_letter_is_logged(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The reason is the code of SQS, or "no response" when the call failed."""
    logging.Logger.manager.loggerDict.pop("f", None)
    monkeypatch.setenv("POWERTOOLS_LOG_LEVEL", "WARNING")
    stage.refuse_dead_letter = lambda text: '"thing/1"' in text
    stage.send(event(1), event(2))
    stage.deliver()
    stage.fail = on("dead-letter", "before", ConnectionError())
    stage.send(event(3))
    stage.deliver()
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    logged = [
        (line["subject"], line["reason"])
        for line in lines
        if line.get("message") == "not dead-lettered" and "subject" in line
    ]
    assert logged == [("thing/1", "InternalError"), ("thing/3", "no response")]


def test_large_dead_letters_are_sent_in_several_calls(stage: Stage) -> None:
    """SQS limits the total size of a call."""
    stage.send(*(event(number, "x" * 400_000) for number in range(5)))
    assert stage.deliver() == []
    assert (stage.calls["dead-letter"], len(stage.dead)) == (3, 5)


@pytest.mark.parametrize("spare", [0, 1, 60, 119, 120, 121])
def test_no_call_exceeds_the_size_limit_of_sqs(spare: int) -> None:
    """The size of a message is its body, and the name, type and value of each attribute."""
    described = DeadLetter(
        reason="r", error=None, function="f", attempts=1, correlation_id=None, generation=0, first_at=1, last_at=1
    )
    text = BYTES_PER_CALL - BATCH * len(json.dumps(asdict(described))) - spare
    bodies = [("x" * (text // BATCH), described)] * (BATCH - 1) + [
        ("x" * (text - text // BATCH * (BATCH - 1)), described)
    ]
    for entries in dead_letters.entries_by_call(dict(enumerate(bodies))):
        attributes = [each for entry in entries.values() for each in entry["MessageAttributes"].items()]
        around = sum(len(name) + sum(map(len, value.values())) for name, value in attributes)
        assert around + sum(len(entry["MessageBody"]) for entry in entries.values()) <= BYTES_PER_CALL


def test_a_failed_call_does_not_affect_the_dead_letters_of_another_call(stage: Stage) -> None:
    """The messages of the failed call stay in the queue; the others are dead-lettered and settled."""
    stage.fail = on("dead-letter", "before", ConnectionError())
    names = stage.send(*(event(number, "x" * 400_000) for number in range(5)))
    assert stage.deliver() == names[:2]
    assert Counter(stage.decisions())["rejected"] == 3


def test_a_lost_response_leaves_two_dead_letters_rather_than_none(stage: Stage) -> None:
    """Without a response the runs are not settled; when both copies are redriven, each event runs once."""
    stage.fail = on("dead-letter", "after", lost_reply())
    names = stage.send(event(1), event(2))
    assert stage.deliver() == names
    assert "rejected" not in stage.decisions()
    stage.drain()
    assert Counter(stage.decisions()) == {"rejected": 2}
    assert dead_lettered(stage) == {"thing/1": 2, "thing/2": 2}
    handled: list[str] = []
    stage.handle = lambda again, _run: handled.append(again.subject)
    stage.redrive()
    stage.drain()
    assert sorted(handled) == ["thing/1", "thing/2"]


def test_records_with_reused_ids_are_dead_lettered_together(stage: Stage) -> None:
    """A record that SQS refuses stays in the queue."""
    stage.handle = lambda _event, _run: None
    stage.send(event(1), event(2))
    stage.deliver()
    names = stage.send(event(1, "other"), event(2, "other"))
    stage.refuse_dead_letter = lambda text: '"thing/2"' in text
    assert stage.deliver() == names[1:]
    assert (stage.calls["dead-letter"], dead_lettered(stage)) == (1, {"thing/1": 1})
    assert Counter(stage.decisions()) == {"processed": 2}


@pytest.mark.parametrize("reused", [True, False], ids=["reused id", "not an event"])
def test_a_dead_letter_counts_its_redrives_and_keeps_its_first_time(stage: Stage, *, reused: bool) -> None:
    """A record with a reused id has no row that counts, and a message that is not an event has a new row each time.

    The redrive of the event with the same id is not counted.
    """
    stage.send(event(1))
    stage.deliver()
    stage.redrive()
    stage.drain()
    stage.dead.clear()
    began = stage.now
    stage.send(event(1, "other") if reused else "not an event")
    for generation in range(4):
        stage.drain()
        (found,) = stage.dead_letters()
        assert (found["generation"], found["first_at"], found["last_at"]) == (generation, began, stage.now)
        stage.now += 60_000
        stage.redrive()
