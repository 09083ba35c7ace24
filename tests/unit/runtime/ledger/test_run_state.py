"""The state of a run by its rows, as `herald reconcile` shows it."""

import pytest

from functions.runtime.core import clock
from functions.runtime.ledger import statements
from functions.runtime.ledger.decisions import Decision, Outcome
from functions.runtime.ledger.rows import Rows
from functions.runtime.ledger.run_key import RunKey
from functions.runtime.ledger.run_state import RunState, run_state
from tests.partiql import Table
from tests.unit.runtime.ledger.test_ledger import DONE, LATER, LEASE_MS, both, make, request, settle

KEY = RunKey(subject="s", function="f", identity="i")
STUCK_AFTER_MS = 3_600_000


def state(table: Table, *, later_ms: int = 0) -> RunState:
    """Return the state of the run by the rows in the table, after some time."""
    rows = {key[1]: statements.plain(item) for key, item in table.items.items()}
    found = Rows(run=rows.get(KEY.sk), newest=rows.get(KEY.newest_sk))  # type: ignore[arg-type] # plain rows
    return run_state(KEY, found, clock.now_ms() + later_ms, STUCK_AFTER_MS)


@both
@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (DONE, RunState.PROCESSED),
        (Outcome(decision=Decision.DEAD, reason="r"), RunState.DEAD),
        (Outcome(decision=Decision.REJECTED, reason="r"), RunState.DEAD),
        (LATER, RunState.OPEN),
    ],
)
def test_a_settled_run_has_the_state_of_its_decision(ordered: bool, outcome: Outcome, expected: RunState) -> None:  # noqa: FBT001 - parametrized
    """A run that will be retried is open."""
    table = Table()
    book = make(table, ordered=ordered)
    settle(book, book.claim([request("a", key=KEY)], LEASE_MS), outcome)
    assert state(table) is expected


@both
@pytest.mark.parametrize("settled", [False, True], ids=["running", "retrying"])
def test_an_open_run_is_stuck_after_its_lease_and_the_silence(ordered: bool, settled: bool) -> None:  # noqa: FBT001 - parametrized
    """The time counts from the end of the lease, or from the settlement if the run was settled."""
    table = Table()
    book = make(table, ordered=ordered)
    results = book.claim([request("a", key=KEY)], LEASE_MS)
    if settled:
        settle(book, results, LATER)
    assert state(table) is RunState.OPEN
    assert state(table, later_ms=STUCK_AFTER_MS - 1_000) is RunState.OPEN
    assert state(table, later_ms=STUCK_AFTER_MS + LEASE_MS + 2_000) is RunState.STUCK


def test_a_run_without_rows_is_missing() -> None:
    """Rows of other runs of the subject do not count."""
    table = Table()
    book = make(table, ordered=True)
    assert state(table) is RunState.MISSING
    other = RunKey(subject="s", function="f", identity="other")
    settle(book, book.claim([request("a", key=other)], LEASE_MS))
    assert state(table) is RunState.MISSING


def test_a_run_is_processed_if_only_the_newest_row_was_written() -> None:
    """The worker crashed before it wrote the row of the run."""
    table = Table()
    book = make(table, ordered=True)
    settle(book, book.claim([request("a", key=KEY)], LEASE_MS))
    del table.items[KEY.subject, KEY.sk]
    assert state(table) is RunState.PROCESSED
