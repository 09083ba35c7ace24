"""Claim and settle: what they cost, who wins, and what a lost or a half answer does."""

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

import pytest
from aws_lambda_powertools.utilities.idempotency import IdempotencyConfig, idempotent_function
from hypothesis import given
from hypothesis import strategies as st

from functions.runtime.core import settings
from functions.runtime.ledger.claims import ClaimRequest, ClaimResult, ClaimStatus
from functions.runtime.ledger.decisions import Decision, Outcome
from functions.runtime.ledger.ledger import Ledger, ledger
from functions.runtime.ledger.run_key import RunKey
from functions.runtime.ledger.step_store import step_store
from functions.runtime.run import notices
from tests.partiql import Table
from tests.stage import lost_reply
from tests.unit.runtime.conftest import Context, World

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

LEASE_MS = 60_000
DONE = Outcome(decision=Decision.PROCESSED, reason="the handler returned")
LATER = Outcome(decision=Decision.RETRYING, reason="later")
both = pytest.mark.parametrize("ordered", [False, True], ids=["unordered", "ordered"])


def make(table: Table, *, ordered: bool = False) -> Ledger:
    """Make a ledger on a table in memory."""
    client: Any = table
    return Ledger("ledger", client, keep_days=90, ordered=ordered)


def request(holder: str, number: int = 1, **changed: Any) -> ClaimRequest:  # noqa: ANN401 - ClaimRequest's fields
    """Ask for the run of the event of that number, each about a subject of its own."""
    key = RunKey(subject=f"s3://outputs/{number}", function="f", identity=f"id-{number}")
    fields: dict[str, Any] = {"key": key, "payload_digest": "p", "sort_key": "5", "facts": {"id": "i"}}
    return ClaimRequest(holder=holder, **(fields | changed))


def requests(holder: str, count: int) -> list[ClaimRequest]:
    """Ask for the runs of that many events."""
    return [request(f"{holder}{number}", number) for number in range(count)]


def claim(book: Ledger, *asked: ClaimRequest, lease_ms: int = LEASE_MS) -> list[ClaimStatus]:
    """Claim; return the rulings."""
    return [result.status for result in book.claim(asked, lease_ms)]


def settle(book: Ledger, results: list[ClaimResult], outcome: Outcome = DONE) -> list[str]:
    """Settle all with one outcome."""
    return list(book.settle([(result, outcome) for result in results]))


@pytest.mark.parametrize(
    ("ordered", "claims", "settles", "duplicates"), [(False, 1, 1, 2), (True, 2, 2, 1)], ids=["unordered", "ordered"]
)
def test_round_trips(ordered: bool, claims: int, settles: int, duplicates: int) -> None:  # noqa: FBT001 - parametrized
    """Ten first-time events take two round trips, ten duplicates two; with an order four and one."""
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
    """A run costs two write units, at most four with an order: every statement writes an item of at most 1 KB."""
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
    """Return an item's size as DynamoDB counts it ("Item sizes and formats", Amazon DynamoDB Developer Guide)."""

    def of(kind: str, value: str) -> int:
        return len(value) // 2 + 1 if kind == "N" else len(value.encode())

    return sum(len(name) + of(*next(iter(value.items()))) for name, value in item.items())


@both
def test_one_of_two_workers_wins(ordered: bool) -> None:  # noqa: FBT001 - parametrized
    """The loser learns until when the winner may work."""
    book = make(Table(), ordered=ordered)
    assert claim(book, request("a")) == [ClaimStatus.CLAIM]
    (result,) = book.claim([request("b")], LEASE_MS)
    assert result.status is ClaimStatus.BUSY
    assert result.lease_end > 0


@both
def test_workers_that_read_the_same_row_do_not_both_win(ordered: bool) -> None:  # noqa: FBT001 - parametrized
    """A claim is guarded by what was read: what changed in between refuses it."""
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
    """Botocore sends the call again: the row that then looks busy names us, and the attempt counts once."""
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
    """Let every batch of statements take effect and then be sent again, as after a lost answer."""
    once = table.batch_execute_statement

    def again(**call: Any) -> dict[str, Any]:  # noqa: ANN401 - boto3's keywords
        once(**call)
        return once(**call)

    table.batch_execute_statement = again  # type: ignore[method-assign] # the fault


