"""Dead letters of all functions, and what EventBridge or AWS IoT could not deliver: their words, and whose they are."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from functions.runtime.envelope import parse
from functions.runtime.errors import EnvelopeError
from functions.runtime.retry import ATTRIBUTE, DeadLetter
from herald import iot
from herald.deployment import Deployment
from herald.errors import CommandError
from herald.queues import Hold, Message, Pace, Tell, count, post
from infra.declaration import did_you_mean

# Redriven so often, what still fails is not mended by being tried again.
REDRIVES: Final = 3
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
        """What tells it from another letter, and not from itself when it has come back."""
        return hashlib.sha256(f"{self.function}\n{self.message['Body']}".encode()).hexdigest()

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which letters are meant; a subject may end in `*`, `before` is the latest time of arrival."""

    function: str | None = None
    error: str | None = None
    subject: str | None = None
    before: datetime | None = None

    def accepts(self, letter: Letter) -> bool:
        """Judge one letter."""
        if self.before and letter.sent_at > self.before.timestamp() * 1000:
            return False
        named = self.function in {None, letter.function} and self.error in {None, letter.error}
        return named and is_about(letter.subject or "", self.subject)


@dataclass
class Moved:
    """What became of the letters that were meant: `refused` were redriven too often, `failed` SQS would not take."""

    moved: int = 0
    refused: int = 0
    failed: int = 0


def is_about(subject: str, wanted: str | None) -> bool:
    """Judge whether a subject is the wanted one, or begins with what stands before its `*`."""
    if wanted is None:
        return True
    return subject.startswith(wanted[:-1]) if wanted.endswith("*") else subject == wanted


def check_function(deployment: Deployment, function: str) -> None:
    """Refuse a name that no queue and no letter has: what is undelivered may name a function that is gone."""
    known = {*deployment.all_queues, UNDELIVERED}
    if function not in known and not read(deployment, Filter(function=function)):
        message = (
            f"there is no queue of a function {function!r} here, and no letter of it{did_you_mean(function, known)}"
        )
        raise CommandError(message)


def read(deployment: Deployment, wanted: Filter) -> list[Letter]:
    """Return the letters that are meant, and leave all of them where they are."""
    found = []
    for place, url in _places(deployment, wanted):
        with Hold(deployment.client("sqs"), url) as hold:
            letters = (_letter(deployment, place, message) for batch in hold.batches() for message in batch)
            found += [letter for letter in letters if wanted.accepts(letter)]
    return sorted(found, key=lambda letter: letter.sent_at)


def total(deployment: Deployment, wanted: Filter) -> int:
    """Return about how many messages lie where the wanted ones may."""
    return sum(count(deployment.client("sqs"), url) for _, url in _places(deployment, wanted))


def groups(letters: Sequence[Letter]) -> list[dict[str, Any]]:
    """Return the letters counted by place, function and error, with the words and the time of the newest."""
    found: dict[tuple[str, str, str], list[Letter]] = {}
    for letter in letters:
        found.setdefault((letter.function, letter.place, letter.error), []).append(letter)
    return [
        {
            "function": function,
            "place": place,
            "error": error,
            "count": len(group),
            "oldest_at": group[0].sent_at,
            "newest_at": group[-1].sent_at,
            "reason": group[-1].reason,
        }
        for (function, place, error), group in sorted(found.items())
    ]


def redrive(deployment: Deployment, wanted: Filter, *, force: bool, pace: Pace, tell: Tell) -> Moved:
    """Move letters back to the queues of their functions: sent first, deleted then.

    What fails again and comes back meanwhile is left to the next time.
    """
    moved, sent_bodies = Moved(), set[str]()
    for place, url in _places(deployment, wanted):
        with Hold(deployment.client("sqs"), url) as hold:
            for batch in hold.batches():
                found = [letter for each in batch if wanted.accepts(letter := _letter(deployment, place, each))]
                letters = [letter for letter in found if letter.digest not in sent_bodies]
                ready = [letter for letter in letters if force or letter.generation < REDRIVES]
                moved.refused += len(letters) - len(ready)
                sent_bodies |= {letter.digest for letter in ready}
                for function in {letter.function for letter in ready}:
                    chosen = [letter for letter in ready if letter.function == function]
                    pace.wait(len(chosen))
                    sent = _send(deployment, function, chosen)
                    hold.delete([letter.message for letter in sent])
                    moved.moved += len(sent)
                    moved.failed += len(chosen) - len(sent)
                tell(len(batch) - len(found) + len(letters))
    return moved


def drop(deployment: Deployment, wanted: Filter, tell: Tell) -> int:
    """Delete the letters that are meant, for good; return how many."""
    dropped = 0
    for place, url in _places(deployment, wanted):
        with Hold(deployment.client("sqs"), url) as hold:
            for batch in hold.batches():
                chosen = [each for each in batch if wanted.accepts(_letter(deployment, place, each))]
                hold.delete(chosen)
                dropped += len(chosen)
                tell(len(batch))
    return dropped


def _send(deployment: Deployment, function: str, letters: Sequence[Letter]) -> list[Letter]:
    url = deployment.all_queues.get(function, {}).get("queue")
    if url is None:
        return []  # its function is gone: the letter stays
    messages = [{"MessageBody": each.body, "MessageAttributes": each.attributes} for each in letters]
    return [letters[place] for place in post(deployment.client("sqs"), url, messages)]


def _places(deployment: Deployment, wanted: Filter) -> Iterator[tuple[str, str]]:
    """Yield the queues where the wanted letters may lie; those that hold nothing are not waited for."""
    known = deployment.all_queues
    places = {name: urls["dead_letters"] for name, urls in known.items() if wanted.function in {None, name}}
    places[UNDELIVERED] = deployment.outputs["Undelivered"]
    for place, url in places.items():
        if count(deployment.client("sqs"), url):
            yield place, url


def _letter(deployment: Deployment, place: str, message: Message) -> Letter:
    """Read a message by what put it there: our hand, AWS IoT, EventBridge, or SQS."""
    texts = {name: each.get("StringValue") for name, each in message.get("MessageAttributes", {}).items()}
    said = DeadLetter.parse(texts.get(ATTRIBUTE) or "")
    sent_at = int(message["Attributes"]["SentTimestamp"])
    facts: dict[str, Any] = {"place": place, "message": message, "body": message["Body"], "sent_at": sent_at}
    failed = iot.read(deployment, message["Body"], sent_at) if place == UNDELIVERED else None
    if failed:
        return Letter(**facts | failed, generation=0)
    if place == UNDELIVERED:
        queue = (texts.get("TARGET_ARN") or "").rpartition(":")[2]
        function = queue.removeprefix(f"herald-{deployment.environment}-") or UNDELIVERED
        error, reason = (
            texts.get("ERROR_CODE") or "Undelivered",
            texts.get("ERROR_MESSAGE") or "EventBridge says no more",
        )
        return Letter(
            **facts, function=function, error=error, reason=reason, subject=_subject(message), generation=0, said=texts
        )
    if said is None:
        reason = "SQS moved it here: it was received too often without a decision"
        subject = _subject(message)
        return Letter(
            **facts, function=place, error="MaxReceives", reason=reason, subject=subject, generation=0, said=texts
        )
    kept: dict[str, Any] = json.loads(texts[ATTRIBUTE] or "{}")
    return Letter(
        **facts,
        function=place,
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
