"""Which bytes are text, where a line ends, and how much of one is read."""

import codecs
import io
import tracemalloc
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.profile_dataset import text
from functions.profile_dataset.model import ROW_CHARS
from functions.profile_dataset.survey import survey
from functions.profile_dataset.text import Lines
from functions.runtime.core.errors import MalformedError
from tests.unit.profile_dataset.profiles import profile

TABLE: Final = "name,city\r\nZoë,Łódź\r\n"
MARKS: Final = {"utf-8": codecs.BOM_UTF8, "utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}


@pytest.mark.parametrize("marked", [True, False])
@pytest.mark.parametrize("encoding", list(MARKS))
def test_encodings_are_told_with_and_without_a_byte_order_mark(encoding: str, marked: bool) -> None:  # noqa: FBT001 - a parameter
    """The mark is part of no name; without one, UTF-16 shows by its zero bytes."""
    found = profile(MARKS[encoding] * marked + TABLE.encode(encoding))
    assert (found["encoding"], found["byte_order_mark"], found["rows"]) == (encoding, marked, 1)
    assert [each["name"] for each in found["columns"]] == ["name", "city"]
    assert found["columns"][1]["examples"] == ["Łódź"]


@pytest.mark.parametrize("times", [2, 3])
@pytest.mark.parametrize("encoding", list(MARKS))
def test_a_byte_order_mark_that_was_written_again_is_part_of_no_name(encoding: str, times: int) -> None:
    """Programs that always write one do so before the one that is there; places are still those of the file."""
    marks = MARKS[encoding] * times
    found = profile(marks + TABLE.encode(encoding))
    assert (found["encoding"], found["byte_order_mark"], found["rows"]) == (encoding, True, 1)
    assert [each["header"] for each in found["columns"]] == ["name", "city"]
    with pytest.raises(MalformedError, match=r"^the dataset has no header: it is blank$"):
        profile(marks)
    with pytest.raises(MalformedError, match="byte 0xff at offset 8, which is not UTF-8"):
        profile(codecs.BOM_UTF8 * 2 + b"a\n\xff")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_that_does_not_show_is_refused_and_not_guessed(encoding: str) -> None:
    """In Chinese script few bytes are zero: without a mark nobody can be sure."""
    with pytest.raises(MalformedError, match=r"^line 1 has (byte 0x.. at offset |a NUL character)"):
        profile("姓名,城市\n王小明,北京\n".encode(encoding))
    assert profile(MARKS[encoding] + "姓名,城市\n王小明,北京\n".encode(encoding))["rows"] == 1


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", r"^the dataset is empty \(0 bytes\)$"),
        (codecs.BOM_UTF8, "^the dataset has no header: it is blank$"),
        (codecs.BOM_UTF16_LE, "^the dataset has no header: it is blank$"),
        (b"\r\n\n\r", "^the dataset has no header: it is blank$"),
        (b"a,b\n1,2\n3,M\xfcnchen\n", "^line 3 has byte 0xfc at offset 11, which is not UTF-8: invalid start byte$"),
        (b"a,b\r1,\xc3(\r", "^line 2 has byte 0xc3 at offset 6, which is not UTF-8: invalid continuation byte$"),
        (b"a,b\n1,\xc3", "^line 2 has byte 0xc3 at offset 6, which is not UTF-8: unexpected end of data$"),
        (b"a\n\xed\xa0\x80\n", "^line 2 has byte 0xed at offset 2, which is not UTF-8"),
        (codecs.BOM_UTF8 + b"a\n\xff", "^line 2 has byte 0xff at offset 5, which is not UTF-8"),
        (
            codecs.BOM_UTF16_LE + b"a\0\n\0b",
            "^line 2 has byte 0x62 at offset 6, which is not UTF-16-LE: truncated data$",
        ),
        (codecs.BOM_UTF16_LE + b"a\0\n\0\x00\xdc", "^line 2 has byte 0x00 at offset 6, which is not UTF-16-LE"),
        (b"a,b\n1,2\n3,\0\n", "^line 3 has a NUL character: the content is not text"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "^line 1 has byte 0x89 at offset 0, which is not UTF-8"),
        (b"PK\x03\x04\x14\0\x06\0\x08\0", "^line 1 has a NUL character: the content is not text"),
        (b"\x1f\x8b\x08\0", "^line 1 has byte 0x8b at offset 1, which is not UTF-8"),
        (bytes(range(256)) * 40, "^line 1 has a NUL character: the content is not text"),
    ],
)
def test_what_is_no_text_is_refused_with_its_place(content: bytes, reason: str) -> None:
    """Whoever wrote it finds the byte; nothing is replaced or guessed."""
    with pytest.raises(MalformedError, match=reason):
        profile(content)


@given(before=st.integers(0, 40), ends=st.sampled_from(["\n", "\r\n", "\r"]), chunk=st.integers(1, 9))
def test_the_place_of_a_bad_byte_is_right_wherever_the_chunks_end(before: int, ends: str, chunk: int) -> None:
    """Line and offset are those of the file, not of what was read at once."""
    rows = f"a{ends}" + f"ü{ends}" * before
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text, "CHUNK_BYTES", chunk)
        with pytest.raises(MalformedError) as refused:
            profile(rows.encode() + b"x\xffy")
    assert str(refused.value).startswith(f"line {before + 2} has byte 0xff at offset {len(rows.encode()) + 1}, ")


@given(st.lists(st.text(alphabet="ab \r\n\x0b\x0c\x85\u2028", min_size=1, max_size=6)))
def test_lines_end_at_cr_lf_and_crlf_alone(chunks: list[str]) -> None:
    """They are those of Python's universal newlines, whatever the chunks; no other character ends one."""
    lines = Lines(iter(chunks))
    expected = io.StringIO("".join(chunks), newline="").readlines()
    assert list(lines) == expected
    assert (lines.number, lines.ended) == (len(expected), True)


class Endless(io.RawIOBase):
    """A beginning, and then one piece again and again; it counts what was read."""

    def __init__(self, start: bytes, piece: bytes) -> None:
        """Have read nothing yet."""
        self._start, self._piece, self.count = start, piece, 0

    def readable(self) -> bool:
        """Be a file that can be read."""
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - any buffer
        """Fill most of a buffer."""
        content = self._start or self._piece * (len(buffer) // len(self._piece))
        buffer[: len(content)] = content
        self._start, self.count = b"", self.count + len(content)
        return len(content)


@pytest.mark.parametrize(
    ("start", "piece", "line"),
    [
        (b"a,b\n1,2\n", b"x", 3),
        (b"a,b\n1,2\n", b",", 3),
        (b"a,b", b",", 1),
        (b'a,b\n1,"2\n', b"xxxxxxx\n", 2),
        (b'a,b\n1,"2\n', b'","xxxx\n', 2),
        (b"a,b\n1,2\n", b'"', 3),
    ],
    ids=["line", "delimiters", "header", "quote", "quotes over lines", "nothing but quotes"],
)
def test_a_row_without_an_end_is_refused_before_it_fills_the_memory(start: bytes, piece: bytes, line: int) -> None:
    """A line that does not end, and a quote that is never closed, are given up after a million characters.

    The reason names the line in which the row begins.
    """
    stream = Endless(start, piece)
    tracemalloc.start()
    try:
        with pytest.raises(MalformedError, match=rf"^line {line} begins a row of over 1,048,576 characters; check"):
            survey(io.BufferedReader(stream))
        assert tracemalloc.get_traced_memory()[1] < 32 * 1024 * 1024
    finally:
        tracemalloc.stop()
    assert stream.count < 6 * ROW_CHARS
