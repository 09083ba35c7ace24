"""Objects that a run reads, writes and creates."""

import pytest
from botocore.exceptions import ClientError

from functions.runtime import Event, Run, Transient
from functions.runtime.core import aws
from tests.events import BUCKET, body, cloud_event, object_created
from tests.stage import throttled
from tests.unit.runtime.conftest import World
from tests.unit.runtime.run.test_run import outcome, put, relay


def test_read_returns_the_version_the_event_names(world: World) -> None:
    """A later write does not change the object of an earlier event."""
    seen = []
    version = put("reports/a", b"first")
    put("reports/a", b"second")
    decided = outcome(world, lambda e, r: seen.append(r.read(e)), body(object_created("reports/a", version=version)))
    assert (decided[0], seen) == ("processed", [b"first"])


@pytest.mark.parametrize("version", [None, "v-gone"])
def test_an_object_that_is_gone_is_rejected(world: World, version: str | None) -> None:
    """The object was deleted before it was read: a retry cannot succeed."""
    event = body(object_created("reports/a", version=version))
    decision, reason = outcome(world, lambda e, r: (r.read(e), None)[1], event)
    assert decision == "rejected"
    assert reason == f"s3://{BUCKET}/reports/a was deleted before it was read"


def test_an_object_that_is_too_large_is_rejected_unread(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The size in the event is checked before the call of S3."""
    monkeypatch.setattr(aws.s3(), "get_object", None)
    event = body(object_created("reports/a", size=5 * 1024**3))
    decision, reason = outcome(world, lambda e, r: (r.read(e), None)[1], event)
    assert decision == "rejected"
    assert reason == (
        f"s3://{BUCKET}/reports/a has 5,368,709,120 bytes, more than the 6,058,439 that memory_mb = 512 allows: "
        "raise memory_mb in function.toml, or read the object as a stream with run.open"
    )


def test_an_object_larger_than_its_event_says_is_rejected(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The size in the reply of S3 is checked too: an event may be older than the object, or forged."""
    monkeypatch.setattr("functions.runtime.run.memory.read_limit_bytes", lambda: 5)
    event = body(object_created("reports/a", size=1, version=put("reports/a")))
    decision, reason = outcome(world, lambda e, r: (r.read(e), None)[1], event)
    assert (decision, reason.split(",")[0]) == ("rejected", f"s3://{BUCKET}/reports/a has 10 bytes")


def test_an_event_without_object_has_nothing_to_read(world: World) -> None:
    """The reason names the type of the event."""
    assert outcome(world, lambda e, r: (r.read(e), None)[1], body(cloud_event())) == (
        "rejected",
        "customer.created has no object to read",
    )


def test_a_repeated_attempt_leaves_what_it_wrote_before(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The object has one version, however often the run is retried, so its readers get one event."""
    real = aws.events().put_events

    def fail(**_call: object) -> None:
        raise throttled()

    def relay_and_tell(event: Event, run: Run) -> None:
        relay(event, run)
        run.emit("a.b", {}, subject=event.subject)

    monkeypatch.setattr(aws.events(), "put_events", fail)
    world.send(body(object_created("reports/a", version=put("reports/a"))))
    world.deliver(relay_and_tell)
    monkeypatch.setattr(aws.events(), "put_events", real)
    world.requeue()
    world.deliver(relay_and_tell, request_id="second")
    versions = aws.s3().list_object_versions(Bucket="artifacts-bucket")["Versions"]
    (row,) = world.rows()
    assert [each["VersionId"] for each in versions] == [row["effects"][0]["version"]]
    assert (row["decision"], row["attempt"]) == ("processed", 2)


def test_a_repeated_attempt_writes_what_is_new(world: World) -> None:
    """Content that differs from the earlier attempt is written."""
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
    """Create one object for all events, and emit an event if it was created."""
    if run.create("artifacts", "one", event.id.encode(), content_type="text/plain"):
        run.emit("customer.welcomed", {}, subject=event.subject)


def test_of_several_runs_one_creates_an_object(world: World) -> None:
    """The second run writes no version, emits nothing and lists no effect; both runs are processed."""
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
    """The first attempt created the object and failed later: the second emits, and does not write the object again."""
    real = aws.events().put_events

    def fail(**_call: object) -> None:
        raise throttled()

    monkeypatch.setattr(aws.events(), "put_events", fail)
    world.send(body(cloud_event()))
    world.deliver(make_once)
    monkeypatch.setattr(aws.events(), "put_events", real)
    world.requeue()
    world.deliver(make_once, request_id="second")
    (version,) = aws.s3().list_object_versions(Bucket="artifacts-bucket")["Versions"]
    (row,) = world.rows()
    assert (row["decision"], row["attempt"]) == ("processed", 2)
    assert row["effects"][0]["version"] == version["VersionId"]
    assert len(world.emitted()) == 1


def test_an_object_that_cannot_be_created_is_no_known_one(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """S3 refuses the write for another reason than an existing object, although one exists: the run is retried."""
    aws.s3().put_object(Bucket="artifacts-bucket", Key="one", Body=b"another's")

    def refuse(**_call: object) -> None:
        raise ClientError({"Error": {"Code": "ConditionalRequestConflict"}}, "PutObject")

    monkeypatch.setattr(aws.s3(), "put_object", refuse)
    decision, reason = outcome(world, make_once, body(cloud_event()))
    assert (decision, reason.split(":")[0]) == ("retrying", "ClientError")
