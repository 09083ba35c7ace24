"""Objects that are read as a stream: the same checks as for `run.read`, and incomplete content is an error."""

import io
from typing import Any

import pytest
from botocore.response import StreamingBody
from urllib3.exceptions import ProtocolError, ReadTimeoutError

from functions.runtime import Event, Run
from functions.runtime.batch.attempt import Handler
from functions.runtime.core import aws
from tests.events import BUCKET, body, cloud_event, object_created
from tests.unit.runtime.conftest import World
from tests.unit.runtime.run.test_run import outcome, put

CONTENT = b"0123456789" * 100_000


def pieces(event: Event, run: Run, *, limit_bytes: int = len(CONTENT)) -> list[bytes]:
    """Read the event's object in pieces of 64 KiB, to its end."""
    with run.open(event, limit_bytes=limit_bytes) as stream:
        return list(iter(lambda: stream.read(65_536), b""))


def test_an_object_is_read_in_pieces(world: World) -> None:
    """The handler gets the whole content, in the version that the event names, although a later version exists."""
    seen: list[bytes] = []
    version = put("datasets/a", CONTENT)
    put("datasets/a", b"second")
    event = body(object_created("datasets/a", version=version))
    assert outcome(world, lambda e, r: seen.extend(pieces(e, r)), event)[0] == "processed"
    assert (b"".join(seen), {len(piece) for piece in seen[:-1]}) == (CONTENT, {65_536})


def test_the_limit_is_the_readers_own(world: World) -> None:
    """The size in the event is compared with the limit, and the reason has both."""
    event = body(object_created("datasets/a", size=1_000, version=put("datasets/a")))
    assert outcome(world, lambda e, r: (pieces(e, r, limit_bytes=999), None)[1], event) == (
        "rejected",
        f"s3://{BUCKET}/datasets/a has 1,000 bytes, more than the limit of 999",
    )


def test_an_object_larger_than_its_event_says_is_not_opened(world: World) -> None:
    """The size in the reply of S3 is compared with the same limit."""
    event = body(object_created("datasets/a", size=1, version=put("datasets/a")))
    assert outcome(world, lambda e, r: (pieces(e, r, limit_bytes=9), None)[1], event) == (
        "rejected",
        f"s3://{BUCKET}/datasets/a has 10 bytes, more than the limit of 9",
    )


def test_what_cannot_be_read_cannot_be_opened(world: World) -> None:
    """An event without an object and a deleted object are rejected."""
    assert outcome(world, lambda e, r: (pieces(e, r), None)[1], body(cloud_event())) == (
        "rejected",
        "customer.created has no object to read",
    )
    world.send(body(object_created("datasets/gone", version=None)))
    world.deliver(lambda e, r: (pieces(e, r), None)[1], request_id="second")
    (row,) = world.rows(f"s3://{BUCKET}/datasets/gone")
    assert (row["decision"], row["reason"]) == (
        "rejected",
        f"s3://{BUCKET}/datasets/gone was deleted before it was read",
    )


def test_a_stream_tells_whose_chain_it_belongs_to(world: World) -> None:
    """An object of a run has its correlation id, and a function that opens the object continues it."""

    def relay(event: Event, run: Run) -> None:
        run.write("outputs", "datasets/b", b"".join(pieces(event, run)), content_type="text/csv")

    outcome(world, relay, body(object_created("datasets/a", version=put("datasets/a"))))
    (cause,) = world.rows()
    world.send(body(object_created("datasets/b", version=None)))
    world.deliver(lambda e, r: (pieces(e, r), None)[1], request_id="second")
    (row,) = world.rows(f"s3://{BUCKET}/datasets/b")
    assert row["correlation_id"] == cause["correlation_id"]


class Breaking(io.BytesIO):
    """A body that arrives only in part."""

    def __init__(self, content: bytes, fault: Exception | None) -> None:
        """Raise the fault at the end of the part, or end there."""
        super().__init__(content)
        self._fault = fault

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - any buffer
        """Fill the buffer from the part that arrived."""
        return super().readinto(buffer) or self._fail()

    def read(self, size: int | None = -1) -> bytes:
        """Return the part that arrived; a read of the whole body raises the fault."""
        if size is None and self._fault:
            raise self._fault
        return super().read(size)

    def _fail(self) -> int:
        if self._fault:
            raise self._fault
        return 0


@pytest.mark.parametrize("handle", [pieces, lambda e, r: r.read(e)], ids=["open", "read"])
@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (None, "100000 read, but total bytes expected is 1000000"),
        (ProtocolError("Connection broken"), "Connection broken"),
        (ReadTimeoutError(None, "/", "Read timed out."), "Read timeout"),  # type: ignore[arg-type] # as botocore sees it
        (ConnectionResetError("reset by peer"), "reset by peer"),
    ],
    ids=["cut short", "broken", "timed out", "reset"],
)
def test_an_object_that_breaks_off_is_tried_again(
    world: World, monkeypatch: pytest.MonkeyPatch, handle: Handler, fault: Exception | None, reason: str
) -> None:
    """A part of an object never counts as the whole, and a network failure is retried."""
    reply = {"Metadata": {}, "ContentLength": len(CONTENT)}
    arrived = StreamingBody(Breaking(CONTENT[:100_000], fault), len(CONTENT))
    monkeypatch.setattr(aws.s3(), "get_object", lambda **_: reply | {"Body": arrived})
    decision, said = outcome(world, lambda e, r: (handle(e, r), None)[1], body(object_created("datasets/a")))
    assert decision == "retrying"
    assert said.startswith(f"s3://{BUCKET}/datasets/a: the connection broke after ")
    assert reason in said
