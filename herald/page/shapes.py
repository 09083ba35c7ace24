"""The values that the pages show, besides the answer of `herald why --json`. Times are in ms since the epoch."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypedDict

from functions.runtime.ledger.decisions import DEAD_LETTERED, Decision

type Answer = Mapping[str, Any]
# A decision in the answer of `herald why --json`; see herald/investigate/history.py.
type Decided = Mapping[str, Any]

FAILED: Final = frozenset({*DEAD_LETTERED, Decision.RETRYING})


class RunLine(TypedDict):
    """One run in a list; `time` is when it was settled."""

    time: int | None
    function: str
    decision: str
    subject: str
    reason: str | None
    error: str | None
    attempt: int
    duration_ms: int | None
    correlation_id: str | None
    event_id: str | None


class Evidence(TypedDict):
    """What is known about a failed run beyond its row: its event as JSON, and its log lines with their place."""

    input: str | None
    log: list[str]
    log_group: str


class DeadLetterAnswer(TypedDict):
    """A dead letter, with some of the fields of `herald dlq show --json`."""

    function: str
    queue: str
    error: str
    reason: str
    subject: str | None
    generation: int
    sent_at: int


class Health(TypedDict):
    """The state of a function; `oldest_s` is the age of the oldest message in its queue, None if it is unknown."""

    function: str
    owner: str
    description: str
    state: str
    waiting: int
    oldest_s: int | None
    dead: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Selects runs; an empty text selects all. `text` and `error` are parts of texts, in any case."""

    function: str = ""
    decision: str = ""
    error: str = ""
    text: str = ""
    correlation_id: str = ""

    def accepts(self, run: RunLine) -> bool:
        """Return whether the filters select a run; a search also finds ids and reasons."""
        searched = (run["subject"], run["event_id"], run["correlation_id"], run["function"], run["reason"])
        return (
            self.function in {"", run["function"]}
            and self.decision in {"", run["decision"]}
            and self.correlation_id in {"", run["correlation_id"]}
            and _in(self.error, run["error"], run["reason"] if run["decision"] in FAILED else None)
            and _in(self.text, *searched)
        )


def _in(part: str, *texts: str | None) -> bool:
    return not part or any(part.casefold() in (text or "").casefold() for text in texts)
