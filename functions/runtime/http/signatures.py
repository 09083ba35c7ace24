"""Whether a request is from who it says: HMAC-SHA256 with keys that both sides know, in any scheme.

Values and the standard library alone, so that what describes a scheme may import it.
"""

import hmac
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from functions.runtime.http.payload import MalformedError

HEADER_LENGTH: Final = 2_000  # room for several signatures
SECONDS_DIGITS: Final = 12  # until the year 33,658
# What both Stripe's libraries and Standard Webhooks' allow a message to take, and clocks to differ.
TOLERANCE_SECONDS: Final = 300
KEYS_AT_ONCE: Final = 2  # the old one and the new one


class KeysError(ValueError):
    """The secret does not hold keys as it should; the message quotes none of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RawRequest:
    """Headers, by their lower-case names, and the body as it was sent: a signature is over its very bytes."""

    headers: Mapping[str, str]
    body: bytes

    def header(self, name: str) -> str:
        """Return a header; MalformedError when it is missing, empty, or longer than any honest one."""
        value = self.headers.get(name.lower(), "").strip()
        if not value or len(value) > HEADER_LENGTH:
            raise MalformedError(f"the header {name} is missing" if not value else f"the header {name} is too long")
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedContent:
    """What was signed, the signatures it came with, and when it was signed, in seconds, where the scheme says so."""

    content: bytes
    signatures: tuple[bytes, ...]
    signed_at: int | None = None


class Scheme(Protocol):
    """How a sender signs: a module has these functions."""

    def signed_content(self, raw: RawRequest) -> SignedContent:
        """Return what is signed; MalformedError when a header of the scheme is missing or unreadable."""

    def key(self, text: str) -> bytes:
        """Return the key that a text in the secret stands for; ValueError when it is none."""


def is_authentic(
    signed_content: SignedContent, secrets: Iterable[Mapping[str, Any]], sender: str, key: Callable[[str], bytes]
) -> bool:
    """Judge whether one of the sender's keys, in one of the secrets, made one of the signatures.

    A sender without a key is one whose keys are all wrong. Every signature is compared, in constant time. KeysError
    when none made one and a secret does not hold keys as it should: it may have been mended in the next.
    """
    fault = None
    for secret in secrets:
        try:
            keys = _keys(secret, sender, key)
        except KeysError as error:
            fault = error
            continue
        if _signed_by(signed_content, keys):
            return True
    if fault:
        raise fault
    return False


def check_age(signed_content: SignedContent, now: float) -> None:
    """Raise MalformedError when it was signed too long ago, or in times to come."""
    if signed_content.signed_at is not None and abs(now - signed_content.signed_at) > TOLERANCE_SECONDS:
        raise MalformedError(f"it was signed more than {TOLERANCE_SECONDS} s away from now")


def check_time(at: float, now: float, longest_seconds: int) -> None:
    """Raise MalformedError when a time that a signed body tells is over the longest ago, or in times to come.

    For schemes that sign no time; clocks may differ as they may for the others.
    """
    if not -TOLERANCE_SECONDS <= now - at <= longest_seconds + TOLERANCE_SECONDS:
        raise MalformedError(f"by the time in its body it is over {longest_seconds:,} s old, or of the future")


def seconds(given: str) -> int:
    """Return the time that digits tell, in seconds since the epoch; ValueError when they are none."""
    if not (given.isascii() and given.isdigit() and len(given) <= SECONDS_DIGITS):
        raise ValueError("it is no time in seconds")
    return int(given)


def _keys(secret: Mapping[str, Any], sender: str, key: Callable[[str], bytes]) -> list[bytes]:
    listed = secret.get(sender, [])
    if not isinstance(listed, list) or len(listed) > KEYS_AT_ONCE or not all(isinstance(text, str) for text in listed):
        raise KeysError(f"the keys of {sender} are not a list of at most {KEYS_AT_ONCE} texts")
    try:
        return [key(text) for text in listed if text]
    except ValueError:
        message = f"a key of {sender} is not what its scheme wants"
    raise KeysError(message)


def _signed_by(signed_content: SignedContent, keys: Iterable[bytes]) -> bool:
    expected = [hmac.digest(key, signed_content.content, "sha256") for key in keys]
    matches = [hmac.compare_digest(each, given) for each in expected for given in signed_content.signatures]
    return any(matches)
