"""What a handler does through its run, and what the ledger and the consumers see of it."""

import json

import pytest
from botocore.exceptions import ClientError

from functions.runtime import Event, Permanent, Run, Transient
from functions.runtime.batch.attempt import Handler
from functions.runtime.core import aws
from functions.runtime.run import effects
from tests.events import BUCKET, body, cloud_event, object_created
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


def test_read_returns_the_version_the_event_names(world: World) -> None:
    """A later write does not change what an earlier event is about."""
    seen = []
    version = put("reports/a", b"first")
    put("reports/a", b"second")
    decided = outcome(world, lambda e, r: seen.append(r.read(e)), body(object_created("reports/a", version=version)))
    assert (decided[0], seen) == ("processed", [b"first"])


@pytest.mark.parametrize("version", [None, "v-gone"])
def test_an_object_that_is_gone_is_rejected(world: World, version: str | None) -> None:
    """Deleted before it was read: no attempt can bring it back."""
    event = body(object_created("reports/a", version=version))
    decision, reason = outcome(world, lambda e, r: (r.read(e), None)[1], event)
    assert decision == "rejected"
    assert reason == f"s3://{BUCKET}/reports/a was deleted before it was read"


def test_an_object_that_is_too_large_is_rejected_unread(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The size the event tells is checked before S3 is asked for anything."""
    monkeypatch.setattr(aws.s3(), "get_object", None)
    event = body(object_created("reports/a", size=5 * 1024**3))
    decision, reason = outcome(world, lambda e, r: (r.read(e), None)[1], event)
    assert decision == "rejected"
    assert reason == (
        f"s3://{BUCKET}/reports/a has 5,368,709,120 bytes, more than the 6,058,439 that memory_mb = 512 allows to read "
        "at once: raise memory_mb in function.toml, or read it as a stream with run.open"
    )


def test_an_object_larger_than_its_event_says_is_rejected(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """S3's own word is checked too: an event may be older than the object, or forged."""
    monkeypatch.setattr("functions.runtime.run.memory.read_limit_bytes", lambda: 5)
    event = body(object_created("reports/a", size=1, version=put("reports/a")))
    decision, reason = outcome(world, lambda e, r: (r.read(e), None)[1], event)
    assert (decision, reason.split(",")[0]) == ("rejected", f"s3://{BUCKET}/reports/a has 10 bytes")


def test_an_event_without_object_has_nothing_to_read(world: World) -> None:
    """The reason names the type of event that was handed to a reader of objects."""
    assert outcome(world, lambda e, r: (r.read(e), None)[1], body(cloud_event())) == (
        "rejected",
        "customer.created has no object to read",
    )


def relay(event: Event, run: Run) -> None:
    """Read, write and emit, as a link of a chain does."""
    run.read(event)
    run.write("artifacts", "out/ü.json", b"{}", content_type="application/json")
    run.emit("report.published", {"n": 1}, subject=event.subject)


def test_effects_carry_where_they_come_from(world: World) -> None:
    """The object's metadata and the event's extensions name the run, and its chain's correlation and depth."""
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
    """Objects and events, with what is needed to ask for them next; a subject that is the row's own goes unsaid."""
    outcome(world, relay, body(object_created("reports/a", version=put("reports/a"))))
    (row,) = world.rows()
    version = aws.s3().head_object(Bucket="artifacts-bucket", Key="out/ü.json")["VersionId"]
    assert row["effects"] == [
        {"kind": "object", "subject": "s3://artifacts-bucket/out/ü.json", "version": version},
        {"kind": "event", "type": "report.published", "id": world.emitted()[0]["id"]},
    ]


def test_a_chain_through_an_object_keeps_its_correlation(world: World) -> None:
    """What one run wrote and another reads belongs to the same chain, although S3's event says nothing of it."""
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
    """A second attempt emits duplicates and not new events; two alike in one run still differ."""
    real = effects.put_events

    def fails_after_sending(events: list[dict[str, str]], codes: list[str]) -> None:
        real(events, list(codes))
        raise Transient("the answer was lost")

    def twice(event: Event, run: Run) -> None:
        for _ in range(2):
            run.emit("customer.welcomed", {}, subject=event.subject)
        run.emit("customer.welcomed", {}, subject="customer/43")

    monkeypatch.setattr(effects, "put_events", fails_after_sending)
    world.send(body(cloud_event()))
    world.deliver(twice)
    first = {event["id"] for event in world.emitted()}
    monkeypatch.setattr(effects, "put_events", real)
    world.requeue()
    world.deliver(twice, request_id="second")
    assert len(first) == 3
    assert {event["id"] for event in world.emitted()} == first


def test_events_that_the_bus_refuses_are_tried_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """PutEvents answers 200 and refuses single entries: that is a failure, with the bus's own code."""
    reply = {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "ThrottlingException"}]}
    monkeypatch.setattr(aws.events(), "put_events", lambda **_: reply)
    assert outcome(world, lambda e, r: r.emit("a.b", {}, subject=e.subject), body(cloud_event())) == (
        "retrying",
        "the bus refused its events: ThrottlingException",
    )


