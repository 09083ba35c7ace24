"""What becomes of a dataset that is good, malformed or too large, in memory that does not grow with it."""

import io
import json
import tracemalloc
from contextlib import suppress
from typing import Any, Final

import pytest
from botocore.exceptions import ReadTimeoutError
from hypothesis import example, given
from hypothesis import strategies as st

from functions.profile_dataset.handler import handle
from functions.profile_dataset.model import LIMIT_BYTES
from functions.profile_dataset.survey import survey
from functions.runtime import Event, Permanent
from functions.runtime.core.errors import MalformedError
from functions.runtime.core.event import Previous
from functions.runtime.envelopes.envelope import parse
from infra.declarations.loader import ROOT
from tests.doubles import RecordingRun, run_handler
from tests.events import BUCKET, body, object_created

MIB: Final = 1024 * 1024
SAMPLE: Final = ROOT / "events" / "aws.s3" / "object_created.dataset.object"
ROW: Final = b'%d,"Smith, Jones & Co.",' + b"a note that is as long as notes are; " * 30 + b"\r\n"


def event(key: str = "datasets/orders.csv") -> Event:
    """Return S3's event for a dataset."""
    return parse(body(object_created(key)))


def handled(run: RecordingRun) -> RecordingRun:
    """Return the run after the handler."""
    run_handler(handle, event(), run)
    return run


def test_a_dataset_is_profiled_and_announced() -> None:
    """The profile lies in artifacts; the event is small, and says where."""
    run = handled(RecordingRun(SAMPLE.read_bytes()))
    ((name, data, _),) = run.emitted
    assert name == "dataset.profiled"
    assert data == {
        "profile": "s3://artifacts-bucket/datasets/orders.csv.profile.json",
        "rows": 4,
        "columns": 7,
        "encoding": "utf-8",
        "delimiter": ",",
        "short_rows": 1,
        "long_rows": 0,
    }
    profile = json.loads(run.written["artifacts", "datasets/orders.csv.profile.json"])
    assert profile["dataset"] == f"s3://{BUCKET}/datasets/orders.csv"
    assert [(each["name"], each["type"], each["nulls"]) for each in profile["columns"]] == [
        ("order", "integer", 0),
        ("customer", "text", 0),
        ("amount", "number", 1),
        ("currency", "text", 0),
        ("placed", "datetime", 0),
        ("paid", "boolean", 1),
        ("note", "text", 2),
    ]


def test_a_repeated_run_writes_the_same_profile() -> None:
    """Byte for byte, so that nobody takes it for a new one."""
    first, second = (handled(RecordingRun(SAMPLE.read_bytes())) for _ in range(2))
    assert first.written == second.written


def test_what_is_no_dataset_is_permanent() -> None:
    """Trying again would not make it one; nothing was written or announced."""
    run = RecordingRun(b"a,b\n1,\xff\n")
    with pytest.raises(Permanent, match="line 2 has byte 0xff at offset 6, which is not UTF-8"):
        handled(run)
    assert (run.written, run.emitted) == ({}, [])


class BrokenRun(RecordingRun):
    """Reads a dataset whose second half does not come."""

    def open(self, event: Event | Previous, *, limit_bytes: int) -> io.BufferedReader:
        """Return a stream that breaks off."""
        assert limit_bytes == LIMIT_BYTES
        assert event.object
        return io.BufferedReader(Stream(b"a,b\n", 1, fault=ReadTimeoutError(endpoint_url="s3")))


class Stream(io.RawIOBase):
    """A header, a row again and again with a number in it, and perhaps a fault instead of the end."""

    def __init__(self, header: bytes, rows: int, row: bytes = b"1,%d\n", fault: Exception | None = None) -> None:
        """Have that many rows to give."""
        self._left, self._numbers, self._row, self._fault = header, iter(range(rows)), row, fault

    def readable(self) -> bool:
        """Be a file that can be read."""
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - any buffer
        """Fill the buffer."""
        while len(self._left) < len(buffer):
            piece = b"".join(self._row % number for _, number in zip(range(100), self._numbers, strict=False))
            self._left += piece
            if not piece:
                break
        if not self._left and self._fault:
            raise self._fault
        count = min(len(buffer), len(self._left))
        buffer[:count], self._left = self._left[:count], self._left[count:]
        return count


def test_a_dataset_that_breaks_off_is_not_profiled() -> None:
    """What the network did is no fault of the dataset: the error goes through as it is, and the run is tried again."""
    run = BrokenRun()
    with pytest.raises(ReadTimeoutError):
        handled(run)
    assert (run.written, run.emitted) == ({}, [])


@pytest.mark.long
def test_memory_does_not_grow_with_the_dataset() -> None:
    """Twenty megabytes pass through half as much; what is kept of a column is the same for any number of rows."""
    rows = 20 * MIB // len(ROW % 0)
    stream = io.BufferedReader(Stream(b"id,name,note\r\n", rows, ROW), MIB)
    tracemalloc.start()
    try:
        dataset = survey(stream)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert dataset.rows == rows
    assert peak < 10 * MIB


@given(
    st.binary(max_size=300)
    | st.text(alphabet=',;|\t"\r\n a1.-é\0', max_size=200).map(str.encode)
    | st.text(max_size=50).map(lambda text: text.encode("utf-16"))
)
@example(b'"')
@example(b'a\r"\r\r"\n')
@example("\ud800".encode("utf-16-le", "surrogatepass") * 9)
def test_any_bytes_are_a_dataset_or_malformed(content: bytes) -> None:
    """No content makes the function fail in any other way."""
    with suppress(MalformedError):
        assert survey(io.BytesIO(content)).columns
