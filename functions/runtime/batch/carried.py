"""The JSON attribute that Herald adds to SQS messages: why a dead letter failed, or which replay sent a message."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

# One attribute holds everything: SQS allows ten per message, and a redrive in the console keeps them all.
ATTRIBUTE: Final = "herald"
DATA_TYPE: Final = "String"


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """The part of the attribute that a worker reads: generation and first claim of a dead letter, name of a replay.

    With `anew`, a replay has run keys of its own, so that processed events run again. `body_at` is the key of the S3
    object that holds the body, where the body did not fit into the message. `first_at` is in ms since the epoch.
    """

    generation: int | None = None
    first_at: int | None = None
    replay: str | None = None
    anew: bool = False
    body_at: str | None = None

    @classmethod
    def of(cls, attributes: Mapping[str, Any]) -> Self:
        """Read the attributes of an SQS record."""
        try:
            return cls.parse(attributes[ATTRIBUTE]["stringValue"])
        except (KeyError, TypeError):
            return cls()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the text of the attribute; a value that Herald did not write is ignored."""
        try:
            values = json.loads(text)
            generation, first_at = (values.get(name) for name in ("generation", "first_at"))
            replay, body_at = (values.get(name) for name in ("replay", "body_at"))
        except (AttributeError, TypeError, ValueError):
            return cls()
        return cls(
            generation=generation if isinstance(generation, int) else None,
            first_at=first_at if isinstance(first_at, int) else None,
            replay=replay if isinstance(replay, str) and replay else None,
            anew=values.get("anew") is True,
            body_at=body_at if isinstance(body_at, str) and body_at else None,
        )

    @property
    def key(self) -> str | None:
        """The name of the replay, where it is part of the run's key."""
        return self.replay if self.anew else None


def attributes(text: str) -> dict[str, dict[str, str]]:
    """Return the MessageAttributes of a message, for SendMessage, with `text` as the value of the attribute."""
    return {ATTRIBUTE: {"DataType": DATA_TYPE, "StringValue": text}}
