"""The key of a run: it is the same for every delivery of one event to one function."""

import hashlib
from dataclasses import dataclass
from functools import cached_property

from functions.runtime.core.event import Event


@dataclass(frozen=True, kw_only=True)
class RunKey:
    """The subject, the function and the identity of an event, which together identify a run.

    `function` is the first name of the function, so that a rename between two deliveries does not change the key.
    `replay` names a replay that runs processed events again; the runs of such a replay have keys of their own.
    """

    subject: str
    function: str
    identity: str
    source: str = ""
    replay: str | None = None

    @classmethod
    def of(cls, event: Event, function: str, replay: str | None = None) -> "RunKey":
        """Return the key for one function and one event; the id of an event is unique only within its source."""
        identity = f"{event.source}\n{event.id}"
        return cls(subject=event.subject, function=function, identity=identity, source=event.source, replay=replay)

    @property
    def digest(self) -> str:
        """The whole key as 64 hexadecimal digits; the ids of effects are derived from it."""
        return sha256(f"{self.subject}\n{self._owner}\n{self.identity}")

    @cached_property
    def sk(self) -> str:
        """The sort key of the run's row; it has a hash of the identity because a sort key holds at most 1,024 bytes.

        Source: "Quotas in Amazon DynamoDB", Amazon DynamoDB Developer Guide.
        """
        return f"{self._owner}#{sha256(self.identity)[:32]}"

    @cached_property
    def newest_sk(self) -> str:
        """The sort key of the subject's row; each source has one because sequences of two sources do not compare.

        `latest` stays: with another word in the key, the function would not find the rows that it has.
        """
        return f"{self._owner}#latest#{sha256(self.source)[:16]}"

    @property
    def _owner(self) -> str:
        return f"{self.function}@{self.replay}" if self.replay else self.function


def sha256(text: str) -> str:
    """Return the SHA-256 digest of a text as 64 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()
