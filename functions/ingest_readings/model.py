"""The measurements of a SenML pack in JSON, with base fields and relative times resolved.

Sources: RFC 8428 (Sensor Measurement Lists), sections 4 and 5; RFC 9100 for version 26, which allows secondary units.
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from functions.runtime.core.errors import MalformedError

VERSIONS: Final = (10, 26)
NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9\-:./_]*")
VALUES: Final = {"v": (int, float), "vb": (bool,), "vs": (str,)}
DATA: Final = "vd"
SUM: Final = "s"  # the sum of the values over time; a record may have it beside a value or alone
RELATIVE_SECONDS: Final = 2**28  # a smaller time is relative to the time at which the pack was received
LAST_SECONDS: Final = 253_402_300_799  # the end of the year 9999
AHEAD: Final = timedelta(days=1)  # a device clock that is further ahead is wrong

type Value = float | bool | str
type Record = Mapping[str, Any]


class UnusableRecordError(MalformedError):
    """One record cannot be used. The other records of the pack may be usable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One value of one metric, in the unit that the device sent (None without one), and the time it was taken.

    `metric` is the base name followed by the name; together they name a sensor (RFC 8428, 4.5.1). `record` is the
    record's index in the pack.
    """

    record: int
    metric: str
    value: Value
    unit: str | None
    taken_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """The measurements of a pack, and the fault of each record that cannot be used."""

    measurements: tuple[Measurement, ...]
    unusable: tuple[str, ...] = ()


def parse(data: Mapping[str, Any], received_at: datetime) -> Pack:
    """Read the data of an IoT message; relative times count from the time of receipt."""
    if "payload" not in data:
        raise MalformedError("the message", "is not JSON")
    records = data["payload"]
    if not isinstance(records, list) or (records and not any(isinstance(each, dict) for each in records)):
        raise MalformedError("payload", "is not a SenML pack: a JSON array of records")
    measured, unusable = [], []
    for found in _resolve(records, received_at):
        if isinstance(found, Measurement):
            measured.append(found)
        else:
            unusable.append(str(found))
    return with_measurements(Pack(measurements=tuple(measured), unusable=tuple(unusable)))


def with_measurements(pack: Pack) -> Pack:
    """Return the pack; MalformedError with the first fault when it has no measurement."""
    if not pack.measurements:
        more = f" (and {len(pack.unusable) - 1} more records cannot be used)" if len(pack.unusable) > 1 else ""
        first = f": {pack.unusable[0]}{more}" if pack.unusable else ""
        raise MalformedError("payload", f"has no measurement{first}")
    return pack


def _resolve(records: list[Any], received_at: datetime) -> Iterator[Measurement | UnusableRecordError]:
    """Yield the measurements. A base field applies from its record until another record sets it again."""
    base: dict[str, Any] = {}
    for number, record in enumerate(records):
        where = f"payload[{number}]"
        if not isinstance(record, dict):
            yield UnusableRecordError(where, f"is {type(record).__name__}, not an object")
            continue
        _check_labels(record, where)
        base |= {label: value for label, value in record.items() if label.startswith("b")}
        if any(not label.startswith("b") for label in record):
            try:
                yield _measurement(base, record, number, received_at)
            except UnusableRecordError as error:
                yield error


def _measurement(base: Record, record: Record, number: int, received_at: datetime) -> Measurement:
    where = f"payload[{number}]"
    given = [label for label in (*VALUES, DATA) if label in record] or [SUM] * (SUM in record)
    if len(given) != 1 or given[0] not in VALUES:
        found = " and ".join(given) or "no value"
        raise UnusableRecordError(where, f"has {found}; it must have one of {', '.join(VALUES)}")
    value = record[given[0]]
    if not isinstance(value, VALUES[given[0]]) or (given[0] == "v" and isinstance(value, bool)):
        raise UnusableRecordError(f"{where}.{given[0]}", f"is {type(value).__name__}")
    if given[0] == "v":
        value = finite(_number(record, "v", where) + _number(base, "bv", where), where)
    base_name, name = _text(base, "bn", where), _text(record, "n", where)
    if not NAME.fullmatch(base_name + name):
        raise UnusableRecordError(where, "has a name that is not a SenML name")
    return Measurement(
        record=number,
        metric=base_name + name,
        value=value,
        unit=_text(record, "u", where) or _text(base, "bu", where) or None,
        taken_at=_time(_number(base, "bt", where) + _number(record, "t", where), where, received_at),
    )


def finite(number: float, where: str) -> float:
    """Return the number; UnusableRecordError when it is too large for JSON."""
    if not math.isfinite(number):
        raise UnusableRecordError(where, "has a value that is not a finite number")
    return number


def _check_labels(record: Record, where: str) -> None:
    """Raise MalformedError when the pack needs a version or an extension that is not supported (RFC 8428, 4.4)."""
    if record.get("bver", VERSIONS[0]) not in VERSIONS:
        supported = " and ".join(map(str, VERSIONS))
        raise MalformedError(f"{where}.bver", f"is not supported; {supported} are")
    required = [label for label in record if label.endswith("_")]
    if required:
        raise MalformedError(where, f"has {required[0]!r:.40}, a required extension that is not supported")


def _time(seconds: float, where: str, received_at: datetime) -> datetime:
    if not abs(seconds) <= LAST_SECONDS:
        raise UnusableRecordError(where, "has a time that is out of range")
    relative = seconds < RELATIVE_SECONDS
    try:
        taken_at = received_at + timedelta(seconds=seconds) if relative else datetime.fromtimestamp(seconds, UTC)
    except OverflowError as error:
        raise UnusableRecordError(where, "has a time that is out of range") from error
    if taken_at - received_at > AHEAD:
        raise UnusableRecordError(where, "has a time over a day after it was received")
    return taken_at


def _number(record: Record, label: str, where: str) -> float:
    value = record.get(label, 0)
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise UnusableRecordError(f"{where}.{label}", f"is {type(value).__name__}, not a number")
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _text(record: Record, label: str, where: str) -> str:
    value = record.get(label, "")
    if not isinstance(value, str):
        raise UnusableRecordError(f"{where}.{label}", f"is {type(value).__name__}, not a text")
    return value
