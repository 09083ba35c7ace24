"""What a webhook says in our words, and what there is to know of a provider."""

from dataclasses import dataclass
from typing import Protocol

from functions.runtime.http.payload import Json
from functions.runtime.http.signatures import RawRequest, Scheme


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What a call says in our words.

    `key` is the same in every repetition of the call and covered by its signature; of the body the fields `changing`,
    at its top, may differ. `happened` is ISO 8601, None where the provider does not say. Where the signature has no
    time, `sent` is the one in the body, in seconds since the epoch, and `longest_seconds` how old it may be.
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
    """One file in providers/: a scheme of signatures, and a mapping from payloads to contracts."""

    def delivery(self, raw: RawRequest, payload: Json) -> str:
        """Return what the provider calls this delivery; MalformedError where it does not say."""

    def read(self, raw: RawRequest, payload: Json) -> Message | None:
        """Return the message, None for a kind that nothing here is made of; MalformedError names the field."""
