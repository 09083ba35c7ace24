"""One dead letter: a message that a function, SQS, EventBridge or AWS IoT put into a dead-letter queue."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from functions.runtime.batch import dead_letters
from functions.runtime.batch.carried import ATTRIBUTE, Carried
from functions.runtime.core.errors import EnvelopeError
from functions.runtime.envelopes.envelope import parse
from herald.dead_letters import iot_error
from herald.deployment import functions
from herald.deployment.deployment import Deployment
from herald.deployment.queues import Message

UNDELIVERED: Final = "undelivered"
# A redriven undelivered event is handled like a dead letter: once, and regardless of its age.
FIRST_GENERATION: Final = {ATTRIBUTE: {"DataType": "String", "StringValue": json.dumps({"generation": 0})}}


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """A message in a dead-letter queue or in the queue `undelivered`.

    `queue` is the function name in the queue's name, or `undelivered`; `function` is the function's current name.
    `sent_at` is in ms since the epoch. `details` are all facts that the sender of the message added, by name.
    """

    queue: str
    function: str
    error: str
    reason: str
    subject: str | None
    generation: int
    sent_at: int
    details: Mapping[str, Any]
    body: str
    message: Message

    @property
    def undelivered(self) -> bool:
        """Whether EventBridge or AWS IoT failed to deliver it, so that the function never received it."""
        return self.queue == UNDELIVERED

    @property
    def digest(self) -> str:
        """A digest that identifies the dead letter: equal after a redrive, different for each replay of its event."""
        carried = Carried.parse(self.attributes.get(ATTRIBUTE, {}).get("StringValue", ""))
        identity = [self.function, carried.replay, carried.anew, self.message["Body"]]
        return hashlib.sha256(json.dumps(identity).encode()).hexdigest()

    @property
    def attributes(self) -> Mapping[str, Any]:
        """The message attributes that a redrive sends."""
        if self.undelivered:
            return FIRST_GENERATION
        kept = self.message.get("MessageAttributes", {})
        return {name: {key: each[key] for key in ("DataType", "StringValue")} for name, each in kept.items()}

    def describe(self) -> dict[str, Any]:
        """Return it as `herald dlq show --json` prints it."""
        fields = ("queue", "function", "error", "reason", "subject", "generation", "sent_at")
        body = {"message_id": self.message["MessageId"], "body": self.body}
        return {name: getattr(self, name) for name in fields} | {"details": dict(self.details)} | body


def read_dead_letter(deployment: Deployment, queue: str, message: Message) -> DeadLetter:
    """Read a message by the format of its sender: a function, SQS, EventBridge or AWS IoT."""
    texts = {name: each.get("StringValue") for name, each in message.get("MessageAttributes", {}).items()}
    sent_at = int(message["Attributes"]["SentTimestamp"])
    fields: dict[str, Any] = {"queue": queue, "message": message, "body": message["Body"], "sent_at": sent_at}
    fields |= {"generation": 0, "details": texts}
    if queue == UNDELIVERED:
        found = iot_error.read(deployment, message["Body"], sent_at)
        return DeadLetter(**fields | (found or _from_eventbridge(deployment, texts, message)))
    owner = functions.current_name(deployment, queue)  # the queue of a renamed function keeps its name
    attribute = dead_letters.DeadLetter.parse(texts.get(ATTRIBUTE) or "")
    if attribute is None:
        return DeadLetter(**fields | _without_attribute(owner, queue, message))
    return DeadLetter(
        **fields
        | {
            "function": owner,
            "error": attribute.error or attribute.decision,
            "reason": attribute.reason,
            "subject": attribute.subject or _subject(message),
            "generation": attribute.generation,
            "details": json.loads(texts[ATTRIBUTE] or "{}"),
        }
    )


def _from_eventbridge(deployment: Deployment, texts: Mapping[str, str | None], message: Message) -> dict[str, Any]:
    """Return the fields of an event that EventBridge could not deliver.

    Source: "Using dead-letter queues to process undelivered events", Amazon EventBridge User Guide.
    """
    target = (texts.get("TARGET_ARN") or "").rpartition(":")[2]
    name = target.removeprefix(functions.lambda_name(deployment, ""))
    return {
        "function": functions.current_name(deployment, name) or UNDELIVERED,
        "error": texts.get("ERROR_CODE") or "Undelivered",
        "reason": texts.get("ERROR_MESSAGE") or "EventBridge gives no error message",
        "subject": _subject(message),
    }


def _without_attribute(owner: str, queue: str, message: Message) -> dict[str, Any]:
    """Return the fields of a message without our attribute: SQS moved it, or it is in a renamed function's queue."""
    error, reason = "MaxReceives", "SQS moved it here: it exceeded maxReceiveCount without a decision"
    if owner != queue:
        error, reason = "Renamed", f"it was in a queue of {queue} when the function was renamed"
    return {"function": owner, "error": error, "reason": reason, "subject": _subject(message)}


def _subject(message: Message) -> str | None:
    try:
        return parse(message["Body"]).subject
    except EnvelopeError:
        return None
