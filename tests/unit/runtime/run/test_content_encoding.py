"""Objects with a Content-Encoding: gzip is decompressed within the limit, other encodings are rejected."""

import gzip
import random
import tracemalloc
from typing import Final

import pytest
from botocore.response import StreamingBody

from functions.runtime import Event, Run
from functions.runtime.batch.attempt import Handler
from functions.runtime.core import aws
from tests.events import BUCKET, body, object_created
from tests.unit.runtime.conftest import World
from tests.unit.runtime.run.test_objects import CONTENT, Breaking, pieces
from tests.unit.runtime.run.test_run import outcome

PACKED: Final = gzip.compress(CONTENT, mtime=0)


def put_encoded(content: bytes, encoding: str) -> str:
    """Write an object with a Content-Encoding; return its version."""
    return aws.s3().put_object(Bucket=BUCKET, Key="datasets/a", Body=content, ContentEncoding=encoding)["VersionId"]


def read_as(world: World, handle: Handler, content: bytes, encoding: str) -> tuple[str, str]:
    """Let a handler read an object with a Content-Encoding; return the decision and its reason."""
    version = put_encoded(content, encoding)
    return outcome(world, handle, body(object_created("datasets/a", version=version, size=len(content))))


@pytest.mark.parametrize("how", ["open", "read"])
@pytest.mark.parametrize(
    ("content", "encoding", "expected"),
    [
        (PACKED, "gzip", CONTENT),
        (PACKED, "GZip", CONTENT),
        (PACKED, "x-gzip", CONTENT),
        (PACKED, "aws-chunked, gzip", CONTENT),
        (gzip.compress(PACKED, mtime=0), "gzip,gzip", CONTENT),
        (
            gzip.compress(b"first,", mtime=0) + gzip.compress(b"", mtime=0) + gzip.compress(b"second", mtime=0),
            "gzip",
            b"first,second",
        ),
        (gzip.compress(b"padded", mtime=0) + b"\0" * 512, "gzip", b"padded"),
        (gzip.compress(b"", mtime=0), "gzip", b""),
        (b"", "gzip", b""),
        (b"plain", "identity", b"plain"),
        (b"plain", "aws-chunked", b"plain"),
        (b"plain", "utf-8", b"plain"),
        (b"plain", "ISO-8859-1", b"plain"),
        (PACKED, "utf-8", PACKED),
    ],
)
def test_an_object_in_gzip_is_unpacked(world: World, how: str, content: bytes, encoding: str, expected: bytes) -> None:
    """A file may have one member or several; a charset in the wrong header changes nothing."""
    seen: list[bytes] = []

    def handle(event: Event, run: Run) -> None:
        seen.append(run.read(event) if how == "read" else b"".join(pieces(event, run)))

    assert read_as(world, handle, content, encoding)[0] == "processed"
    assert seen == [expected]


@pytest.mark.parametrize("handle", [pieces, lambda e, r: r.read(e)], ids=["open", "read"])
@pytest.mark.parametrize(
    ("content", "encoding", "reason"),
    [
        (b"x", "br", "has the Content-Encoding 'br'; only gzip is supported"),
        (b"x", "zstd", "has the Content-Encoding 'zstd'; only gzip is supported"),
        (PACKED, "gzip, br", "has the Content-Encoding 'br'; only gzip is"),
        (b"x", "deflate", "has the Content-Encoding 'deflate'; only gzip is"),
        (PACKED[:-9], "gzip", "has the Content-Encoding gzip but is truncated after "),
        (PACKED[:5], "gzip", "has the Content-Encoding gzip but is truncated after 0 decompressed bytes"),
        (b"id,name\n", "gzip", "has the Content-Encoding gzip but is not valid gzip after 0 decompressed bytes"),
        (gzip.compress(b"a", mtime=0) + b"tail", "gzip", "has the Content-Encoding gzip but is not valid gzip after "),
        (PACKED[:-8] + b"\1\2\3\4" + PACKED[-4:], "gzip", "has the Content-Encoding gzip but is not valid gzip"),
    ],
)
def test_what_cannot_be_unpacked_is_rejected(
    world: World, handle: Handler, content: bytes, encoding: str, reason: str
) -> None:
    """S3 sent the whole object, so a retry would read the same content."""
    decision, said = read_as(world, lambda e, r: (handle(e, r), None)[1], content, encoding)
    assert (decision, said[: len(f"s3://{BUCKET}/datasets/a {reason}")]) == (
        "rejected",
        f"s3://{BUCKET}/datasets/a {reason}",
    )


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize(
    ("how", "limit"), [("open", "more than the limit of 1,000,000"), ("read", "more than the 1,000,000 that")]
)
def test_the_limit_is_that_of_the_size_unpacked(
    world: World, monkeypatch: pytest.MonkeyPatch, how: str, limit: str, times: int
) -> None:
    """Reading 64 MiB of zeros, compressed once or twice, stops at the limit and uses little memory."""
    monkeypatch.setattr("functions.runtime.run.memory.read_limit_bytes", lambda: len(CONTENT))
    bomb = bytes(64 * 1024 * 1024)
    for _ in range(times):
        bomb = gzip.compress(bomb, mtime=0)
    peaks: list[int] = []

    def handle(event: Event, run: Run) -> None:
        tracemalloc.start()
        try:
            _ = run.read(event) if how == "read" else pieces(event, run)
        finally:
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()

    decision, reason = read_as(world, handle, bomb, ",".join(["gzip"] * times))
    assert decision == "rejected"
    assert reason.startswith(f"the decompressed content of s3://{BUCKET}/datasets/a has 1,")
    assert limit in reason
    assert peaks[0] < 8 * 1024 * 1024


def test_an_object_in_gzip_that_breaks_off_is_tried_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """An incomplete reply is a network failure, not invalid gzip."""
    content = gzip.compress(random.Random(1).randbytes(len(CONTENT)))  # noqa: S311 - what cannot be packed, no secret
    reply = {"Metadata": {}, "ContentLength": len(content), "ContentEncoding": "gzip"}
    arrived = StreamingBody(Breaking(content[:100_000], None), len(content))
    monkeypatch.setattr(aws.s3(), "get_object", lambda **_: reply | {"Body": arrived})
    event = body(object_created("datasets/a"))
    decision, said = outcome(world, lambda e, r: (r.read(e), None)[1], event)
    assert decision == "retrying"
    assert said.startswith(f"s3://{BUCKET}/datasets/a: the connection broke after ")
