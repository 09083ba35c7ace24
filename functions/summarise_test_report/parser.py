"""Parses a JUnit XML report."""

from typing import Final
from xml.etree import ElementTree as ET

from functions.runtime.core.errors import MalformedError
from functions.summarise_test_report.durations import NumberFormat
from functions.summarise_test_report.model import Report
from functions.summarise_test_report.reader import Reader

CHUNK_BYTES: Final = 64 * 1024


def parse(content: bytes) -> Report:
    """Read a report; MalformedError if it is not one. The memory use does not grow with the number of test cases."""
    if not content:
        raise MalformedError("the report", "is empty (0 bytes)")
    numbers = NumberFormat()
    try:
        report = _read(memoryview(content), numbers)
        grouping = numbers.inferred()
        # An ambiguous time can come before the times that show its format.
        return _read(memoryview(content), NumberFormat(assumed=grouping)) if grouping else report
    except ET.ParseError as error:
        fault = str(error).removeprefix("not well-formed ")
        raise MalformedError("the report", f"is not well-formed XML: {fault}") from error
    except (LookupError, ValueError) as error:  # from Python's codec of the declared encoding
        fault = str(error).partition(":")[0]  # the name of the encoding comes after the colon
        raise MalformedError("the encoding", f"cannot be read: {fault}") from error


def _read(content: memoryview, numbers: NumberFormat) -> Report:
    parser: ET.XMLParser[Report] = ET.XMLParser(target=Reader(numbers))  # noqa: S314 - Reader refuses the DTD XML bombs need
    # An error of the target is raised only after expat has read the whole piece. The first pieces are tiny, so a DTD is
    # refused before its entities are used. After a long comment, expat's own limit of 8 MiB of expansion applies.
    start, size = 0, 16
    while start < len(content):
        parser.feed(content[start : start + size])
        start, size = start + size, min(2 * size, CHUNK_BYTES)
    return parser.close()
