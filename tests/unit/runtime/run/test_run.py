"""The effects of a run: lineage, events, notices and logs, as the ledger and the consumers see them."""

import json
from typing import Any

import pytest

from functions.runtime import Event, Run, Transient
from functions.runtime.batch.attempt import Handler
from functions.runtime.core import aws
from tests.events import BUCKET, body, cloud_event, object_created
from tests.stage import lost_reply, throttled
from tests.unit.runtime.conftest import World


def put(key: str, content: bytes = b"0123456789") -> str:
    """Write an object as a job does; return its version."""
    return aws.s3().put_object(Bucket=BUCKET, Key=key, Body=content)["VersionId"]


def outcome(world: World, handle: Handler, message: str) -> tuple[str, str]:
    """Deliver one message; return its decision and reason."""
    world.send(message)
    world.deliver(handle)
    (row,) = world.rows()
    return row["decision"], row["reason"]


def relay(event: Event, run: Run) -> None:
    """Read, write and emit, as a function in a chain does."""
    run.read(event)
    run.write("artifacts", "out/ü.json", b"{}", content_type="application/json")
    run.emit("report.published", {"n": 1}, subject=event.subject)


def test_effects_carry_where_they_come_from(world: World) -> None:
    """The metadata of the object and the extensions of the event have the run, the correlation id and the depth."""
    event = object_created("reports/ä b.xml", version=put("reports/ä b.xml"))
    assert outcome(world, relay, body(event))[0] == "processed"
    (row,) = world.rows()
    (emitted,) = world.emitted()
    metadata = aws.s3().head_object(Bucket="artifacts-bucket", Key="out/ü.json")["Metadata"]
    assert emitted["causationid"] == metadata["causationid"] == row["facts"]["id"]
    assert emitted["correlationid"] == metadata["correlationid"] == row["correlation_id"]
    assert (emitted["depth"], metadata["depth"]) == (1, "1")
    assert (emitted["causationsubject"], emitted["causationfunction"]) == (row["pk"], "f")
    assert emitted["sequence"].startswith(event["detail"]["object"]["sequencer"].lower())
    assert (emitted["specversion"], emitted["source"], emitted["type"]) == ("1.0", "herald.f", "report.published")


def test_the_row_lists_what_the_run_caused(world: World) -> None:
    """The row has objects and events with their versions and ids; it omits a subject that is the row's own."""
    outcome(world, relay, body(object_created("reports/a", version=put("reports/a"))))
    (row,) = world.rows()
    version = aws.s3().head_object(Bucket="artifacts-bucket", Key="out/ü.json")["VersionId"]
    assert row["effects"] == [
        {"kind": "object", "subject": "s3://artifacts-bucket/out/ü.json", "version": version},
        {"kind": "event", "type": "report.published", "id": world.emitted()[0]["id"]},
    ]


def test_a_chain_through_an_object_keeps_its_correlation(world: World) -> None:
    """A run that reads an object of another run has its correlation id, although S3 events carry no lineage."""
    first = object_created("reports/a", version=put("reports/a"))
    outcome(world, relay, body(first))
    (cause,) = world.rows()
    link = object_created("out/ü.json", bucket="artifacts-bucket", version=None)
    world.send(body(link))
    world.deliver(lambda e, r: (r.read(e), None)[1], request_id="second")
    (row,) = world.rows("s3://artifacts-bucket/out/ü.json")
    assert row["correlation_id"] == cause["correlation_id"]
    assert row["cause"] == {"subject": cause["pk"], "function": "f", "event_id": cause["facts"]["id"]}