@both
def test_a_half_answer_is_asked_again(ordered: bool) -> None:  # noqa: FBT001 - parametrized
    """Statements that DynamoDB throttled or did not answer are sent again, alone."""
    table = Table()
    book = make(table, ordered=ordered)
    answers = half_answering(table)
    results = book.claim(requests("a", 10), LEASE_MS)
    assert {result.status for result in results} <= {ClaimStatus.CLAIM, ClaimStatus.ALREADY_OURS}
    assert settle(book, results) == [""] * 10
    assert next(answers) > 2
    assert len([key for key in table.items if "newest" not in key[1]]) == 10


def half_answering(table: Table) -> Iterator[int]:
    """Let the first answer of all be cut short, and the second name a throttled statement."""
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
    """Only what DynamoDB would not take is paused for: a batch that went well never sleeps."""
    monkeypatch.setattr(time, "sleep", pytest.fail)
    book = make(Table(), ordered=ordered)
    assert settle(book, book.claim(requests("a", 30), LEASE_MS)) == [""] * 30


def test_what_stays_throttled_is_undecided() -> None:
    """The others of the batch are claimed; nobody runs what could not be claimed."""
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


@both
def test_only_the_holder_settles(ordered: bool) -> None:  # noqa: FBT001 - parametrized
    """A worker that lost its run to another cannot write over what the other decides."""
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
    """An attempt that never began is given back."""
    book = make(Table(), ordered=ordered)
    released = Outcome(decision=Decision.RETRYING, reason="not begun", released=True)
    settle(book, book.claim([request("a")], LEASE_MS), released)
    (result,) = book.claim([request("b")], LEASE_MS)
    assert result.claim
    assert result.claim.attempt == 1


@both
@pytest.mark.parametrize("decision", [Decision.REJECTED, Decision.DEAD, Decision.LATE])
def test_a_dead_letter_reopens_its_run_once(ordered: bool, decision: Decision) -> None:  # noqa: FBT001 - parametrized
    """A redriven message carries the generation it was buried with: it claims afresh, its copy is a duplicate."""
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
    assert claim(book, request("f", generation=2)) == [ClaimStatus.DUPLICATE], "what was processed is never reopened"


@both
def test_a_dead_letter_whose_row_has_expired_runs(ordered: bool) -> None:  # noqa: FBT001 - parametrized
    """It goes on counting where it was, so that a limit of redrives holds."""
    (result,) = make(Table(), ordered=ordered).claim([request("a", generation=4)], LEASE_MS)
    assert result.claim
    assert (result.claim.attempt, result.claim.generation) == (1, 5)


@both
@pytest.mark.parametrize("earlier", [DONE, LATER, None], ids=["processed", "retrying", "running"])
def test_the_same_id_with_other_content_is_not_the_same_event(ordered: bool, earlier: Outcome | None) -> None:  # noqa: FBT001 - parametrized
    """Whatever became of the first, the second is neither a duplicate nor may it take the first one's place."""
    book = make(Table(), ordered=ordered)
    results = book.claim([request("a")], LEASE_MS if earlier else -5_000)
    if earlier:
        settle(book, results, earlier)
    assert claim(book, request("b", payload_digest="other")) == [ClaimStatus.ID_REUSED]


@both
@given(st.integers(1, 6))
def test_copies_in_one_batch_are_one_run(ordered: bool, copies: int) -> None:  # noqa: FBT001 - parametrized
    """One copy is claimed, whichever it is; the others wait for it."""
    book = make(Table(), ordered=ordered)
    rulings = claim(book, *(request(f"a{number}") for number in range(copies)))
    assert sorted(rulings) == sorted([ClaimStatus.CLAIM] + [ClaimStatus.SAME_BATCH] * (copies - 1))


