"""An event of the largest size that EventBridge delivers can be dead-lettered and redriven."""

import json
from dataclasses import asdict, fields

import pytest

from functions.runtime import Event, Permanent, Run
from functions.runtime.batch import reasons
from functions.runtime.batch.dead_letters import DeadLetter
from functions.runtime.core import aws
from functions.runtime.core.lineage import Lineage
from functions.runtime.run import emitted_event, memory
from functions.runtime.run.batching import BYTES_PER_CALL, EVENT_BYTES
from tests.events import body, cloud_event
from tests.stage import Stage, install, on
from tests.staged_aws import MESSAGE_BYTES


def refuse(_event: Event, _run: Run) -> None:
    """Reject every event."""
    raise Permanent("not this one")


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Stage:
    """Return a stage with a handler that rejects every event; S3 is part of the stage."""
    stage = install(Stage(refuse), monkeypatch)
    monkeypatch.setattr(aws, "s3", lambda: stage)
    return stage


def large(size: int = MESSAGE_BYTES) -> str:
    """Return an event with a body of exactly that many bytes."""
    event = cloud_event(id="large", subject="thing/large", data={"text": ""})
    return body(event | {"detail": event["detail"] | {"data": {"text": "x" * (size - len(body(event)))}}})


def test_a_message_of_the_largest_size_is_dead_lettered_with_its_reason(stage: Stage) -> None:
    """The reason does not fit into the message, so the body is stored in S3."""
    sent = large()
    assert len(sent) == MESSAGE_BYTES
    stage.send(sent)
    assert stage.deliver() == []
    (dead_letter,) = stage.dead_letters()
    assert (dead_letter["reason"], dead_letter["subject"]) == ("not this one", "thing/large")
    assert stage.objects == {("journal", dead_letter["body_at"]): sent.encode()}
    assert dead_letter["body_at"].startswith("dead-letters/f/")
    assert json.loads(stage.dead[0].body) == {"body_at": f"s3://journal/{dead_letter['body_at']}"}


def test_a_body_that_fits_is_not_stored(stage: Stage) -> None:
    """The body stays in the message if the attribute fits too."""
    stage.send(large(MESSAGE_BYTES - 1_024))
    stage.deliver()
    assert (stage.objects, stage.dead_letters()[0]["body_at"]) == ({}, None)


def test_a_redriven_message_has_its_body_again(stage: Stage) -> None:
    """The same run continues, after a redrive in the console too: the message has the reference."""
    sent, handled = large(), list[Event]()
    stage.send(sent)
    stage.deliver()
    stage.handle = lambda event, _run: handled.append(event)
    stage.redrive()
    stage.drain()
    assert handled[0].data == json.loads(sent)["detail"]["data"]
    (row,) = stage.rows()
    assert (row["decision"], row["generation"]) == ("processed", 1)


def test_a_body_that_cannot_be_stored_stays_in_the_queue(stage: Stage) -> None:
    """The others are dead-lettered; its run is retried."""
    stage.fail = on("store", "before", ConnectionError())
    names = stage.send(large(), body(cloud_event(id="small", subject="thing/small")))
    assert stage.deliver() == names[:1]
    assert [each["subject"] for each in stage.dead_letters()] == ["thing/small"]
    stage.drain()
    assert [each["subject"] for each in stage.dead_letters()] == ["thing/small", "thing/large"]


def test_a_body_that_cannot_be_read_stays_in_the_queue(stage: Stage) -> None:
    """The others are handled; it is delivered again."""
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


def test_a_missing_body_is_rejected_with_its_key(stage: Stage) -> None:
    """An expired object is not awaited; if S3 only denied access, the next redrive reads the body."""
    sent, handled = large(), list[Event]()
    stage.send(sent)
    stage.deliver()
    key = stage.dead_letters()[0]["body_at"]
    stage.handle = lambda event, _run: handled.append(event)
    objects, stage.objects = stage.objects, {}
    stage.redrive()
    stage.drain()
    (dead_letter,) = stage.dead_letters()
    assert dead_letter["reason"] == (
        f"the body cannot be read: the journal's bucket has no object {key}, or denies access to it"
    )
    assert (dead_letter["body_at"], handled) == (key, [])
    stage.objects = objects
    stage.redrive()
    stage.drain()
    assert handled[0].data == json.loads(sent)["detail"]["data"]


def test_a_key_of_another_function_is_not_read(stage: Stage) -> None:
    """A message that was written by hand cannot make a function read objects of another function."""
    stage.objects["journal", "dead-letters/other/a.json"] = large().encode()
    text = json.dumps({"body_at": "dead-letters/other/a.json"})
    stage.send(json.dumps({"body_at": "x"}), attributes={"herald": {"stringValue": text}})
    stage.deliver()
    assert (stage.decisions(), stage.calls["restore"]) == (["rejected"], 0)


def test_a_batch_that_does_not_fit_into_memory_is_split(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten messages of the largest size need more memory than the function has: they are handled in smaller batches."""
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
def test_an_emitted_event_fits_into_a_dead_letter() -> None:
    """It fits with EventBridge's envelope and an attribute with the longest values."""
    data = {"text": ""}
    event = emitted_event.cloud_event(
        "thing.made", data, subject="s", event_id="e" * 32, lineage=Lineage(correlation_id="c")
    )
    room = EVENT_BYTES - sum(len(emitted_event.entry(event)[name]) for name in ("Source", "DetailType", "Detail"))
    event["data"] = {"text": "x" * room}
    made = emitted_event.entry(event)
    with pytest.raises(Permanent, match="an event has at most"):
        emitted_event.entry(event | {"data": {"text": "x" * (room + 1)}})
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
    values = {each.name: "x" * 100 if "str" in str(each.type) else 10**13 for each in fields(DeadLetter)}
    # A subject and a correlation id have at most 2,048 bytes; JSON escapes a character of two bytes in six.
    values |= {"reason": "é" * reasons.LENGTH, "subject": "é" * 1_024, "correlation_id": "é" * 1_024}
    longest = DeadLetter(**values)  # type: ignore[arg-type] # the longest values, without a meaning
    assert len(json.dumps(envelope)) + len(json.dumps(asdict(longest))) < BYTES_PER_CALL - 100
