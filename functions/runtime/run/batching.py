"""Groups entries into calls of PutEvents and SendMessageBatch, within the limits of both."""

from collections.abc import Iterator
from typing import Final

ENTRIES_PER_CALL: Final = 10  # the limit of both
# The limit of a message with its attributes. Source: "SendMessageBatch", Amazon SQS API Reference.
MESSAGE_BYTES: Final = 1024 * 1024
# The limit of all entries of a call: 1 MiB for SQS, "1 MB" for PutEvents, which may be less than 1 MiB.
# Source: AWS Compute Blog, January 29, 2026. "Calculating PutEvents event entry size", Amazon EventBridge User Guide,
# still says 256 KB.
BYTES_PER_CALL: Final = 1_000_000
# The limit of an event: with the envelope of EventBridge and the attribute of a dead letter, it still fits into a
# message.
EVENT_BYTES: Final = BYTES_PER_CALL - 32 * 1024


def calls(sizes: dict[int, int]) -> Iterator[list[int]]:
    """Yield groups of places within both limits, by the sizes of the entries; a larger entry is alone in its group."""
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