def test_the_newest_of_a_batch_goes_first() -> None:
    """With an order it is the highest sequence of a subject that is claimed."""
    book = make(Table(), ordered=True)
    ranks = ["3", "9", "5"]
    asked = [request(rank, sort_key=rank, key=RunKey(subject="s", function="f", identity=rank)) for rank in ranks]
    assert claim(book, *asked) == [ClaimStatus.SAME_BATCH, ClaimStatus.CLAIM, ClaimStatus.SAME_BATCH]


def test_a_table_that_cannot_be_reached_claims_nothing() -> None:
    """The error gets out, for the caller to leave all messages where they are."""
    table = Table()

    def fail(**_: Any) -> dict[str, Any]:  # noqa: ANN401 - boto3's keywords
        raise lost_reply()

    table.batch_execute_statement = fail  # type: ignore[method-assign] # the fault
    with pytest.raises(type(lost_reply())):
        make(table).claim(requests("a", 3), LEASE_MS)


def test_keys_keep_functions_subjects_events_and_replays_apart() -> None:
    """No part of a key can take the place of another."""
    keys = [
        RunKey(subject="s", function="f", identity="i"),
        RunKey(subject="s", function="f", identity="j"),
        RunKey(subject="s", function="g", identity="i"),
        RunKey(subject="t", function="f", identity="i"),
        RunKey(subject="s", function="f", identity="i", replay="r"),
    ]
    assert len({(key.subject, key.sk) for key in keys}) == len({key.digest for key in keys}) == len(keys)


def test_a_step_is_guarded_by_the_same_table(world: World) -> None:
    """`@idempotent_function` takes the ledger as its store; its rows stand apart from the run's."""
    calls = []
    ledger().claim([request("a", key=RunKey(subject="s3://b/k", function="f", identity="1"))], LEASE_MS)

    config = IdempotencyConfig(expires_after_seconds=60, lambda_context=cast("LambdaContext", Context()))

    @idempotent_function(  # type: ignore[untyped-decorator] # Powertools types it as Any
        data_keyword_argument="order",
        persistence_store=step_store(config),
        config=config,
    )
    def charge(*, order: str) -> str:
        calls.append(order)
        return f"charged {order}"

    assert [charge(order="7"), charge(order="7"), charge(order="8")] == ["charged 7", "charged 7", "charged 8"]
    assert calls == ["7", "8"]
    assert sorted(row["pk"].split("/")[0] for row in world.rows()) == ["s3:", "step", "step"]
    assert world.rows("s3://b/k")[0]["decision"] == "running"


@pytest.mark.parametrize("first", ["step", "notice"])
def test_a_step_and_a_notice_are_kept_as_each_is_configured(world: World, first: str) -> None:
    """Powertools configures a store once: whichever came first would decide for the other by what it is known."""
    context = cast("LambdaContext", Context())
    checked = IdempotencyConfig(event_key_jmespath="id", payload_validation_jmespath="pence", expires_after_seconds=60)
    checked.register_lambda_context(context)

    @idempotent_function(  # type: ignore[untyped-decorator] # Powertools types it as Any
        data_keyword_argument="order", persistence_store=step_store(checked), config=checked, key_prefix="charge"
    )
    def charge(*, order: dict[str, int]) -> int:
        return order["pence"]

    def tell() -> None:
        notice = {"run": "r", "ordinal": 0, "topic": settings.resource("topic", "notices"), "title": "t"}
        for text in ("told", "told in other words"):
            notices.send_notice(notice | {"text": text}, context)

    acts = [lambda: charge(order={"id": 7, "pence": 1}), tell]
    for act in acts if first == "step" else reversed(acts):
        act()
    rows = {row["pk"].split("/")[1].split("#")[0]: row for row in world.rows()}
    days = {name: (int(row["expiration"]) - time.time()) / 86_400 for name, row in rows.items()}
    assert days == {"charge": pytest.approx(0, abs=0.01), "notice": pytest.approx(90, abs=0.01)}
    assert [name for name, row in rows.items() if row.get("validation")] == ["charge"]
    assert len(world.notices()) == 1
