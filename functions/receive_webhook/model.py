"""A webhook on its way: the call as it came, what of it is signed, and the message in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

TEXT_LENGTH: Final = 500  # more than any honest id, name or reference has
HEADER_LENGTH: Final = 2_000  # room for several signatures
SECONDS_DIGITS: Final = 12  # until the year 33,658

type Json = Mapping[str, Any]


class MalformedError(ValueError):
    """The call is not what its provider documents; the message names the header or the field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Headers, by their lower-case names, and the body as it was sent: a signature is over its very bytes."""

    headers: Mapping[str, str]
    body: bytes

    def header(self, name: str) -> str:
        """Return a header; MalformedError when it is missing, empty, or longer than any honest one."""
        value = self.headers.get(name.lower(), "").strip()
        if not value or len(value) > HEADER_LENGTH:
            message = f"the header {name} is missing" if not value else f"the header {name} is too long"
            raise MalformedError(message)
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """What was signed, the signatures it came with, and when it was signed, in seconds, where the scheme says so."""

    content: bytes
    signatures: tuple[bytes, ...]
    signed_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What a call says in our words.

    `key` is the same in every repetition of the call and covered by its signature; `happened` is ISO 8601, None where
    the provider does not say.
    """

    key: str
    type: str
    subject: str
    data: Json
    happened: str | None = None


class Provider(Protocol):
    """One file in providers/: a scheme of signatures, and a mapping from payloads to contracts."""

    def seal(self, call: Call) -> Seal:
        """Return what is signed; MalformedError when a header of the scheme is missing or unreadable."""

    def key(self, text: str) -> bytes:
        """Return the key that a text in the secret stands for; ValueError when it is none."""

    def delivery(self, call: Call, payload: Json) -> str:
        """Return what the provider calls this delivery; MalformedError where it does not say."""

    def read(self, call: Call, payload: Json) -> Message | None:
        """Return the message, None for a kind that nothing here is made of; MalformedError names the field."""


def seconds(given: str) -> int:
    """Return the time that digits tell, in seconds since the epoch; ValueError when they are none."""
    if not (given.isascii() and given.isdigit() and len(given) <= SECONDS_DIGITS):
        message = "it is no time in seconds"
        raise ValueError(message)
    return int(given)


def text(payload: Json, path: str) -> str:
    """Return the text at a dotted path; MalformedError when it is missing, empty, too long or of another kind."""
    value = _walk(payload, path)
    if not isinstance(value, str) or not 0 < len(value) <= TEXT_LENGTH:
        message = f"{path} must be a text of 1 to {TEXT_LENGTH} characters"
        raise MalformedError(message)
    return value


def optional_text(payload: Json, path: str) -> str | None:
    """Return the text at a dotted path, None where there is null, nothing or an empty one."""
    return text(payload, path) if _walk(payload, path) not in (None, "") else None


def moment(payload: Json, path: str) -> str:
    """Return the time of ISO 8601, with its offset, at a dotted path; MalformedError when there is none."""
    value = text(payload, path)
    try:
        known = datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        known = False
    if not known:
        message = f"{path} must be a time of ISO 8601 with its offset"
        raise MalformedError(message)
    return value


def flag(payload: Json, path: str) -> bool:
    """Return the boolean at a dotted path; MalformedError when there is none."""
    value = _walk(payload, path)
    if not isinstance(value, bool):
        message = f"{path} must be true or false"
        raise MalformedError(message)
    return value


def whole_number(payload: Json, path: str) -> int:
    """Return the whole number at a dotted path; MalformedError when there is none."""
    value = _walk(payload, path)
    if not isinstance(value, int) or isinstance(value, bool):
        message = f"{path} must be a whole number"
        raise MalformedError(message)
    return value


def table(payload: Json, path: str) -> Json:
    """Return the object at a dotted path; MalformedError when there is none."""
    value = _walk(payload, path)
    if not isinstance(value, dict):
        message = f"{path} must be an object"
        raise MalformedError(message)
    return value


def _walk(payload: Json, path: str) -> object:
    value: object = payload
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value
