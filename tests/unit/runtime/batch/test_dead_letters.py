"""What goes to the dead-letter queue goes together, and each letter for itself is sent before its run is settled."""

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
    """Set on a stage a handler that refuses everything."""

    def refuse(handled: Event, _run: Run) -> None:
        raise Permanent(handled.subject)

    return install(Stage(refuse), monkeypatch, ORDER=request.param)


def event(number: int, text: str = "") -> str:
    """Return an event about a subject of its own."""
    return body(cloud_event(id=f"e{number}", subject=f"thing/{number}", sequence="1", data={"text": text}))


def buried(stage: Stage) -> Counter[str]:
    """Count the letters by their subjects."""
    return Counter(letter["subject"] for letter in stage.dead_letters())


def test_a_batch_is_buried_in_one_call(stage: Stage) -> None:
    """Whatever is wrong with each: every letter has its own body and its own reason."""
    sent = [*map(event, range(BATCH - 1)), "no event"]
    stage.send(*sent)
    assert stage.deliver() == []
    assert stage.calls["dead-letter"] == 1
    assert Counter(stage.decisions()) == {"rejected": BATCH}
    assert [letter.body for letter in stage.dead] == sent
    assert [letter["reason"] for letter in stage.dead_letters()][:2] == ["thing/0", "thing/1"]


def test_what_sqs_refuses_stays_in_the_queue_alone(stage: Stage) -> None:
    """Its neighbours are buried and settled, and never again; it is settled when it is buried, after its lease."""
    stage.refuse_dead_letter = lambda text: '"thing/3"' in text or '"thing/7"' in text
    names = stage.send(*map(event, range(BATCH)))
    assert stage.deliver() == sorted([names[3], names[7]])
    assert Counter(stage.decisions())["rejected"] == BATCH - 2
    stage.refuse_dead_letter = lambda _text: False
    stage.drain()
    assert Counter(stage.decisions()) == {"rejected": BATCH}
    assert buried(stage) == Counter(f"thing/{number}" for number in range(BATCH))


def test_why_sqs_took_no_letter_is_told(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its own word for each that it refused, and that it gave none where the call failed."""
    logging.Logger.manager.loggerDict.pop("f", None)
    monkeypatch.setenv("POWERTOOLS_LOG_LEVEL", "WARNING")
    stage.refuse_dead_letter = lambda text: '"thing/1"' in text
    stage.send(event(1), event(2))
    stage.deliver()
    stage.fail = on("dead-letter", "before", ConnectionError())
    stage.send(event(3))
    stage.deliver()
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    told = [
        (line["subject"], line["reason"])
        for line in lines
        if line.get("message") == "not dead-lettered" and "subject" in line
    ]
    assert told == [("thing/1", "InternalError"), ("thing/3", "no response")]


def test_large_letters_go_in_as_many_calls_as_it_takes(stage: Stage) -> None:
    """SQS bounds the bytes of a call together."""
    stage.send(*(event(number, "x" * 400_000) for number in range(5)))
    assert stage.deliver() == []
    assert (stage.calls["dead-letter"], len(stage.dead)) == (3, 5)


@pytest.mark.parametrize("spare", [0, 1, 60, 119, 120, 121])
def test_no_call_has_more_bytes_than_sqs_may_take(spare: int) -> None:
    """SQS counts bodies, and of each attribute its name, its type and its value."""
    said = DeadLetter(
        reason="r", error=None, function="f", attempts=1, correlation_id=None, generation=0, first_at=1, last_at=1
    )
    text = BYTES_PER_CALL - BATCH * len(json.dumps(asdict(said))) - spare
    letters = [("x" * (text // BATCH), said)] * (BATCH - 1) + [("x" * (text - text // BATCH * (BATCH - 1)), said)]
    for entries in dead_letters.entries_by_call(dict(enumerate(letters))):
        attributes = [each for entry in entries.values() for each in entry["MessageAttributes"].items()]
        around = sum(len(name) + sum(map(len, value.values())) for name, value in attributes)
        assert around + sum(len(entry["MessageBody"]) for entry in entries.values()) <= BYTES_PER_CALL


def test_a_call_that_fails_keeps_back_no_letter_of_another(stage: Stage) -> None:
    """Those of one call stay in the queue; the rest is buried and settled."""
    stage.fail = on("dead-letter", "before", ConnectionError())
    names = stage.send(*(event(number, "x" * 400_000) for number in range(5)))
    assert stage.deliver() == names[:2]
    assert Counter(stage.decisions())["rejected"] == 3


def test_an_answer_that_is_lost_leaves_letters_twice_rather_than_never(stage: Stage) -> None:
    """Nothing is settled of which SQS did not say that it has it; both copies redriven, each event runs once."""
    stage.fail = on("dead-letter", "after", lost_reply())
    names = stage.send(event(1), event(2))
    assert stage.deliver() == names
    assert "rejected" not in stage.decisions()
    stage.drain()
    assert Counter(stage.decisions()) == {"rejected": 2}
    assert buried(stage) == {"thing/1": 2, "thing/2": 2}
    handled: list[str] = []
    stage.handle = lambda again, _run: handled.append(again.subject)
    stage.redrive()
    stage.drain()
    assert sorted(handled) == ["thing/1", "thing/2"]


def test_what_took_the_id_of_others_is_buried_together(stage: Stage) -> None:
    """And what SQS refuses of it stays in the queue, without a word to the contrary."""
    stage.handle = lambda _event, _run: None
    stage.send(event(1), event(2))
    stage.deliver()
    names = stage.send(event(1, "other"), event(2, "other"))
    stage.refuse_dead_letter = lambda text: '"thing/2"' in text
    assert stage.deliver() == names[1:]
    assert (stage.calls["dead-letter"], buried(stage)) == (1, {"thing/1": 1})
    assert Counter(stage.decisions()) == {"processed": 2}


@pytest.mark.parametrize("taken", [True, False], ids=["took an id", "no event"])
def test_a_letter_counts_how_often_it_was_redriven_and_keeps_its_first_time(stage: Stage, *, taken: bool) -> None:
    """Also where no row counts for it: what took another's id never has one, what is no event has a new one each time.

    The run whose id was taken was redriven itself: that is not counted to the other.
    """
    stage.send(event(1))
    stage.deliver()
    stage.redrive()
    stage.drain()
    stage.dead.clear()
    began = stage.now
    stage.send(event(1, "other") if taken else "no event")
    for generation in range(4):
        stage.drain()
        ((letter),) = stage.dead_letters()
        assert (letter["generation"], letter["first_at"], letter["last_at"]) == (generation, began, stage.now)
        stage.now += 60_000
        stage.redrive()
