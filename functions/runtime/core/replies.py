"""Replies of AWS to a request with several entries: PutEvents, SendMessageBatch, BatchExecuteStatement."""

from collections.abc import Iterator
from typing import Final

SUCCEEDED: Final = ""


class Replies:
    """One reply per entry, by place: SUCCEEDED, or the code or sentence that says why the entry failed."""

    def __init__(self, entries: int, unanswered: str) -> None:
        """Begin with `unanswered` as the reply to each entry; it stays if AWS does not respond."""
        self._reasons = [unanswered] * entries

    def __iter__(self) -> Iterator[str]:
        """Iterate over the replies in the order of the entries."""
        return iter(self._reasons)

    def __getitem__(self, place: int) -> str:
        """Return the reply to one entry."""
        return self._reasons[place]

    def succeed(self, place: int) -> None:
        """Record that AWS accepted an entry."""
        self._reasons[place] = SUCCEEDED

    def fail(self, place: int, reason: str) -> None:
        """Record why AWS did not accept an entry."""
        self._reasons[place] = reason

    def failed(self) -> list[int]:
        """Return the places of the entries that AWS did not accept."""
        return [place for place, reason in enumerate(self._reasons) if reason != SUCCEEDED]
