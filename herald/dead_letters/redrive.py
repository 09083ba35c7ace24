"""Redrives and deletes dead letters."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from herald.dead_letters.letter import DeadLetter, read_dead_letter
from herald.dead_letters.letters import Filter, queues
from herald.deployment.deployment import Deployment
from herald.deployment.queues import Hold, Pace, post
from herald.progress import CountProgress
from infra.declarations import naming

# After three redrives another one needs --force: the same failure is likely.
REDRIVES: Final = 3


@dataclass
class Redriven:
    """How many dead letters were `moved`, `refused` (redriven too often), or `failed` (no function, or SQS error)."""

    moved: int = 0
    refused: int = 0
    failed: int = 0


def redrive(deployment: Deployment, wanted: Filter, *, force: bool, pace: Pace, progress: CountProgress) -> Redriven:
    """Move dead letters back to the queues of their functions: send first, then delete.

    A message that fails again during the redrive stays for the next redrive.
    """
    result, sent = Redriven(), set[str]()
    for queue, url in queues(deployment, wanted):
        with Hold(deployment.client("sqs"), url) as hold:
            for batch in hold.batches():
                read = (read_dead_letter(deployment, queue, message) for message in batch)
                found = [each for each in read if wanted.accepts(each)]
                new = [each for each in found if each.digest not in sent]
                ready = [each for each in new if force or not is_spent(each)]
                result.refused += len(new) - len(ready)
                sent |= {each.digest for each in ready}
                _move(deployment, hold, ready, pace, result)
                progress(len(batch) - len(found) + len(new))
    return result


def _move(deployment: Deployment, hold: Hold, ready: Sequence[DeadLetter], pace: Pace, result: Redriven) -> None:
    for function in {each.function for each in ready}:
        chosen = [each for each in ready if each.function == function]
        pace.wait(len(chosen))
        sent = _send(deployment, function, chosen)
        hold.delete([each.message for each in sent])
        result.moved += len(sent)
        result.failed += len(chosen) - len(sent)


def _send(deployment: Deployment, function: str, chosen: Sequence[DeadLetter]) -> list[DeadLetter]:
    """Send dead letters to the queue of their function; return those that SQS accepts."""
    if not has_consumer(deployment, function):
        return []
    url = deployment.all_queues[function]["queue"]
    messages = [{"MessageBody": each.body, "MessageAttributes": each.attributes} for each in chosen]
    return [chosen[index] for index in post(deployment.client("sqs"), url, messages)]


def drop(deployment: Deployment, wanted: Filter, progress: CountProgress) -> int:
    """Delete the selected dead letters; return how many."""
    dropped = 0
    for queue, url in queues(deployment, wanted):
        with Hold(deployment.client("sqs"), url) as hold:
            for batch in hold.batches():
                chosen = [each for each in batch if wanted.accepts(read_dead_letter(deployment, queue, each))]
                hold.delete(chosen)
                dropped += len(chosen)
                progress(len(batch))
    return dropped


def is_spent(dead_letter: DeadLetter) -> bool:
    """Return whether a dead letter was redriven so often that only --force redrives it."""
    return dead_letter.generation >= REDRIVES


def has_consumer(deployment: Deployment, function: str) -> bool:
    """Return whether a function receives the messages of its queue; prod retains the queues of deleted functions."""
    return function in deployment.all_queues and function in deployment.specs.keys() | naming.RESERVED
