"""What the body of a request says: a JSON object, and its fields by their dotted paths.

Values and the standard library alone, so that a function's model may read with it.
"""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

TEXT_LENGTH: Final = 500  # more than any honest id, name or reference has
LARGEST: Final = 2**53  # beyond it readers of JSON disagree; source: RFC 8259, section 6
MOMENT: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:[0-9]{2})"
)

type Json = Mapping[str, Any]


class MalformedError(ValueError):
    """The request is not what its sender promised; the message names the header or the field."""


def parse(body: bytes) -> Json:
    """Return a body as JSON that can be sent on; MalformedError when it is none."""
    try:
        value = json.loads(body)
        # Python reads more than JSON has: NaN, numbers past every float, halves of surrogate pairs.
        json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise MalformedError("the body is not JSON") from error
    if not isinstance(value, dict):
        raise MalformedError("the body is not a JSON object")
    return value


def text(payload: Json, path: str, longest: int = TEXT_LENGTH) -> str:
    """Return the text at a dotted path; MalformedError when it is missing, empty, too long or of another kind."""
    value = _walk(payload, path)
    if not isinstance(value, str) or not 0 < len(value) <= longest:
        raise MalformedError(f"{path} must be a text of 1 to {longest} characters")
    return value


def optional_text(payload: Json, path: str, longest: int = TEXT_LENGTH) -> str | None:
    """Return the text at a dotted path, None where there is null, nothing or an empty one."""
    return text(payload, path, longest) if _walk(payload, path) not in (None, "") else None


def moment(payload: Json, path: str) -> str:
    """Return the time of RFC 3339 at a dotted path, as CloudEvents want it; MalformedError when there is none."""
    value = text(payload, path)
    try:
        known = MOMENT.fullmatch(value) and datetime.fromisoformat(value)
    except ValueError:
        known = None
    if not known:
        raise MalformedError(f"{path} must be a time of RFC 3339, such as 2026-11-12T08:00:00Z")
    return value


def instant(payload: Json, path: str) -> float:
    """Return the time at a dotted path in seconds since the epoch, which it tells as such or as RFC 3339 has it."""
    value = _walk(payload, path)
    if isinstance(value, str):
        return datetime.fromisoformat(moment(payload, path)).timestamp()
    return whole_number(payload, path)


def flag(payload: Json, path: str) -> bool:
    """Return the boolean at a dotted path; MalformedError when there is none."""
    return _of_kind(payload, path, bool, "true or false")


def whole_number(payload: Json, path: str) -> int:
    """Return the whole number at a dotted path; MalformedError when there is none, or one that JSON cannot carry on."""
    number = _of_kind(payload, path, int, "a whole number")
    if abs(number) > LARGEST:
        raise MalformedError(f"{path} must be a whole number within ±2^53")
    return number


def table(payload: Json, path: str) -> Json:
    """Return the object at a dotted path; MalformedError when there is none."""
    return _of_kind(payload, path, dict, "an object")


def _of_kind[T](payload: Json, path: str, kind: type[T], words: str) -> T:
    value = _walk(payload, path)
    if type(value) is not kind:  # to Python true is a number too
        raise MalformedError(f"{path} must be {words}")
    return value


def _walk(payload: Json, path: str) -> object:
    value: object = payload
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value
