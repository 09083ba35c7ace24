"""Which requests get a claim: leases, dead letters, reused ids, copies in a batch, and keys."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.runtime.ledger.claims import ClaimStatus
from functions.runtime.ledger.decisions import Decision, Outcome
from functions.runtime.ledger.run_key import RunKey
from tests.partiql import Table
from tests.unit.runtime.ledger.test_ledger import DONE, LATER, LEASE_MS, both, claim, make, request, settle


@both
def test_only_the_holder_settles(ordered: bool) -> None:  # noqa: FBT001 - parametrized
    """A worker that lost its lease cannot overwrite the decision of the next worker."""
    book = make(Table(), ordered=ordered)
    slow = book.claim([request("a")], -5_000)
    assert claim(book, request("b")) == [ClaimStatus.LEASE_EXPIRED]
    taken = book.claim([request("b", alone=True)], LEASE_MS)
    assert taken[0].claim
    assert taken[0].claim.attempt == 2
    assert settle(book, slow) == ["another worker has taken the run over"]
    assert settle(book, taken) == [""]
    assert claim(book, request("c")) == [ClaimStatus.DUPLICATE]


@both
def test_a_run_that_was_released_is_not_counted(ordered: bool) -> None:  # noqa: FBT001 - parametrized
    """An attempt that did not start does not count."""
    book = make(Table(), ordered=ordered)
    released = Outcome(decision=Decision.RETRYING, reason="not begun", released=True)
    settle(book, book.claim([request("a")], LEASE_MS), released)
    (result,) = book.claim([request("b")], LEASE_MS)
    assert result.claim
    assert result.claim.attempt == 1


@both
@pytest.mark.parametrize("decision", [Decision.REJECTED, Decision.DEAD, Decision.LATE])
def test_a_dead_letter_reopens_its_run_once(ordered: bool, decision: Decision) -> None:  # noqa: FBT001 - parametrized
    """A redriven message carries the generation of its dead letter: it is claimed once, and its copy is a duplicate."""
    book = make(Table(), ordered=ordered)
    settle(book, book.claim([request("a")], LEASE_MS), Outcome(decision=decision, reason="because"))
    assert claim(book, request("b")) == [ClaimStatus.DUPLICATE]
    redriven = book.claim([request("c", generation=0)], LEASE_MS)
    assert redriven[0].claim
    assert (redriven[0].claim.attempt, redriven[0].claim.generation) == (1, 1)
    settle(book, redriven, Outcome(decision=decision, reason="because"))
    assert claim(book, request("d", generation=0)) == [ClaimStatus.DUPLICATE]
    again = book.claim([request("e", generation=1)], LEASE_MS)
    assert settle(book, again) == [""]
    assert claim(book, request("f", generation=2)) == [ClaimStatus.DUPLICATE], "a processed run is never reopened"


@both
def test_a_dead_letter_whose_row_has_expired_runs(ordered: bool) -> None:  # noqa: FBT001 - parametrized
    """The generation continues, so that a limit of redrives holds."""
    (result,) = make(Table(), ordered=ordered).claim([request("a", generation=4)], LEASE_MS)
    assert result.claim
    assert (result.claim.attempt, result.claim.generation) == (1, 5)


@both
@pytest.mark.parametrize("earlier", [DONE, LATER, None], ids=["processed", "retrying", "running"])
def test_the_same_id_with_other_content_is_not_the_same_event(ordered: bool, earlier: Outcome | None) -> None:  # noqa: FBT001 - parametrized
    """The second event is not a duplicate and does not replace the first, whatever the decision about the first."""
    book = make(Table(), ordered=ordered)
    results = book.claim([request("a")], LEASE_MS if earlier else -5_000)
    if earlier:
        settle(book, results, earlier)
    assert claim(book, request("b", payload_digest="other")) == [ClaimStatus.ID_REUSED]


@both
@given(st.integers(1, 6))
def test_copies_in_one_batch_are_one_run(ordered: bool, copies: int) -> None:  # noqa: FBT001 - parametrized
    """One copy is claimed; the others wait for it."""
    book = make(Table(), ordered=ordered)
    statuses = claim(book, *(request(f"a{number}") for number in range(copies)))
    assert sorted(statuses) == sorted([ClaimStatus.CLAIM] + [ClaimStatus.SAME_BATCH] * (copies - 1))


def test_the_newest_of_a_batch_goes_first() -> None:
    """With an order, the highest sequence of a subject is claimed first."""
    book = make(Table(), ordered=True)
    ranks = ["3", "9", "5"]
    asked = [request(rank, sort_key=rank, key=RunKey(subject="s", function="f", identity=rank)) for rank in ranks]
    assert claim(book, *asked) == [ClaimStatus.SAME_BATCH, ClaimStatus.CLAIM, ClaimStatus.SAME_BATCH]


def test_keys_keep_functions_subjects_events_and_replays_apart() -> None:
    """Keys that differ in one part differ as a whole."""
    keys = [
        RunKey(subject="s", function="f", identity="i"),
        RunKey(subject="s", function="f", identity="j"),
        RunKey(subject="s", function="g", identity="i"),
        RunKey(subject="t", function="f", identity="i"),
        RunKey(subject="s", function="f", identity="i", replay="r"),
    ]
    assert len({(key.subject, key.sk) for key in keys}) == len({key.digest for key in keys}) == len(keys)
