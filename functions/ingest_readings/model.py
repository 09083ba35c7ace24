"""What a SenML pack in JSON says: which measurements, resolved, so that each stands for itself.

Sources: RFC 8428 (Sensor Measurement Lists), sections 4 and 5; RFC 9100 for version 26, which allows secondary units.
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NoReturn

VERSIONS: Final = (10, 26)
NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9\-:./_]*")
VALUES: Final = {"v": (int, float), "vb": (bool,), "vs": (str,)}
DATA: Final = "vd"
SUM: Final = "s"  # of the values over time; it may stand beside a value or alone
RELATIVE_SECONDS: Final = 2**28  # below it a time is relative to when the pack came
LAST_SECONDS: Final = 253_402_300_799  # the year 9999 ends
AHEAD: Final = timedelta(days=1)  # a clock that runs further ahead than that is wrong

type Value = float | bool | str
type Record = Mapping[str, Any]


class MalformedPackError(ValueError):
    """The message is no SenML that can be read; the sentence says what is wrong, and in which record."""


class UnusableRecordError(ValueError):
    """One record cannot be used; the sentence says which, and what is wrong in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One value of one metric, in the unit it was sent in (None where none was named), and when it was taken.

    `metric` is the base name and the name together, which name a sensor (RFC 8428, 4.5.1). `record` is its place in the
    pack.
    """

    record: int
    metric: str
    value: Value
    unit: str | None
    taken_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """The measurements of a pack, and for each record that cannot be used a sentence that says why."""

    measurements: tuple[Measurement, ...]
    unusable: tuple[str, ...] = ()


def parse(data: Mapping[str, Any], received_at: datetime) -> Pack:
    """Read the data of an IoT message; relative times count from when it was received."""
    if "payload" not in data:
        _refuse("the message is not JSON")
    records = data["payload"]
    if not isinstance(records, list) or (records and not any(isinstance(each, dict) for each in records)):
        _refuse("the message is no SenML pack: a JSON array of records")
    measured, unusable = [], []
    for found in _resolve(records, received_at):
        if isinstance(found, Measurement):
            measured.append(found)
        else:
            unusable.append(str(found))
    return held(Pack(measurements=tuple(measured), unusable=tuple(unusable)))


def held(pack: Pack) -> Pack:
    """Return a pack that holds a measurement; MalformedPackError, with the first fault, for any other."""
    if not pack.measurements:
        more = f" (and {len(pack.unusable) - 1} more records cannot be used)" if len(pack.unusable) > 1 else ""
        _refuse(f"{pack.unusable[0]}{more}" if pack.unusable else "the pack holds no measurement")
    return pack


def _resolve(records: list[Any], received_at: datetime) -> Iterator[Measurement | UnusableRecordError]:
    """Yield the measurements; base fields hold from their record on, until another sets them anew."""
    base: dict[str, Any] = {}
    for number, record in enumerate(records):
        where = f"record {number}"
        if not isinstance(record, dict):
            yield UnusableRecordError(f"{where} is {_short(record)}, not an object")
            continue
        _check_labels(record, where)
        base |= {label: value for label, value in record.items() if label.startswith("b")}
        if any(not label.startswith("b") for label in record):
            try:
                yield _measurement(base, record, number, received_at)
            except UnusableRecordError as error:
                yield error


def _measurement(base: Record, record: Record, number: int, received_at: datetime) -> Measurement:
    where = f"record {number}"
    given = [label for label in (*VALUES, DATA) if label in record] or [SUM] * (SUM in record)
    if len(given) != 1 or given[0] not in VALUES:
        _skip(f"{where} has {' and '.join(given) or 'no value'}: one of {', '.join(VALUES)} is read")
    value = record[given[0]]
    if not isinstance(value, VALUES[given[0]]) or (given[0] == "v" and isinstance(value, bool)):
        _skip(f"{where}: {given[0]} is {_short(value)}")
    if given[0] == "v":
        value = finite(_number(record, "v", where) + _number(base, "bv", where), where)
    base_name, name = _text(base, "bn", where), _text(record, "n", where)
    if not NAME.fullmatch(base_name + name):
        _skip(f"{where}: its name {_short(base_name + name)} is no SenML name")
    return Measurement(
        record=number,
        metric=base_name + name,
        value=value,
        unit=_text(record, "u", where) or _text(base, "bu", where) or None,
        taken_at=_time(_number(base, "bt", where) + _number(record, "t", where), where, received_at),
    )


def finite(number: float, where: str) -> float:
    """Return the number; UnusableRecordError where it has grown past what JSON can hold."""
    if not math.isfinite(number):
        _skip(f"{where}: its value is no finite number")
    return number


def _check_labels(record: Record, where: str) -> None:
    """Refuse a pack of which the sender says that something must be understood, and is not (RFC 8428, 4.4)."""
    if record.get("bver", VERSIONS[0]) not in VERSIONS:
        _refuse(f"{where}: bver is {_short(record['bver'])}; known are {' and '.join(map(str, VERSIONS))}")
    strange = [label for label in record if label.endswith("_")]
    if strange:
        _refuse(f"{where}: {_short(strange[0])} must be understood, and is not")


def _time(seconds: float, where: str, received_at: datetime) -> datetime:
    if not abs(seconds) <= LAST_SECONDS:
        _skip(f"{where}: its time {_short(seconds)} is no time")
    relative = seconds < RELATIVE_SECONDS
    try:
        taken_at = received_at + timedelta(seconds=seconds) if relative else datetime.fromtimestamp(seconds, UTC)
    except OverflowError:
        _skip(f"{where}: its time {_short(seconds)} is no time")
    if taken_at - received_at > AHEAD:
        _skip(f"{where}: it was taken at {taken_at.isoformat()}, over a day after it was received")
    return taken_at


def _number(record: Record, label: str, where: str) -> float:
    value = record.get(label, 0)
    if not isinstance(value, int | float) or isinstance(value, bool):
        _skip(f"{where}: {label} is {_short(value)}, not a number")
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _text(record: Record, label: str, where: str) -> str:
    value = record.get(label, "")
    if not isinstance(value, str):
        _skip(f"{where}: {label} is {_short(value)}, not a text")
    return value


def _short(value: object) -> str:
    return f"{value!r:.40}"


def _refuse(why: str) -> NoReturn:
    raise MalformedPackError(why)


def _skip(why: str) -> NoReturn:
    raise UnusableRecordError(why)
