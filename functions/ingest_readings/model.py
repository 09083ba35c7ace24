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
UNREAD: Final = ("vd", "s")  # data, and sums over time
RELATIVE_SECONDS: Final = 2**28  # below it a time is relative to when the pack came
LAST_SECONDS: Final = 253_402_300_799  # the year 9999 ends
AHEAD: Final = timedelta(days=1)  # a clock that runs further ahead than that is wrong

type Value = float | bool | str
type Record = Mapping[str, Any]


class MalformedPackError(ValueError):
    """The message is no SenML that can be read; the sentence says what is wrong, and in which record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One value of one metric, in the unit it was sent in (None where none was named), and when it was taken."""

    metric: str
    value: Value
    unit: str | None
    taken_at: datetime


def parse(data: Mapping[str, Any], received_at: datetime) -> tuple[Measurement, ...]:
    """Read the data of an IoT message; relative times count from when it was received."""
    if "payload" not in data:
        _refuse("the message is not JSON")
    pack = data["payload"]
    if not isinstance(pack, list) or not all(isinstance(each, dict) for each in pack):
        _refuse("the message is no SenML pack: a JSON array of records")
    measured = tuple(_resolve(pack, received_at))
    if not measured:
        _refuse("the pack holds no measurement")
    return measured


def _resolve(pack: list[Record], received_at: datetime) -> Iterator[Measurement]:
    """Yield the measurements; base fields hold from their record on, until another sets them anew."""
    base: dict[str, Any] = {}
    for number, record in enumerate(pack):
        where = f"record {number}"
        _check_labels(record, where)
        base |= {label: value for label, value in record.items() if label.startswith("b")}
        if any(not label.startswith("b") for label in record):
            yield _measurement(base, record, where, received_at)


def _measurement(base: Record, record: Record, where: str, received_at: datetime) -> Measurement:
    given = [label for label in (*VALUES, *UNREAD) if label in record]
    if len(given) != 1 or given[0] not in VALUES:
        _refuse(f"{where} has {' and '.join(given) or 'no value'}: one of {', '.join(VALUES)} is read")
    value = record[given[0]]
    if not isinstance(value, VALUES[given[0]]) or (given[0] == "v" and isinstance(value, bool)):
        _refuse(f"{where}: {given[0]} is {_short(value)}")
    if given[0] == "v":
        value = finite(_number(record, "v", where) + _number(base, "bv", where), where)
    base_name, name = _text(base, "bn", where), _text(record, "n", where)
    if not NAME.fullmatch(base_name + name):
        _refuse(f"{where}: its name {_short(base_name + name)} is no SenML name")
    return Measurement(
        metric=name or base_name,
        value=value,
        unit=_text(record, "u", where) or _text(base, "bu", where) or None,
        taken_at=_time(_number(base, "bt", where) + _number(record, "t", where), where, received_at),
    )


def finite(number: float, where: str) -> float:
    """Return the number; MalformedPackError where it has grown past what JSON can hold."""
    if not math.isfinite(number):
        _refuse(f"{where}: its value is no finite number")
    return number


def _check_labels(record: Record, where: str) -> None:
    """Refuse what the sender says must be understood, and is not."""
    if record.get("bver", VERSIONS[0]) not in VERSIONS:
        _refuse(f"{where}: bver is {_short(record['bver'])}; known are {' and '.join(map(str, VERSIONS))}")
    strange = [label for label in record if label.endswith("_")]
    if strange:
        _refuse(f"{where}: {_short(strange[0])} must be understood, and is not")


def _time(seconds: float, where: str, received_at: datetime) -> datetime:
    if not abs(seconds) <= LAST_SECONDS:
        _refuse(f"{where}: its time {_short(seconds)} is no time")
    relative = seconds < RELATIVE_SECONDS
    try:
        taken_at = received_at + timedelta(seconds=seconds) if relative else datetime.fromtimestamp(seconds, UTC)
    except OverflowError:
        _refuse(f"{where}: its time {_short(seconds)} is no time")
    if taken_at - received_at > AHEAD:
        _refuse(f"{where}: it was taken at {taken_at.isoformat()}, over a day after it was received")
    return taken_at


def _number(record: Record, label: str, where: str) -> float:
    value = record.get(label, 0)
    if not isinstance(value, int | float) or isinstance(value, bool):
        _refuse(f"{where}: {label} is {_short(value)}, not a number")
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _text(record: Record, label: str, where: str) -> str:
    value = record.get(label, "")
    if not isinstance(value, str):
        _refuse(f"{where}: {label} is {_short(value)}, not a text")
    return value


def _short(value: object) -> str:
    return f"{value!r:.40}"


def _refuse(why: str) -> NoReturn:
    raise MalformedPackError(why)