def test_a_repeated_run_repeats_the_ids_of_its_events(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second attempt emits duplicates; two equal events of one run have different ids."""
    real = aws.events().put_events

    def fails_after_sending(**call: Any) -> None:  # noqa: ANN401 - boto3's keywords
        real(**call)
        raise lost_reply()

    def twice(event: Event, run: Run) -> None:
        for _ in range(2):
            run.emit("customer.welcomed", {}, subject=event.subject)
        run.emit("customer.welcomed", {}, subject="customer/43")

    monkeypatch.setattr(aws.events(), "put_events", fails_after_sending)
    world.send(body(cloud_event()))
    world.deliver(twice)
    first = {event["id"] for event in world.emitted()}
    monkeypatch.setattr(aws.events(), "put_events", real)
    world.requeue()
    world.deliver(twice, request_id="second")
    assert len(first) == 3
    assert {event["id"] for event in world.emitted()} == first


def test_events_that_the_bus_refuses_are_tried_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """PutEvents answers with HTTP 200 and an error code for an entry: the run fails with that code."""
    reply = {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "ThrottlingException"}]}
    monkeypatch.setattr(aws.events(), "put_events", lambda **_: reply)
    assert outcome(world, lambda e, r: r.emit("a.b", {}, subject=e.subject), body(cloud_event())) == (
        "retrying",
        "PutEvents failed: ThrottlingException",
    )


def test_more_events_than_a_call_takes_leave_in_several(world: World) -> None:
    """PutEvents takes ten entries per call."""

    def many(event: Event, run: Run) -> None:
        for number in range(11):
            run.emit("a.b", {"n": number}, subject=event.subject)

    assert outcome(world, many, body(cloud_event()))[0] == "processed"
    assert len(world.emitted()) + len(world.emitted()) == 11


def test_a_row_lists_the_first_fifty_effects(world: World) -> None:
    """The row of a run with many effects stays below the size limit."""

    def many(event: Event, run: Run) -> None:
        for number in range(60):
            run.emit("a.b", {}, subject=f"{event.subject}/{number}")

    outcome(world, many, body(cloud_event()))
    (row,) = world.rows()
    assert (len(row["effects"]), row["effects_omitted"]) == (50, 10)


def test_people_are_told_once_though_the_run_is_repeated(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """SNS has no idempotency: the notice is a step in the ledger, and a later attempt does not publish it again."""
    real = aws.events().put_events

    def refuse(**_call: object) -> None:
        raise throttled()

    texts = iter(["Zwölf tests failed", "in other words"])

    def tell(event: Event, run: Run) -> None:
        run.publish("notices", title="Zwölf\nfailed", text=next(texts))
        run.emit("a.b", {}, subject=event.subject)

    monkeypatch.setattr(aws.events(), "put_events", refuse)
    world.send(body(cloud_event()))
    world.deliver(tell)
    monkeypatch.setattr(aws.events(), "put_events", real)
    world.requeue()
    world.deliver(tell, request_id="second")
    (notice,) = world.notices()
    assert (notice["Subject"], notice["Message"]) == ("Zw?lf failed", "Zwölf tests failed")
    (row,) = world.rows("customer/42")
    assert (row["decision"], row["attempt"]) == ("processed", 2)


def test_the_log_of_a_run_knows_its_run(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """Each log line of a handler has the event, the subject and the attempt."""
    world.send(body(cloud_event(id="7")))
    world.deliver(lambda e, r: r.log.info("half done", step=e.type))
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (line,) = [each for each in lines if each.get("message") == "half done"]
    assert (line["event_id"], line["subject"], line["attempt"]) == ("7", "customer/42", 1)
    assert line["step"] == "customer.created"


def test_what_is_not_granted_cannot_be_touched(world: World) -> None:
    """A resource that function.toml does not declare has no address; the reason names the table to declare it in."""
    decision, reason = outcome(
        world, lambda e, r: r.publish("alarms", title="t", text=json.dumps(e.subject)), body(cloud_event())
    )
    assert decision == "retrying"
    assert reason == "topic.alarms is not granted: add it to [access] of function.toml"


def test_a_chain_through_objects_that_nobody_reads_is_still_a_chain(world: World) -> None:
    """Functions that write into each other's triggers are stopped at the depth limit, even if they read nothing."""

    def blind(event: Event, run: Run) -> None:
        run.write("outputs", event.subject.rsplit("/", 1)[-1] + "+", b"x", content_type="text/plain")

    key = "a"
    put(key)
    for number in range(18):
        world.send(body(object_created(key, version=None)))
        world.deliver(blind, request_id=f"hop-{number}")
        key += "+"
    decisions = [row["decision"] for row in sorted(world.rows(), key=lambda row: len(row["pk"]))]
    assert decisions == ["processed"] * 17 + ["rejected"]
    ((_, why),) = world.dead_letters()
    assert why["reason"] == f"depth 17 is over the limit of 16: {' → '.join(['f'] * 17)}"


def test_a_run_has_a_key_that_is_the_same_in_every_attempt(world: World) -> None:
    """Other services can use it as an idempotency key."""
    keys = []

    def charge(event: Event, run: Run) -> None:  # noqa: ARG001 - a handler
        keys.append(run.key)
        raise Transient("the payment provider is down")

    world.send(body(cloud_event()))
    world.deliver(charge)
    world.requeue()
    world.deliver(charge, request_id="second")
    assert len(keys) == 2
    assert len(set(keys)) == 1
