"""Replies of AWS to a request with several entries: PutEvents, SendMessageBatch, BatchExecuteStatement."""

from collections.abc import Iterator
from typing import Final

SUCCEEDED: Final = ""


class Replies:
    """One reply per entry, by its index: SUCCEEDED, or the code or reason of the failure."""

    def __init__(self, entries: int, unanswered: str) -> None:
        """Start with `unanswered` for each entry. It remains for entries without an answer."""
        self._reasons = [unanswered] * entries

    def __iter__(self) -> Iterator[str]:
        """Iterate over the replies in the order of the entries."""
        return iter(self._reasons)

    def __getitem__(self, place: int) -> str:
        """Return the reply to one entry."""
        return self._reasons[place]

    def record(self, place: int, reply: str) -> None:
        """Record the reply to an entry: SUCCEEDED, or why AWS did not accept it."""
        self._reasons[place] = reply

    def failed(self) -> list[int]:
        """Return the indexes of the entries that AWS did not accept."""
        return [place for place, reason in enumerate(self._reasons) if reason != SUCCEEDED]
