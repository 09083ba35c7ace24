"""An event as large as EventBridge delivers it can be dead-lettered, and redriven as it was."""

import json
from dataclasses import asdict, fields

import pytest

from functions.runtime import Event, Permanent, Run
from functions.runtime.batch import retry
from functions.runtime.core import aws
from functions.runtime.core.lineage import Lineage
from functions.runtime.run import effects, memory
from functions.runtime.run.batching import BYTES_PER_CALL, EVENT_BYTES
from tests.events import body, cloud_event
from tests.stage import MESSAGE_BYTES, Stage, install, on


def refuse(_event: Event, _run: Run) -> None:
    """Reject every event."""
    raise Permanent("not this one")


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Stage:
    """Set on a stage a handler that refuses everything; S3 is the stage's as well."""
    stage = install(Stage(refuse), monkeypatch)
    monkeypatch.setattr(aws, "s3", lambda: stage)
    return stage


def large(size: int = MESSAGE_BYTES) -> str:
    """Return an event whose body has exactly that many bytes."""
    event = cloud_event(id="large", subject="thing/large", data={"text": ""})
    return body(event | {"detail": event["detail"] | {"data": {"text": "x" * (size - len(body(event)))}}})


def test_a_message_of_the_greatest_size_is_dead_lettered_with_its_reason(stage: Stage) -> None:
    """There is no room for the reason beside it, so its body is stored; the queue is empty."""
    sent = large()
    assert len(sent) == MESSAGE_BYTES
    stage.send(sent)
    assert stage.deliver() == []
    ((letter),) = stage.letters()
    assert (letter["reason"], letter["subject"]) == ("not this one", "thing/large")
    assert stage.objects == {("journal", letter["body_at"]): sent.encode()}
    assert letter["body_at"].startswith("dead-letters/f/")
    assert json.loads(stage.dead[0].body) == {"body_at": f"s3://journal/{letter['body_at']}"}


def test_what_fits_is_not_stored(stage: Stage) -> None:
    """The body stays in the message as long as the attribute fits beside it."""
    stage.send(large(MESSAGE_BYTES - 1_024))
    stage.deliver()
    assert (stage.objects, stage.letters()[0]["body_at"]) == ({}, None)


def test_redriven_it_is_the_event_that_it_was(stage: Stage) -> None:
    """The same run goes on, from the console as well: the message carries the reference."""
    sent, handled = large(), list[Event]()
    stage.send(sent)
    stage.deliver()
    stage.handle = lambda event, _run: handled.append(event)
    stage.redrive()
    stage.drain()
    assert handled[0].data == json.loads(sent)["detail"]["data"]
    ((row),) = stage.rows()
    assert (row["decision"], row["generation"]) == ("processed", 1)


def test_a_body_that_cannot_be_stored_stays_in_the_queue(stage: Stage) -> None:
    """Its neighbours are dead-lettered; it is tried again."""
    stage.fail = on("store", "before", ConnectionError())
    names = stage.send(large(), body(cloud_event(id="small", subject="thing/small")))
    assert stage.deliver() == names[:1]
    assert [letter["subject"] for letter in stage.letters()] == ["thing/small"]
    stage.drain()
    assert [letter["subject"] for letter in stage.letters()] == ["thing/small", "thing/large"]


def test_a_body_that_cannot_be_read_stays_in_the_queue(stage: Stage) -> None:
    """Its neighbours are handled; it is delivered again."""
    stage.send(large())
    stage.deliver()
    handled: list[str] = []
    stage.handle = lambda event, _run: handled.append(event.subject)
    stage.fail = on("restore", "before", ConnectionError())
    stage.redrive()
    (name,) = stage.queue
    stage.send(body(cloud_event(id="small", subject="thing/small")))
    assert stage.deliver() == [name]
    assert handled == ["thing/small"]
    stage.drain()
    assert handled == ["thing/small", "thing/large"]


def test_a_body_that_cannot_be_had_is_rejected_by_its_key(stage: Stage) -> None:
    """Nobody waits for an object that has expired; where S3 only denied it, the next redrive has it."""
    sent, handled = large(), list[Event]()
    stage.send(sent)
    stage.deliver()
    key = stage.letters()[0]["body_at"]
    stage.handle = lambda event, _run: handled.append(event)
    objects, stage.objects = stage.objects, {}
    stage.redrive()
    stage.drain()
    ((letter),) = stage.letters()
    assert (
        letter["reason"] == f"the body cannot be read: the journal's bucket has no object {key}, or denies access to it"
    )
    assert (letter["body_at"], handled) == (key, [])
    stage.objects = objects
    stage.redrive()
    stage.drain()
    assert handled[0].data == json.loads(sent)["detail"]["data"]


def test_a_key_of_another_function_is_not_asked_for(stage: Stage) -> None:
    """A message that somebody made by hand cannot make a function read what is not its own."""
    stage.objects["journal", "dead-letters/other/a.json"] = large().encode()
    said = json.dumps({"body_at": "dead-letters/other/a.json"})
    stage.send(json.dumps({"body_at": "x"}), attributes={"herald": {"stringValue": said}})
    stage.deliver()
    assert (stage.decisions(), stage.calls["restore"]) == (["rejected"], 0)


def test_no_more_is_parsed_at_once_than_memory_holds(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten of the greatest messages would need more than there is: they are handled in smaller batches."""
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
    batches: list[int] = []
    stage.handle = lambda _event, _run: None
    for number in range(10):
        sent = json.loads(large())
        sent["detail"] |= {"id": f"large-{number}", "subject": f"thing/{number}"}
        stage.send(json.dumps(sent))
    while stage.queue:
        before = len(stage.queue)
        stage.now = max(stage.now, min(message.visible_at for message in stage.queue.values()))
        stage.deliver()
        batches.append(before - len(stage.queue))
    assert (sum(batches), max(batches)) == (10, memory.read_limit_bytes() // MESSAGE_BYTES)
    assert stage.decisions() == ["processed"] * 10


@pytest.mark.usefixtures("stage")
def test_an_event_that_was_emitted_fits_into_a_dead_letter() -> None:
    """With EventBridge's envelope and an attribute whose texts are as long as they can be."""
    data = {"text": ""}
    event = effects.cloud_event("thing.made", data, subject="s", event_id="e" * 32, lineage=Lineage(correlation_id="c"))
    room = EVENT_BYTES - sum(len(effects.entry(event)[name]) for name in ("Source", "DetailType", "Detail"))
    event["data"] = {"text": "x" * room}
    made = effects.entry(event)
    with pytest.raises(Permanent, match="an event has at most"):
        effects.entry(event | {"data": {"text": "x" * (room + 1)}})
    envelope = {
        "version": "0",
        "id": "0" * 36,
        "detail-type": made["DetailType"],
        "source": made["Source"],
        "account": "0" * 12,
        "time": "2026-11-12T00:00:00Z",
        "region": "ap-southeast-1",
        "resources": [],
        "detail": json.loads(made["Detail"]),
    }
    said = {each.name: "x" * 100 if "str" in str(each.type) else 10**13 for each in fields(retry.DeadLetter)}
    # A subject and a correlation id have at most 2,048 bytes, and JSON takes six for a letter of two.
    said |= {"reason": "é" * retry.REASON_LENGTH, "subject": "é" * 1_024, "correlation_id": "é" * 1_024}
    letter = retry.DeadLetter(**said)  # type: ignore[arg-type] # the longest texts, whatever they mean
    assert len(json.dumps(envelope)) + len(json.dumps(asdict(letter))) < BYTES_PER_CALL - 100
