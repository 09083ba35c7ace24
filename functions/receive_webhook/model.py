"""The message of a webhook, and the interface of a provider."""

from dataclasses import dataclass
from typing import Protocol

from functions.runtime.core.json_values import Json
from functions.runtime.http.signatures import RawRequest, Scheme


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """The event that a webhook becomes.

    `key` identifies the webhook: it is signed, and every repetition has the same key. `changing` are top-level fields
    of the body that may differ between repetitions. `happened` is ISO 8601, None if the provider gives no time. If the
    signature has no time, `sent` is the time in the body, in seconds since the epoch, and `longest_seconds` its maximum
    age.
    """

    key: str
    type: str
    subject: str
    data: Json
    happened: str | None = None
    changing: tuple[str, ...] = ()
    sent: float | None = None
    longest_seconds: int = 0


class Provider(Scheme, Protocol):
    """A module in providers/: a signature scheme, and a mapping from payloads to event contracts."""

    def delivery(self, raw: RawRequest, payload: Json) -> str:
        """Return the provider's id of this delivery; MalformedError if it is missing."""

    def read(self, raw: RawRequest, payload: Json) -> Message | None:
        """Return the message, None for a kind that is ignored; MalformedError names a malformed field."""
