"""The rows of the ledger and the names of their attributes.

Each run has one row. If a function has `order = "newest"`, each subject has one more row, the newest row: its lease
lets one run at a time act on the subject, and it keeps the newest event that was processed. Rows are plain dicts, which
cost nothing to read and write; the types name their attributes. Times are in milliseconds since the epoch, except for
`expiration`, which DynamoDB's TTL reads in seconds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypedDict

# Powertools' two words for `status`; the rows of its steps are in the same table.
IN_PROGRESS: Final = "INPROGRESS"
COMPLETED: Final = "COMPLETED"


# The names of attributes before version 0.1.0. Rows with them are read until version 0.2.0.
FORMER_NAMES: Final = {
    "payload": "payload_digest",
    "claimed": "newest_claimed",
    "run": "newest_claimed_run",
    "done": "newest_processed",
    "done_run": "newest_processed_run",
}


class RowKey(TypedDict):
    """The primary key of a row."""

    pk: str
    sk: str


class LeaseRow(TypedDict, total=False):
    """The attributes that both kinds of rows have: who holds the lease, until when, and for which attempt.

    `in_progress_expiration` is the end of the lease, 0 after the run was settled.
    """

    pk: str
    sk: str
    holder: str
    payload_digest: str
    in_progress_expiration: int
    attempt: int
    generation: int
    first_at: int
    claimed_at: int


class RunRow(LeaseRow, total=False):
    """The row of one run: the facts of its event and the decision; `status` is IN_PROGRESS or COMPLETED.

    `hour` is the partition key of the index of settled runs (runs_index.py).
    """

    status: str
    decision: str
    expiration: int
    facts: Mapping[str, Any]
    replay: str | None
    reason: str
    error_class: str | None
    correlation_id: str | None
    cause: Mapping[str, Any] | None
    effects: Sequence[Mapping[str, Any]]
    effects_omitted: int
    duration_ms: int
    settled_at: int
    hour: str


class NewestRow(LeaseRow, total=False):
    """The row of one subject and one source.

    `newest_claimed` and `newest_processed` are sort keys of events, `newest_claimed_run` and `newest_processed_run` the
    `sk` of their runs. Until `reserved`, older events wait for the newest claimed one. `previous` and `state` (JSON)
    are for the next run. `wake` is the id of the wake that the last processed run asked for, `woken` the `sk` of the
    last wake that was processed.
    """

    newest_claimed: str
    newest_claimed_run: str
    newest_processed: str
    newest_processed_run: str
    reserved: int
    previous: Mapping[str, Any] | None
    state: str
    wake: str
    woken: str


# Stands for the newest row of a subject that does not have one.
NO_NEWEST: Final[NewestRow] = {"newest_claimed": "", "newest_processed": "", "in_progress_expiration": 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """The rows that the ledger has for a request: the run's and, if the function has an order, the subject's."""

    run: RunRow | None = None
    newest: NewestRow | None = None


NO_ROWS: Final = Rows()


def with_current_names(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row with the current names of its attributes; a write adds them to a row that has former names."""
    if "payload" not in row:  # all rows of runs and subjects had it
        return row
    former = {name: row.pop(name) for name in FORMER_NAMES if name in row}
    facts = row.get("facts", {})
    if "sequencer" in facts:
        facts["sequence"] = facts.pop("sequencer")
    return {FORMER_NAMES[name]: value for name, value in former.items()} | row
