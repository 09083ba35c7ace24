"""Dead letters of all functions, and what EventBridge or AWS IoT could not deliver: found, counted, moved, deleted."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from botocore.exceptions import ClientError

from functions.runtime.core.suggestions import did_you_mean
from functions.runtime.run.objects import UNREADABLE
from herald.dead_letters.letter import UNDELIVERED, Letter, read_letter
from herald.deployment.deployment import Deployment
from herald.deployment.queues import Hold, Pace, Progress, count, post
from herald.errors import CommandError
from infra.declarations import naming

# Redriven so often, what still fails is not mended by being tried again.
REDRIVES: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which letters are meant; a subject may end in `*`, `before` is the latest time of arrival.

    `waiting` adds what waits in the queue of a name that its function no longer has: no worker has seen that.
    """

    function: str | None = None
    error: str | None = None
    subject: str | None = None
    before: datetime | None = None
    waiting: bool = True

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
        raise CommandError(
            f"there is no queue of a function {function!r} here, and no letter of it{did_you_mean(function, known)}"
        )


def read(deployment: Deployment, wanted: Filter) -> list[Letter]:
    """Return the letters that are meant, and leave all of them where they are."""
    found = []
    for place, url in _places(deployment, wanted):
        with Hold(deployment.client("sqs"), url) as hold:
            letters = (read_letter(deployment, place, message) for batch in hold.batches() for message in batch)
            found += [letter for letter in letters if wanted.accepts(letter)]
    return sorted(found, key=lambda letter: letter.sent_at)


def with_bodies(deployment: Deployment, letters: Sequence[Letter]) -> list[Letter]:
    """Return letters with the bodies that their messages had no room for; an expired one keeps its reference."""
    return [replace(letter, body=_stored(deployment, letter) or letter.body) for letter in letters]


def _stored(deployment: Deployment, letter: Letter) -> str | None:
    key = letter.said.get("body_at")
    if not key:
        return None
    try:
        reply = deployment.client("s3").get_object(Bucket=deployment.outputs["BucketJournal"], Key=key)
    except ClientError as error:
        if error.response["Error"]["Code"] not in UNREADABLE:
            raise
        return None
    text: str = reply["Body"].read().decode()
    return text


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


def redrive(deployment: Deployment, wanted: Filter, *, force: bool, pace: Pace, progress: Progress) -> Moved:
    """Move letters back to the queues of their functions: sent first, deleted then.

    What fails again and comes back meanwhile is left to the next time.
    """
    moved, sent_bodies = Moved(), set[str]()
    for place, url in _places(deployment, wanted):
        with Hold(deployment.client("sqs"), url) as hold:
            for batch in hold.batches():
                found = [letter for each in batch if wanted.accepts(letter := read_letter(deployment, place, each))]
                letters = [letter for letter in found if letter.digest not in sent_bodies]
                ready = [letter for letter in letters if force or not is_spent(letter)]
                moved.refused += len(letters) - len(ready)
                sent_bodies |= {letter.digest for letter in ready}
                for function in {letter.function for letter in ready}:
                    chosen = [letter for letter in ready if letter.function == function]
                    pace.wait(len(chosen))
                    sent = _send(deployment, function, chosen)
                    hold.delete([letter.message for letter in sent])
                    moved.moved += len(sent)
                    moved.failed += len(chosen) - len(sent)
                progress(len(batch) - len(found) + len(letters))
    return moved


def drop(deployment: Deployment, wanted: Filter, progress: Progress) -> int:
    """Delete the letters that are meant, for good; return how many."""
    dropped = 0
    for place, url in _places(deployment, wanted):
        with Hold(deployment.client("sqs"), url) as hold:
            for batch in hold.batches():
                chosen = [each for each in batch if wanted.accepts(read_letter(deployment, place, each))]
                hold.delete(chosen)
                dropped += len(chosen)
                progress(len(batch))
    return dropped


def is_spent(letter: Letter) -> bool:
    """Judge whether a letter was redriven too often: only --force moves it."""
    return letter.generation >= REDRIVES


def has_a_taker(deployment: Deployment, function: str) -> bool:
    """Judge whether a function is there; of one that is gone prod retains the queue, from which nobody takes."""
    return function in deployment.all_queues and function in deployment.specs.keys() | naming.RESERVED


def _send(deployment: Deployment, function: str, letters: Sequence[Letter]) -> list[Letter]:
    if not has_a_taker(deployment, function):
        return []
    url = deployment.all_queues[function]["queue"]
    messages = [{"MessageBody": each.body, "MessageAttributes": each.attributes} for each in letters]
    return [letters[place] for place in post(deployment.client("sqs"), url, messages)]


def _places(deployment: Deployment, wanted: Filter) -> Iterator[tuple[str, str]]:
    """Yield the queues where the wanted letters may lie; those that hold nothing are not waited for."""
    places = [*_queues_of(deployment, wanted), (UNDELIVERED, deployment.outputs["Undelivered"])]
    for place, url in places:
        if count(deployment.client("sqs"), url):
            yield place, url


def _queues_of(deployment: Deployment, wanted: Filter) -> Iterator[tuple[str, str]]:
    """Yield the dead-letter queues of a function, or of all: also those it had by names that are gone."""
    for name, urls in deployment.all_queues.items():
        present = deployment.present(name)
        if wanted.function in {None, present}:
            yield name, urls["dead_letters"]
            # Once the function runs under another name, nobody else takes what waits in its old queue.
            if wanted.waiting and name != present and present in deployment.all_queues:
                yield name, urls["queue"]
