"""Signature checks of requests: HMAC-SHA256 with shared keys, in any scheme.

The module uses the standard library alone, so the modules that describe a scheme may import it.
"""

import hmac
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from functions.runtime.core.errors import MalformedError

HEADER_LENGTH: Final = 2_000  # room for several signatures
SECONDS_DIGITS: Final = 12  # until the year 33,658
# The tolerance that Stripe's libraries and those of Standard Webhooks use for transport and clock differences.
TOLERANCE_SECONDS: Final = 300
KEYS_AT_ONCE: Final = 2  # the old key and the new key during a rotation


class KeysError(ValueError):
    """The secret does not hold valid keys. The message quotes none of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RawRequest:
    """The headers by their lower-case names, and the body as bytes: a signature covers these exact bytes."""

    headers: Mapping[str, str]
    body: bytes

    def header(self, name: str) -> str:
        """Return a header; MalformedError when it is missing, empty or too long."""
        value = self.headers.get(name.lower(), "").strip()
        if not value:
            raise MalformedError(f"the header {name}", "is missing")
        if len(value) > HEADER_LENGTH:
            raise MalformedError(f"the header {name}", f"has more than {HEADER_LENGTH:,} characters")
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedContent:
    """The signed bytes, the signatures, and the time of signing in seconds since the epoch, if the scheme has one."""

    content: bytes
    signatures: tuple[bytes, ...]
    signed_at: int | None = None


class Scheme(Protocol):
    """A signature scheme: a module with these functions."""

    def signed_content(self, raw: RawRequest) -> SignedContent:
        """Return the signed content; MalformedError when a header of the scheme is missing or unreadable."""

    def key(self, text: str) -> bytes:
        """Return the key for a text of the secret; ValueError when the text is not a valid key."""


def is_authentic(
    signed_content: SignedContent, secrets: Iterable[Mapping[str, Any]], sender: str, key: Callable[[str], bytes]
) -> bool:
    """Return whether a key of the sender, in any version of the secret, made one of the signatures.

    A sender without keys is never authentic. Each signature is compared in constant time. KeysError when no signature
    matches and a version of the secret is invalid; a later version may be valid, so all versions are tried first.
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
    """Raise MalformedError when the signature's time is too far in the past or in the future."""
    if signed_content.signed_at is not None and abs(now - signed_content.signed_at) > TOLERANCE_SECONDS:
        raise MalformedError("the signature", f"was made more than {TOLERANCE_SECONDS} s before or after now")


def check_time(at: float, now: float, longest_seconds: int) -> None:
    """Raise MalformedError when a time in a signed body is too far in the past or in the future.

    Schemes that sign no time use this check. The tolerance for clocks is the same as in `check_age`.
    """
    if not -TOLERANCE_SECONDS <= now - at <= longest_seconds + TOLERANCE_SECONDS:
        raise MalformedError("the time in the body", f"is more than {longest_seconds:,} s ago, or in the future")


def seconds(given: str) -> int:
    """Return a time in seconds since the epoch from its digits; ValueError when the text is not digits."""
    if not (given.isascii() and given.isdigit() and len(given) <= SECONDS_DIGITS):
        raise ValueError("the time is not a number of seconds")
    return int(given)


def _keys(secret: Mapping[str, Any], sender: str, key: Callable[[str], bytes]) -> list[bytes]:
    listed = secret.get(sender, [])
    if not isinstance(listed, list) or len(listed) > KEYS_AT_ONCE or not all(isinstance(text, str) for text in listed):
        raise KeysError(f"the keys of {sender} are not a list of at most {KEYS_AT_ONCE} texts")
    try:
        return [key(text) for text in listed if text]
    except ValueError:
        message = f"a key of {sender} is not valid in its signature scheme"
    raise KeysError(message)  # outside of the except block: the cause would quote the key


def _signed_by(signed_content: SignedContent, keys: Iterable[bytes]) -> bool:
    expected = [hmac.digest(key, signed_content.content, "sha256") for key in keys]
    matches = [hmac.compare_digest(each, given) for each in expected for given in signed_content.signatures]
    return any(matches)
