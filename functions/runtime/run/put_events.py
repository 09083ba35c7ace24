"""PutEvents for any number of entries, with retries for the entries that EventBridge does not accept."""

import random
import time
from collections.abc import Mapping, Sequence
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from functions.runtime.core import aws
from functions.runtime.core.replies import SUCCEEDED, Replies
from functions.runtime.run.batching import calls
from functions.runtime.run.emitted_event import entry_size

TRIES: Final = 3
PAUSE_SECONDS: Final = 0.1

type Entries = Sequence[Mapping[str, str]]


def put_events(entries: Entries, replies: Replies) -> None:
    """Put entries on the bus in as few calls as possible, and record the reply to each.

    Entries that EventBridge does not accept are put again, three times in all. If it denies a call, each entry of the
    call gets the error code; if it does not answer, the replies stay as they are. Neither is put again. The first of
    these errors is raised after all other calls.
    """
    errors: list[Exception] = []
    places = list(range(len(entries)))
    for number in range(TRIES):
        if number:
            time.sleep(random.uniform(0, PAUSE_SECONDS * 2**number))  # noqa: S311 - jitter, not a secret
        refused: list[int] = []
        for group in calls({place: entry_size(entries[place]) for place in places}):
            try:
                _put(group, entries, replies)
            except (BotoCoreError, ClientError) as error:
                errors.append(error)
            else:
                refused += [place for place in group if replies[place] != SUCCEEDED]
        places = refused
        if not places:
            break
    if errors:
        raise errors[0]


def _put(group: Sequence[int], entries: Entries, replies: Replies) -> None:
    """Put the entries of one call."""
    try:
        answer = aws.events().put_events(Entries=[entries[place] for place in group])  # type: ignore[misc] # our entries have its shape
    except ClientError as error:
        for place in group:
            replies.record(place, error.response["Error"]["Code"])
        raise
    for place, each in zip(group, answer["Entries"], strict=True):
        replies.record(place, each.get("ErrorCode", SUCCEEDED))
