"""Which entries go together in one call of AWS that takes several: PutEvents, SendMessageBatch."""

from collections.abc import Iterator
from typing import Final

ENTRIES_PER_CALL: Final = 10  # the most that either takes
# What one message of SQS takes with its attributes. Source: SendMessageBatch, Amazon SQS API Reference.
MESSAGE_BYTES: Final = 1024 * 1024
# What one call of either takes, all of its entries together: SQS 1 MiB, PutEvents "1 MB", which may be a little less.
# Source: AWS Compute Blog, January 29, 2026; the page on calculating an entry's size says 256 KB still.
BYTES_PER_CALL: Final = 1_000_000
# An event that leaves has room left, so that it fits into a message of SQS with EventBridge's envelope around it, and
# into a dead letter with its attribute as well.
EVENT_BYTES: Final = BYTES_PER_CALL - 32 * 1024


def calls(sizes: dict[int, int]) -> Iterator[list[int]]:
    """Group places by the sizes of their entries, so that a call is within both limits; what is larger goes alone."""
    group: list[int] = []
    held = 0
    for place, size in sizes.items():
        if len(group) == ENTRIES_PER_CALL or (group and held + size >= BYTES_PER_CALL):
            yield group
            group, held = [], 0
        group.append(place)
        held += size
    if group:
        yield group
