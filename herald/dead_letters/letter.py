"""One message that nobody could handle: what it says of itself, whoever put it where it lies."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from functions.runtime.batch.retry import ATTRIBUTE, Carried, DeadLetter
from functions.runtime.core.errors import EnvelopeError
from functions.runtime.envelopes.envelope import parse
from herald.dead_letters import iot_error
from herald.deployment.deployment import Deployment
from herald.deployment.queues import Message
from infra.declarations import naming

UNDELIVERED: Final = "undelivered"
# Redriven, an undelivered event is taken as a dead letter is: whatever its age, and once.
FIRST_GENERATION: Final = {ATTRIBUTE: {"DataType": "String", "StringValue": json.dumps({"generation": 0})}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A message in a dead-letter queue or among the undelivered; `sent_at` in ms since the epoch.

    `said` is everything that its attributes tell, by their names.
    """

    place: str
    function: str
    error: str
    reason: str
    subject: str | None
    generation: int
    sent_at: int
    said: Mapping[str, Any]
    body: str
    message: Message

    @property
    def undelivered(self) -> bool:
        """Whether EventBridge or AWS IoT put it there, before its function had seen it."""
        return self.place == UNDELIVERED

    @property
    def digest(self) -> str:
        """What tells it from another letter, such as that of another replay, and not from itself when it came back."""
        carried = Carried.parse(self.attributes.get(ATTRIBUTE, {}).get("StringValue", ""))
        told = [self.function, carried.replay, carried.anew, self.message["Body"]]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()

    @property
    def attributes(self) -> Mapping[str, Any]:
        """The attributes with which it goes back to its function's queue."""
        if self.undelivered:
            return FIRST_GENERATION
        kept = self.message.get("MessageAttributes", {})
        return {name: {key: each[key] for key in ("DataType", "StringValue")} for name, each in kept.items()}

    def describe(self) -> dict[str, Any]:
        """Return it as `herald dlq show --json` prints it."""
        fields = ("place", "function", "error", "reason", "subject", "generation", "sent_at")
        body = {"message_id": self.message["MessageId"], "body": self.body}
        return {name: getattr(self, name) for name in fields} | {"said": dict(self.said)} | body


def read_letter(deployment: Deployment, place: str, message: Message) -> Letter:
    """Read a message by what put it there: our hand, AWS IoT, EventBridge, or SQS."""
    texts = {name: each.get("StringValue") for name, each in message.get("MessageAttributes", {}).items()}
    said = DeadLetter.parse(texts.get(ATTRIBUTE) or "")
    sent_at = int(message["Attributes"]["SentTimestamp"])
    facts: dict[str, Any] = {"place": place, "message": message, "body": message["Body"], "sent_at": sent_at}
    failed = iot_error.read(deployment, message["Body"], sent_at) if place == UNDELIVERED else None
    if failed:
        return Letter(**facts | failed, generation=0)
    if place == UNDELIVERED:
        queue = (texts.get("TARGET_ARN") or "").rpartition(":")[2]
        function = deployment.present(queue.removeprefix(naming.physical(deployment.environment, ""))) or UNDELIVERED
        error, reason = (
            texts.get("ERROR_CODE") or "Undelivered",
            texts.get("ERROR_MESSAGE") or "EventBridge says no more",
        )
        return Letter(
            **facts, function=function, error=error, reason=reason, subject=_subject(message), generation=0, said=texts
        )
    owner = deployment.present(place)  # the queue of a function that was renamed keeps its name
    if said is None:
        error, reason = "MaxReceives", "SQS moved it here: it was received too often without a decision"
        if owner != place:
            error, reason = "Renamed", f"it was left when the function was renamed, which was called {place}"
        subject = _subject(message)
        return Letter(**facts, function=owner, error=error, reason=reason, subject=subject, generation=0, said=texts)
    kept: dict[str, Any] = json.loads(texts[ATTRIBUTE] or "{}")
    return Letter(
        **facts,
        function=owner,
        error=said.error or said.decision,
        reason=said.reason,
        subject=said.subject or _subject(message),
        generation=said.generation,
        said=kept,
    )


def _subject(message: Message) -> str | None:
    try:
        return parse(message["Body"]).subject
    except EnvelopeError:
        return None
