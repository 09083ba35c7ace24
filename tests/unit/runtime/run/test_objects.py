"""An object that is read as it arrives: the same checks as at once, and never a part of it taken for the whole."""

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
    """All of it, in the version the event names, although a later write came first."""
    seen: list[bytes] = []
    version = put("datasets/a", CONTENT)
    put("datasets/a", b"second")
    event = body(object_created("datasets/a", version=version))
    assert outcome(world, lambda e, r: seen.extend(pieces(e, r)), event)[0] == "processed"
    assert (b"".join(seen), {len(piece) for piece in seen[:-1]}) == (CONTENT, {65_536})


def test_the_limit_is_the_readers_own(world: World) -> None:
    """The event's word is checked against it, and the reason has both sizes."""
    event = body(object_created("datasets/a", size=1_000, version=put("datasets/a")))
    assert outcome(world, lambda e, r: (pieces(e, r, limit_bytes=999), None)[1], event) == (
        "rejected",
        f"s3://{BUCKET}/datasets/a has 1,000 bytes, more than the limit of 999",
    )


def test_an_object_larger_than_its_event_says_is_not_opened(world: World) -> None:
    """S3's own word is checked against the same limit."""
    event = body(object_created("datasets/a", size=1, version=put("datasets/a")))
    assert outcome(world, lambda e, r: (pieces(e, r, limit_bytes=9), None)[1], event) == (
        "rejected",
        f"s3://{BUCKET}/datasets/a has 10 bytes, more than the limit of 9",
    )


def test_what_cannot_be_read_cannot_be_opened(world: World) -> None:
    """An event without an object, and an object that is gone, are rejected alike."""
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
    """What a run wrote carries its correlation, and whoever opens it goes on with it."""

    def relay(event: Event, run: Run) -> None:
        run.write("outputs", "datasets/b", b"".join(pieces(event, run)), content_type="text/csv")

    outcome(world, relay, body(object_created("datasets/a", version=put("datasets/a"))))
    (cause,) = world.rows()
    world.send(body(object_created("datasets/b", version=None)))
    world.deliver(lambda e, r: (pieces(e, r), None)[1], request_id="second")
    (row,) = world.rows(f"s3://{BUCKET}/datasets/b")
    assert row["correlation_id"] == cause["correlation_id"]


class Breaking(io.BytesIO):
    """What arrives of a body before the network fails."""

    def __init__(self, content: bytes, fault: Exception | None) -> None:
        """Have a fault instead of the end, or only the end, too soon."""
        super().__init__(content)
        self._fault = fault

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - any buffer
        """Fill the buffer from what arrived."""
        return super().readinto(buffer) or self._fail()

    def read(self, size: int | None = -1) -> bytes:
        """Return what arrived; what is read at once meets the fault at once."""
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
    """A part of an object never passes for the whole, and a network that failed is no fault of the object."""
    reply = {"Metadata": {}, "ContentLength": len(CONTENT)}
    arrived = StreamingBody(Breaking(CONTENT[:100_000], fault), len(CONTENT))
    monkeypatch.setattr(aws.s3(), "get_object", lambda **_: reply | {"Body": arrived})
    decision, said = outcome(world, lambda e, r: (handle(e, r), None)[1], body(object_created("datasets/a")))
    assert decision == "retrying"
    assert said.startswith(f"s3://{BUCKET}/datasets/a: the connection broke after ")
    assert reason in said
