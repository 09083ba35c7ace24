"""What is no JUnit report, and what is said of it."""

from contextlib import suppress
from pathlib import Path
from typing import Final

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from functions.runtime.core.errors import MalformedError
from functions.summarise_test_report.parser import parse

REPORTS: Final = Path(__file__).parent / "reports"
BOMB: Final = (
    "<!DOCTYPE bomb [<!ENTITY a0 'ha'>"
    + "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 12))
    + "]><testsuites>&a11;</testsuites>"
)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", r"^the report is empty \(0 bytes\)$"),
        (b" \n", "no element found: line 2, column 0"),
        (b"<testsuites>", "^the report is not well-formed XML: no element found: line 1, column 12$"),
        (b"<testsuite><testcase name='x", r"unclosed token: line 1, column 11"),
        (b"<testsuite></testsuites>", "mismatched tag: line 1"),
        (b"<testsuites/>\n<testsuites/>", "junk after document element: line 2"),
        (b"<testsuite>&nbsp;</testsuite>", "undefined entity"),
        (b"<testsuite name='\x1b[31m'/>", r"^the report is not well-formed XML: \(invalid token\): line 1, column 17$"),
        (b"\x89PNG\r\n\x1a\n", "not well-formed XML"),
        (b'{"tests": 3}', "not well-formed XML"),
        (b"<html><body/></html>", "^the root element is <html>: this is not a JUnit report$"),
        (b"<testcase/>", "the root element is <testcase>"),
        (b"<x:report xmlns:x='urn:x'/>", "the root element is <report>"),
        (b"<?xml version='1.0' encoding='klingon'?><testsuite/>", "the encoding cannot be read: unknown encoding"),
        (b"<?xml version='1.0' encoding='shift_jis'?><testsuite/>", "the encoding cannot be read: multi-byte"),
        (b"<!DOCTYPE testsuites><testsuites/>", "has a document type declaration, which is not allowed"),
        (
            b"<!DOCTYPE t SYSTEM 'file:///etc/passwd'><testsuites/>",
            "has a document type declaration, which is not allowed",
        ),
        (b"<!DOCTYPE t [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><testsuites>&e;</testsuites>", "which is not allowed"),
        (b"<!DOCTYPE t [<!ENTITY % p SYSTEM 'http://127.0.0.1:9/'> %p;]><testsuites/>", "which is not allowed"),
        (BOMB.encode(), "has a document type declaration, which is not allowed"),
        (BOMB.encode("utf-16"), "has a document type declaration, which is not allowed"),
        (f"<!--{'x' * 60_000}-->{BOMB}".encode(), "has a document type declaration, which is not allowed"),
        (b"<testsuite>" * 100_000 + b"</testsuite>" * 100_000, "nest more than 1,000 deep"),
        (b"<testsuite><testcase>" + b"<a>" * 100_000, "nest more than 1,000 deep"),
    ],
)
def test_what_is_no_report_is_refused_with_the_reason(content: bytes, reason: str) -> None:
    """Whoever wrote it learns what is wrong and, where the parser knows, in which line."""
    with pytest.raises(MalformedError, match=reason):
        parse(content)


@given(st.binary() | st.text().map(str.encode) | st.text(alphabet="<>/&;!'\"= testuicaferol[]?-\n").map(str.encode))
@example(b"<?xml version='1.0' encoding='idna'?><testsuite/>")
@example(b"<?xml version='1.0' encoding='undefined'?><testsuite/>")
@example(b"<?xml version='1.0' encoding='base64'?><testsuite/>")
@example("<testsuite name='\ud800'/>".encode("utf-16-le", "surrogatepass"))
def test_any_bytes_are_a_report_or_malformed(content: bytes) -> None:
    """No content makes the function fail in any other way."""
    with suppress(MalformedError):
        assert parse(content).tests >= 0


@given(
    position=st.integers(min_value=0),
    byte=st.integers(min_value=0, max_value=255),
    name=st.sampled_from(sorted(path.name for path in REPORTS.glob("*.xml"))),
)
def test_a_real_report_with_one_broken_byte_is_a_report_or_malformed(position: int, byte: int, name: str) -> None:
    """Damage on the way is no reason for any other error either."""
    content = bytearray((REPORTS / name).read_bytes())
    content[position % len(content)] = byte
    with suppress(MalformedError):
        assert parse(bytes(content)).tests >= 0
