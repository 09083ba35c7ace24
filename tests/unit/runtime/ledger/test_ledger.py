"""Claiming and settling: their calls, races between workers, and lost or incomplete replies."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from functions.runtime.ledger.claims import ClaimRequest, ClaimResult, ClaimStatus
from functions.runtime.ledger.decisions import Decision, Outcome
from functions.runtime.ledger.ledger import Ledger
from functions.runtime.ledger.run_key import RunKey
from tests.partiql import Table
from tests.stage import lost_reply

LEASE_MS = 60_000
DONE = Outcome(decision=Decision.PROCESSED, reason="the handler returned")
LATER = Outcome(decision=Decision.RETRYING, reason="later")
both = pytest.mark.parametrize("ordered", [False, True], ids=["unordered", "ordered"])


def make(table: Table, *, ordered: bool = False) -> Ledger:
    """Return a ledger on a table in memory."""
    client: Any = table
    return Ledger("ledger", client, keep_days=90, ordered=ordered)


def request(holder: str, number: int = 1, **changed: Any) -> ClaimRequest:  # noqa: ANN401 - ClaimRequest's fields
    """Return a request for the event with that number; each event has a subject of its own."""
    key = RunKey(subject=f"s3://outputs/{number}", function="f", identity=f"id-{number}")
    fields: dict[str, Any] = {"key": key, "payload_digest": "p", "sort_key": "5", "facts": {"id": "i"}}
    return ClaimRequest(holder=holder, **(fields | changed))


def requests(holder: str, count: int) -> list[ClaimRequest]:
    """Return requests for that many events."""
    return [request(f"{holder}{number}", number) for number in range(count)]


def claim(book: Ledger, *asked: ClaimRequest, lease_ms: int = LEASE_MS) -> list[ClaimStatus]:
    """Claim; return the statuses."""
    return [result.status for result in book.claim(asked, lease_ms)]


def settle(book: Ledger, results: list[ClaimResult], outcome: Outcome = DONE) -> list[str]:
    """Settle all runs with one outcome; return the replies."""
    return list(book.settle([(result, outcome) for result in results]))


@pytest.mark.parametrize(
    ("ordered", "claims", "settles", "duplicates"), [(False, 1, 1, 2), (True, 2, 2, 1)], ids=["unordered", "ordered"]
)
def test_round_trips(ordered: bool, claims: int, settles: int, duplicates: int) -> None:  # noqa: FBT001 - parametrized
    """Ten new events take two calls and ten duplicates two; with an order they take four and one."""
    table = Table()
    book = make(table, ordered=ordered)
    results = book.claim(requests("a", 10), LEASE_MS)
    assert [result.status for result in results] == [ClaimStatus.CLAIM] * 10
    assert len(table.calls) == claims
    assert settle(book, results) == [""] * 10
    assert len(table.calls) == claims + settles
    table.calls.clear()
    assert claim(book, *requests("b", 10)) == [ClaimStatus.DUPLICATE] * 10
    assert len(table.calls) == duplicates


@both
def test_write_units(ordered: bool) -> None:  # noqa: FBT001 - parametrized
    """A run takes two write units, three with an order: each statement writes an item of at most 1 KB."""
    table = Table()
    book = make(table, ordered=ordered)
    subject = f"s3://herald-prod-storage-storageoutputsb8203d69-394bb9847e198/{'k' * 40}"
    facts: dict[str, Any] = {
        "id": "i" * 32,
        "source": "aws.s3",
        "type": "Object Created",
        "time": "2026-11-24T04:52:10.582Z",
    }
    facts |= {"version": "v" * 32, "sequence": "0" * 18, "size": 12_345, "etag": "e" * 32, "region": "eu-central-1"}
    facts |= {"requester": "1" * 12, "source_ip": "192.0.2.44"}
    asked = request("h" * 20, key=RunKey(subject=subject, function="summarise_test_report", identity="i"), facts=facts)
    effects = [
        {"kind": "object", "subject": subject, "version": "v" * 32},
        {"kind": "event", "type": "a.b", "id": "i" * 32},
    ]
    previous = {"id": "i" * 32, "type": "Object Created", "version": "v" * 32, "sequence": "0" * 18, "etag": "e" * 32}
    outcome = Outcome(
        decision=Decision.PROCESSED,
        reason="the handler returned",
        correlation_id="c" * 32,
        effects=effects,
        previous=previous,
    )
    settle(book, book.claim([asked], LEASE_MS), outcome)
    assert len(table.written) == (3 if ordered else 2)
    assert max(map(size, table.written)) <= 1_024


def size(item: dict[str, dict[str, str]]) -> int:
    """Return the size of an item as DynamoDB counts it ("Item sizes and formats", Amazon DynamoDB Developer Guide)."""

    def of(kind: str, value: str) -> int:
        return len(value) // 2 + 1 if kind == "N" else len(value.encode())

    return sum(len(name) + of(*next(iter(value.items()))) for name, value in item.items())


@both
def test_one_of_two_workers_wins(ordered: bool) -> None:  # noqa: FBT001 - parametrized
    """The other worker gets the end of the lease."""
    book = make(Table(), ordered=ordered)
    assert claim(book, request("a")) == [ClaimStatus.CLAIM]
    (result,) = book.claim([request("b")], LEASE_MS)
    assert result.status is ClaimStatus.BUSY
    assert result.lease_end > 0


@both
def test_workers_that_read_the_same_row_do_not_both_win(ordered: bool) -> None:  # noqa: FBT001 - parametrized
    """A claim has conditions on the row that was read; if the row has changed, the write is refused."""
    table = Table()
    book, rival = make(table, ordered=ordered), make(table, ordered=ordered)
    settle(book, book.claim([request("a")], LEASE_MS), LATER)
    read = table.batch_get_item
    stolen: list[ClaimStatus] = []

    def read_and_lose(**call: Any) -> dict[str, Any]:  # noqa: ANN401 - boto3's keywords
        answer = read(**call)
        table.batch_get_item = read  # type: ignore[method-assign] # once
        stolen.extend(claim(rival, request("b")))
        return answer

    table.batch_get_item = read_and_lose  # type: ignore[method-assign] # the race
    assert claim(book, request("c")) == [ClaimStatus.BUSY]
    assert stolen == [ClaimStatus.CLAIM]


@both
@pytest.mark.parametrize("earlier", [None, LATER], ids=["first", "retry"])
def test_a_claim_whose_answer_was_lost_is_ours(ordered: bool, earlier: Outcome | None) -> None:  # noqa: FBT001 - parametrized
    """Botocore sends the call again: the row has our holder, and the attempt counts once."""
    table = Table()
    book = make(table, ordered=ordered)
    if earlier:
        settle(book, book.claim([request("a")], LEASE_MS), earlier)
    twice(table)
    (result,) = book.claim([request("b")], LEASE_MS)
    assert result.status is ClaimStatus.ALREADY_OURS
    assert result.claim
    assert result.claim.attempt == (2 if earlier else 1)
    assert settle(book, [result]) == [""]
    assert claim(book, request("c")) == [ClaimStatus.DUPLICATE]


def twice(table: Table) -> None:
    """Execute each batch of statements twice, as botocore does after a lost reply."""
    once = table.batch_execute_statement

    def again(**call: Any) -> dict[str, Any]:  # noqa: ANN401 - boto3's keywords
        once(**call)
        return once(**call)

    table.batch_execute_statement = again  # type: ignore[method-assign] # the fault


@both
def test_a_half_answer_is_asked_again(ordered: bool) -> None:  # noqa: FBT001 - parametrized
    """Statements that DynamoDB throttled or did not answer are sent again, without the others."""
    table = Table()
    book = make(table, ordered=ordered)
    answers = half_answering(table)
    results = book.claim(requests("a", 10), LEASE_MS)
    assert {result.status for result in results} <= {ClaimStatus.CLAIM, ClaimStatus.ALREADY_OURS}
    assert settle(book, results) == [""] * 10
    assert next(answers) > 2
    assert len([key for key in table.items if "latest" not in key[1]]) == 10


def half_answering(table: Table) -> Iterator[int]:
    """Truncate the first answer, and throttle a statement of the second."""
    whole, count = table.batch_execute_statement, [0]

    def half(**call: Any) -> dict[str, Any]:  # noqa: ANN401 - boto3's keywords
        count[0] += 1
        if count[0] == 1:
            return {"Responses": whole(**call)["Responses"][:3]}
        if count[0] == 2:
            answers = whole(Statements=call["Statements"][1:])["Responses"]
            return {"Responses": [{"Error": {"Code": "ThrottlingError"}}, *answers]}
        return whole(**call)

    table.batch_execute_statement = half  # type: ignore[method-assign] # the fault
    return iter(lambda: count[0], None)


@both
def test_an_answer_is_not_waited_for_twice(ordered: bool, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: FBT001 - parametrized
    """Only throttled statements cause a pause: a successful batch never sleeps."""
    monkeypatch.setattr(time, "sleep", pytest.fail)
    book = make(Table(), ordered=ordered)
    assert settle(book, book.claim(requests("a", 30), LEASE_MS)) == [""] * 30


def test_a_run_that_stays_throttled_is_not_claimed() -> None:
    """The other runs of the batch are claimed; a run that could not be claimed does not start."""
    table = Table()
    whole = table.batch_execute_statement

    def throttled(**call: Any) -> dict[str, Any]:  # noqa: ANN401 - boto3's keywords
        return {
            "Responses": [
                {"Error": {"Code": "ThrottlingError"}} if "s3://outputs/0" in str(each) else answer
                for each, answer in zip(call["Statements"], whole(**call)["Responses"], strict=True)
            ]
        }

    table.batch_execute_statement = throttled  # type: ignore[method-assign] # the fault
    assert claim(make(table), *requests("a", 2)) == [ClaimStatus.UNKNOWN, ClaimStatus.CLAIM]


def test_a_table_that_cannot_be_reached_claims_nothing() -> None:
    """The error is raised, so that the caller leaves all messages in the queue."""
    table = Table()

    def fail(**_: Any) -> dict[str, Any]:  # noqa: ANN401 - boto3's keywords
        raise lost_reply()

    table.batch_execute_statement = fail  # type: ignore[method-assign] # the fault
    with pytest.raises(type(lost_reply())):
        make(table).claim(requests("a", 3), LEASE_MS)
