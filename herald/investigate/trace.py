"""Answers `herald trace`: the runs that one event caused, as a tree from the first event of the chain.

The tree is found by keys: upwards by the cause in each row, downwards by the effects in each row, level by level. Each
effect takes one query, so the number of effects and runs of an answer is limited.
"""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from herald.deployment.short_names import ShortNames
from herald.errors import CommandError
from herald.investigate.causes import Chain, chain
from herald.investigate.history import History, Row, function_of, row_key

DEPTH: Final = 64  # more than the runtime's limit of a chain
SECOND_MS: Final = 1_000

type Node = dict[str, Any]


@dataclass
class Trace:
    """Builds the tree of one event; `limit` is how many effects and runs it may have, beside the way to the event."""

    history: History
    limit: int
    _names: ShortNames = field(init=False)
    _seen: set[str] = field(default_factory=set, init=False)
    _runs: list[Node] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        """Read the short names once."""
        self._names = ShortNames.of(self.history.deployment)

    def describe(self, subject: str, event_id: str | None = None) -> dict[str, Any]:
        """Return the tree of an event of the subject, by default of its newest one. CommandError: it has no run."""
        above = chain(self.history, subject, event_id)
        if above is None:
            event = f"event {event_id} of {subject}" if event_id else subject
            raise CommandError(f"no run found for {event}: `herald why` says whether the journal has an event of it")
        root = above.root
        answer = self._event(root) | {"cause": above.lost}
        first = [row for row in self.history.rows(root["pk"]) if row["facts"].get("id") == root["facts"].get("id")]
        answer["runs"] = [self._run(row, above, None) for row in first]
        self._grow(deque(zip(first, answer["runs"], [0] * len(first), strict=True)), above)
        return {
            "subject": subject,
            "event_id": above.asked["facts"].get("id"),
            "correlation_id": root.get("correlation_id") or above.asked.get("correlation_id"),
            "runs": len(self._runs),
            "root": answer,
        }

    def _grow(self, queue: deque[tuple[Row, Node, int]], above: Chain) -> None:
        """Add the effects of each run, and the runs that they caused, level by level."""
        while queue:
            row, node, depth = queue.popleft()
            for effect in row.get("effects", []) if depth < DEPTH else []:
                if not self._may_grow(row, above):
                    node["effects_not_shown"] += 1
                    continue
                known = {name: value for name, value in effect.items() if value is not None}
                shown: Node = known | {"short_subject": self._names.short(effect["subject"]), "runs": []}
                node["effects"].append(shown)
                self.limit -= 1
                for child in (*self.history.caused_by(row, effect), above.wrote(row, effect)):
                    if child and row_key(child) not in self._seen:
                        shown["runs"].append(self._run(child, above, row))
                        queue.append((child, shown["runs"][-1], depth + 1))

    def _may_grow(self, row: Row, above: Chain) -> bool:
        return self.limit > 0 or row_key(row) in above.keys

    def _event(self, row: Row) -> Node:
        facts = row["facts"]
        return {
            "subject": row["pk"],
            "short_subject": self._names.short(row["pk"]),
            "event_id": facts.get("id"),
            "event_type": facts.get("type"),
            "time": facts.get("time"),
        }

    def _run(self, row: Row, above: Chain, parent: Row | None) -> Node:
        self._seen.add(row_key(row))
        self.limit -= 1
        settled = row.get("settled_at")
        node: Node = {
            "function": function_of(row, self.history.deployment),
            "decision": row["decision"],
            "error": row.get("error_class"),
            "reason": row.get("reason"),
            "attempt": row.get("attempt", 0),
            "asked": row["pk"] == above.asked["pk"] and row["facts"].get("id") == above.asked["facts"].get("id"),
            "started_at": row["first_at"],
            "settled_at": settled,
            "duration_ms": row.get("duration_ms"),
            "lag_ms": lag(row, parent),
            "effects": [],
            "effects_not_shown": row.get("effects_omitted", 0),
        }
        self._runs.append(node)
        return node


def lag(row: Row, parent: Row | None) -> int | None:
    """Return the ms from an event to the first claim of its run; None: the event has no valid time.

    S3 gives the time of an event in whole seconds. Then the event was at the latest when its cause was settled.
    """
    try:
        sent = round(datetime.fromisoformat(row["facts"]["time"]).timestamp() * 1000)
    except (KeyError, ValueError, TypeError):
        return None
    if parent and sent % SECOND_MS == 0:
        latest = sent + SECOND_MS - 1
        sent = min(latest, parent.get("settled_at") or latest)
    started: int = row["first_at"]
    return max(0, started - sent)