def test_more_events_than_a_call_takes_leave_in_several(world: World) -> None:
    """PutEvents takes ten entries."""

    def many(event: Event, run: Run) -> None:
        for number in range(11):
            run.emit("a.b", {"n": number}, subject=event.subject)

    assert outcome(world, many, body(cloud_event()))[0] == "processed"
    assert len(world.emitted()) + len(world.emitted()) == 11


def test_a_row_lists_the_first_fifty_effects(world: World) -> None:
    """A run that causes thousands of things still has a row that can be written."""

    def many(event: Event, run: Run) -> None:
        for number in range(60):
            run.emit("a.b", {}, subject=f"{event.subject}/{number}")

    outcome(world, many, body(cloud_event()))
    (row,) = world.rows()
    assert (len(row["effects"]), row["effects_omitted"]) == (50, 10)


def test_people_are_told_once_though_the_run_is_repeated(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """SNS has no idempotency: the notice is a step in the ledger, and an attempt after a later failure skips it."""
    real = effects.put_events

    def refuse(_entries: object, _codes: object) -> None:
        raise Transient("the bus is full")

    texts = iter(["Zwölf tests failed", "in other words"])

    def tell(event: Event, run: Run) -> None:
        run.publish("notices", title="Zwölf\nfailed", text=next(texts))
        run.emit("a.b", {}, subject=event.subject)

    monkeypatch.setattr(effects, "put_events", refuse)
    world.send(body(cloud_event()))
    world.deliver(tell)
    monkeypatch.setattr(effects, "put_events", real)
    world.requeue()
    world.deliver(tell, request_id="second")
    (notice,) = world.notices()
    assert (notice["Subject"], notice["Message"]) == ("Zw?lf failed", "Zwölf tests failed")
    (row,) = world.rows("customer/42")
    assert (row["decision"], row["attempt"]) == ("processed", 2)


def test_the_log_of_a_run_knows_its_run(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever a handler logs carries the event, the subject and the attempt."""
    world.send(body(cloud_event(id="7")))
    world.deliver(lambda e, r: r.log.info("half done", step=e.type))
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (line,) = [each for each in lines if each.get("message") == "half done"]
    assert (line["event_id"], line["subject"], line["attempt"]) == ("7", "customer/42", 1)
    assert line["step"] == "customer.created"


def test_what_is_not_granted_cannot_be_touched(world: World) -> None:
    """A resource that the declaration does not name has no address; the reason says where to name it."""
    decision, reason = outcome(
        world, lambda e, r: r.publish("alarms", title="t", text=json.dumps(e.subject)), body(cloud_event())
    )
    assert decision == "retrying"
    assert reason == "topic.alarms is not granted: add it to [access] of function.toml"


def test_a_repeated_attempt_leaves_what_it_wrote_before(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """One version of the object, however often the run is tried: its readers are told once."""
    real = effects.put_events

    def fail(_entries: object, _codes: object) -> None:
        raise Transient("the bus is full")

    def relay_and_tell(event: Event, run: Run) -> None:
        relay(event, run)
        run.emit("a.b", {}, subject=event.subject)

    monkeypatch.setattr(effects, "put_events", fail)
    world.send(body(object_created("reports/a", version=put("reports/a"))))
    world.deliver(relay_and_tell)
    monkeypatch.setattr(effects, "put_events", real)
    world.requeue()
    world.deliver(relay_and_tell, request_id="second")
    versions = aws.s3().list_object_versions(Bucket="artifacts-bucket")["Versions"]
    (row,) = world.rows()
    assert [each["VersionId"] for each in versions] == [row["effects"][0]["version"]]
    assert (row["decision"], row["attempt"]) == ("processed", 2)


def test_a_repeated_attempt_writes_what_is_new(world: World) -> None:
    """Other content than before, or another run's object, is written over."""
    contents = iter([b"first", b"second"])

    def write_and_fail_once(event: Event, run: Run) -> None:  # noqa: ARG001 - a handler
        content = next(contents)
        run.write("artifacts", "out", content, content_type="text/plain")
        if content == b"first":
            raise Transient("later")

    world.send(body(cloud_event()))
    world.deliver(write_and_fail_once)
    world.requeue()
    world.deliver(write_and_fail_once, request_id="second")
    assert aws.s3().get_object(Bucket="artifacts-bucket", Key="out")["Body"].read() == b"second"


def make_once(event: Event, run: Run) -> None:
    """Create one object for all events, and tell of it."""
    if run.create("artifacts", "one", event.id.encode(), content_type="text/plain"):
        run.emit("customer.welcomed", {}, subject=event.subject)


def test_of_several_runs_one_creates_an_object(world: World) -> None:
    """The second writes no version, emits nothing and lists no effect; both are processed."""
    for name in ("first", "second"):
        world.send(body(cloud_event(id=name)))
        world.deliver(make_once, request_id=name)
    (version,) = aws.s3().list_object_versions(Bucket="artifacts-bucket")["Versions"]
    rows = {row["facts"]["id"]: row for row in world.rows()}
    assert [rows[name]["decision"] for name in ("first", "second")] == ["processed", "processed"]
    assert [effect.get("version") for effect in rows["first"]["effects"]] == [version["VersionId"], None]
    assert "effects" not in rows["second"]
    assert len(world.emitted()) == 1
    assert aws.s3().get_object(Bucket="artifacts-bucket", Key="one")["Body"].read() == b"first"


def test_a_repeated_attempt_knows_the_object_it_created(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was there before the first attempt failed: the second emits, and leaves it as it is."""
    real = effects.put_events

    def fail(_entries: object) -> None:
        raise Transient("the bus is full")

    monkeypatch.setattr(effects, "put_events", fail)
    world.send(body(cloud_event()))
    world.deliver(make_once)
    monkeypatch.setattr(effects, "put_events", real)
    world.requeue()
    world.deliver(make_once, request_id="second")
    (version,) = aws.s3().list_object_versions(Bucket="artifacts-bucket")["Versions"]
    (row,) = world.rows()
    assert (row["decision"], row["attempt"]) == ("processed", 2)
    assert row["effects"][0]["version"] == version["VersionId"]
    assert len(world.emitted()) == 1


def test_an_object_that_cannot_be_created_is_no_known_one(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """S3 refuses for another reason than that there is one, although there is: the run is tried again."""
    aws.s3().put_object(Bucket="artifacts-bucket", Key="one", Body=b"another's")

    def refuse(**_call: object) -> None:
        raise ClientError({"Error": {"Code": "ConditionalRequestConflict"}}, "PutObject")

    monkeypatch.setattr(aws.s3(), "put_object", refuse)
    decision, reason = outcome(world, make_once, body(cloud_event()))
    assert (decision, reason.split(":")[0]) == ("retrying", "ClientError")


def test_a_chain_through_objects_that_nobody_reads_is_still_a_chain(world: World) -> None:
    """Functions that write into each other's triggers, without a look at what they get, are stopped by their depth."""

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
    ((_, why),) = world.letters()
    assert why["reason"] == f"depth 17 is past the limit of 16: {' → '.join(['f'] * 17)}"


def versions(
    world: World, monkeypatch: pytest.MonkeyPatch, handle: Handler, *contents: bytes
) -> list[dict[str, object]]:
    """Let an ordered function handle versions of one object, one after the other; return the rows, oldest first."""
    monkeypatch.setenv("HERALD_ORDER", "newest")
    for number, content in enumerate(contents):
        world.send(body(object_created("reports/a", version=put("reports/a", content))))
        world.deliver(handle, request_id=f"version-{number}")
    return sorted((row for row in world.rows() if "facts" in row), key=lambda row: row["first_at"])


def test_an_ordered_run_knows_what_was_processed_before(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """`run.previous` can be read, in its version; a run that failed is nobody's previous."""
    seen: list[tuple[bytes | None, bytes]] = []

    def compare(event: Event, run: Run) -> None:
        content = run.read(event)
        if content == b"broken":
            raise Permanent("broken")
        seen.append((run.read(run.previous) if run.previous else None, content))

    versions(world, monkeypatch, compare, b"1", b"broken", b"2", b"3")
    assert seen == [(None, b"1"), (b"1", b"2"), (b"2", b"3")]


def test_an_ordered_run_keeps_state(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a processed run kept, the next one finds; what a failed one changed is forgotten."""
    seen = []

    def count(event: Event, run: Run) -> None:
        seen.append(dict(run.state))
        run.state["count"] = run.state.get("count", 0) + 1
        if run.read(event) == b"broken":
            raise Permanent("broken")

    versions(world, monkeypatch, count, b"1", b"broken", b"2")
    assert seen == [{}, {"count": 1}, {"count": 1}]


@pytest.mark.parametrize(
    ("value", "reason"),
    [("x" * 5_000, "run.state has 5,009 bytes, more than 4,096"), ({1, 2}, "run.state is no JSON")],
)
def test_state_that_cannot_be_kept_is_refused(
    world: World, monkeypatch: pytest.MonkeyPatch, value: object, reason: str
) -> None:
    """Before anything leaves: an effect whose state is lost would not be remembered."""

    def keep(event: Event, run: Run) -> None:
        run.state["x"] = value
        run.emit("a.b", {}, subject=event.subject)

    (row,) = versions(world, monkeypatch, keep, b"1")
    assert (row["decision"], str(row["reason"])[: len(reason)]) == ("rejected", reason)
    assert world.emitted() == []


def test_state_needs_an_order(world: World) -> None:
    """Without one two runs of a subject could write it at once."""
    assert outcome(world, lambda e, r: r.log.info("state", state=r.state, event=e.id), body(cloud_event())) == (
        "retrying",
        "run.state needs order = 'newest' in [delivery] of function.toml",
    )


def test_a_run_has_a_key_that_is_the_same_in_every_attempt(world: World) -> None:
    """Other services take it as an idempotency key."""
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
