"""Which entries go together in one call of AWS that takes several: PutEvents, SendMessageBatch."""

from collections.abc import Iterator
from typing import Final

ENTRIES_PER_CALL: Final = 10  # the most that either takes
# Source: "Calculating PutEvents event entry size", Amazon EventBridge User Guide; it bounds an entry and a call.
# SendMessageBatch takes four times as much since 2025, but not from everybody who offers SQS.
BYTES_PER_CALL: Final = 256 * 1024


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
