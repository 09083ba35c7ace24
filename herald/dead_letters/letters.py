"""The dead letters of all functions and the undelivered events: filters them, reads them and counts them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from functions.runtime.core.suggestions import did_you_mean
from functions.runtime.run.objects import UNREADABLE
from herald.dead_letters.letter import UNDELIVERED, DeadLetter, read_dead_letter
from herald.deployment import functions
from herald.deployment.deployment import Deployment
from herald.deployment.queues import Hold, count
from herald.errors import CommandError


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Selects dead letters; a subject may end in `*`, `before` is the latest time at which the queue received them.

    `waiting` also selects the unprocessed messages in the old queue of a renamed function.
    """

    function: str | None = None
    error: str | None = None
    subject: str | None = None
    before: datetime | None = None
    waiting: bool = True

    def accepts(self, dead_letter: DeadLetter) -> bool:
        """Return whether the filter selects a dead letter."""
        if self.before and dead_letter.sent_at > self.before.timestamp() * 1000:
            return False
        named = self.function in {None, dead_letter.function} and self.error in {None, dead_letter.error}
        return named and is_about(dead_letter.subject or "", self.subject)


def is_about(subject: str, wanted: str | None) -> bool:
    """Return whether a subject is the wanted one, or starts with the text before a `*` at the end of the wanted one."""
    if wanted is None:
        return True
    return subject.startswith(wanted[:-1]) if wanted.endswith("*") else subject == wanted


def check_function(deployment: Deployment, function: str) -> None:
    """Raise CommandError for a function that has neither a queue nor a dead letter.

    An undelivered event may name a function that was deleted.
    """
    known = {*deployment.all_queues, UNDELIVERED}
    if function not in known and not read(deployment, Filter(function=function)):
        raise CommandError(
            f"no queue and no dead letters of a function {function!r} found{did_you_mean(function, known)}"
        )


def read(deployment: Deployment, wanted: Filter) -> list[DeadLetter]:
    """Return the selected dead letters, oldest first; all of them stay in their queues."""
    found = []
    for queue, url in queues(deployment, wanted):
        with Hold(deployment.client("sqs"), url) as hold:
            read = (read_dead_letter(deployment, queue, message) for batch in hold.batches() for message in batch)
            found += [each for each in read if wanted.accepts(each)]
    return sorted(found, key=lambda dead_letter: dead_letter.sent_at)


def with_bodies(deployment: Deployment, dead_letters: Sequence[DeadLetter]) -> list[DeadLetter]:
    """Replace references to bodies in S3 with the bodies; a reference to an expired object stays."""
    return [replace(each, body=_stored(deployment, each) or each.body) for each in dead_letters]


def _stored(deployment: Deployment, dead_letter: DeadLetter) -> str | None:
    key = dead_letter.details.get("body_at")
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
    """Return approximately how many messages are in the queues that may hold selected dead letters."""
    return sum(count(deployment.client("sqs"), url) for _, url in queues(deployment, wanted))


def groups(dead_letters: Sequence[DeadLetter]) -> list[dict[str, Any]]:
    """Count dead letters by function, queue and error; each group has the reason of its newest dead letter."""
    found: dict[tuple[str, str, str], list[DeadLetter]] = {}
    for dead_letter in dead_letters:
        found.setdefault((dead_letter.function, dead_letter.queue, dead_letter.error), []).append(dead_letter)
    return [
        {
            "function": function,
            "queue": queue,
            "error": error,
            "count": len(group),
            "oldest_at": group[0].sent_at,
            "newest_at": group[-1].sent_at,
            "reason": group[-1].reason,
        }
        for (function, queue, error), group in sorted(found.items())
    ]


def queues(deployment: Deployment, wanted: Filter) -> Iterator[tuple[str, str]]:
    """Yield name and URL of the queues that may hold selected dead letters; empty queues are left out."""
    for queue, url in [*_function_queues(deployment, wanted), (UNDELIVERED, deployment.outputs["Undelivered"])]:
        if count(deployment.client("sqs"), url):
            yield queue, url


def _function_queues(deployment: Deployment, wanted: Filter) -> Iterator[tuple[str, str]]:
    """Yield the dead-letter queues of one function or of all, including those of its former names."""
    for name, urls in deployment.all_queues.items():
        current = functions.current_name(deployment, name)
        if wanted.function in {None, current}:
            yield name, urls["dead_letters"]
            # After a rename is deployed, no function receives messages from the old queue.
            if wanted.waiting and name != current and current in deployment.all_queues:
                yield name, urls["queue"]
