"""Answers `herald runs`: describes settled runs, and follows new ones."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Final

from functions.runtime.core import clock
from herald.deployment.deployment import Deployment
from herald.deployment.short_names import ShortNames
from herald.investigate.history import Row, function_of
from herald.investigate.settled_runs import Wanted, settled, with_reasons

POLL_SECONDS: Final = 2
# The clocks of workers differ, and the index is eventually consistent: a run may enter it after later ones.
OVERLAP_MS: Final = 10_000
PAGE: Final = 1_000  # runs of one query while following


@dataclass
class Listing:
    """Lists the runs of one deployment that were settled at or after `since`, in ms since the epoch."""

    deployment: Deployment
    wanted: Wanted
    since: int
    _seen: dict[tuple[str, str, int], None] = field(default_factory=dict, init=False)

    def newest(self, limit: int) -> tuple[list[dict[str, Any]], bool]:
        """Return the newest runs, newest first, and whether there are more."""
        found = list(islice(settled(self.deployment, self.wanted, self.since, limit + 1), limit + 1))
        self._seen.update(dict.fromkeys(map(_identity, found)))
        if len(found) > limit:
            self.since = found[-1]["settled_at"]  # older runs are not followed either
        return self._described(found[:limit]), len(found) > limit

    def follow(self, pause: Callable[[], object]) -> Iterator[dict[str, Any]]:
        """Yield runs as they are settled, oldest first, and call `pause` before each poll; it never ends.

        The table has no stream that a command can read, so a poll queries the current hour: 16 queries.
        """
        since = clock.now_ms() if not self._seen else max(at for _, _, at in self._seen)
        while True:
            pause()
            start = max(self.since, since - OVERLAP_MS)
            found = list(settled(self.deployment, self.wanted, start, PAGE))
            new = [row for row in reversed(found) if _identity(row) not in self._seen]
            since = max((row["settled_at"] for row in found), default=since)
            for old in [each for each in self._seen if each[2] < since - OVERLAP_MS]:
                del self._seen[old]
            self._seen.update(dict.fromkeys(map(_identity, new)))
            yield from self._described(new)

    def _described(self, rows: Sequence[Row]) -> list[dict[str, Any]]:
        names = ShortNames.of(self.deployment)
        return [self._run(row, names) for row in with_reasons(self.deployment, rows)]

    def _run(self, row: Row, names: ShortNames) -> dict[str, Any]:
        facts = row["facts"]
        return {
            "time": datetime.fromtimestamp(row["settled_at"] / 1000, UTC).isoformat(timespec="milliseconds"),
            "settled_at": row["settled_at"],
            "function": function_of(row, self.deployment),
            "decision": row["decision"],
            "subject": row["pk"],
            "short_subject": names.short(row["pk"]),
            "event_id": facts.get("id"),
            "event_type": facts.get("type"),
            "correlation_id": row.get("correlation_id"),
            "error": row.get("error_class"),
            "reason": row["reason"],
            "attempt": row.get("attempt", 0),
            "duration_ms": row.get("duration_ms", 0),
        }


def _identity(row: Row) -> tuple[str, str, int]:
    return row["pk"], row["sk"], row["settled_at"]
