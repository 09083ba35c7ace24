"""The table of what the row says and what is done: claim and settle, against moto's DynamoDB."""

from typing import TYPE_CHECKING, Any, cast

import pytest
from aws_lambda_powertools.utilities.idempotency import IdempotencyConfig, idempotent_function

from functions.runtime import ledger as ledgers
from functions.runtime.errors import BusyError, LostClaimError
from functions.runtime.ledger import Claim, Decision, Outcome, RunKey, ledger
from tests.unit.runtime.conftest import Context, World

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

KEY = RunKey(subject="s3://b/k", function="f", identity="1")
DONE = Outcome(decision=Decision.PROCESSED, reason="done")


def claim(holder: str, *, lease_ms: int = 60_000, generation: int | None = None) -> Claim | None:
    """Claim the one key of these tests."""
    return ledger().claim(KEY, facts={"id": "1"}, holder=holder, lease_ms=lease_ms, generation=generation)


def taken(holder: str, **options: Any) -> Claim:  # noqa: ANN401 - claim's
    """Claim it where that must succeed."""
    result = claim(holder, **options)
    assert result is not None
    return result


def test_the_first_claims_and_the_second_finds_it_busy(world: World) -> None:
    """One conditional write has one winner; the loser learns who holds the run and until when."""
    assert taken("a").attempt == 1
    with pytest.raises(BusyError, match="held by a") as busy:
        claim("b")
    assert busy.value.lease_end > ledgers.now_ms()
    (row,) = world.rows()
    assert (row["status"], row["decision"], row["holder"], row["attempt"]) == ("INPROGRESS", "running", "a", 1)


def test_a_claim_whose_reply_was_lost_is_still_ours(world: World) -> None:  # noqa: ARG001 - the fixture is the AWS
    """A request is sent again when its answer is lost: the row that looks busy names us."""
    taken("a")
    again = taken("a")
    assert (again.holder, again.attempt) == ("a", 1)


def test_a_lapsed_lease_is_taken_over_and_counts_an_attempt(world: World) -> None:  # noqa: ARG001 - the fixture is the AWS
    """A worker that died leaves a lease; after its end the next attempt begins."""
    taken("a", lease_ms=-5_000)
    assert taken("b").attempt == 2


@pytest.mark.parametrize("decision", [Decision.PROCESSED, Decision.REJECTED, Decision.DEAD])
def test_a_decided_run_is_a_duplicate(world: World, decision: Decision) -> None:
    """What was settled is not claimed again, however it ended."""
    ledger().settle(taken("a"), Outcome(decision=decision, reason="because"))
    assert claim("b") is None
    (row,) = world.rows()
    assert (row["status"], row["decision"], row["reason"]) == ("COMPLETED", decision, "because")


def test_a_retrying_run_is_free_at_once(world: World) -> None:  # noqa: ARG001 - the fixture is the AWS
    """The backoff lies in the queue; the row is open to whoever gets the message next."""
    ledger().settle(taken("a"), Outcome(decision=Decision.RETRYING, reason="later"))
    assert taken("b").attempt == 2


def test_only_the_holder_settles(world: World) -> None:
    """A worker that lost its run to another cannot overwrite what the other decides."""
    slow = taken("a", lease_ms=-5_000)
    taken("b")
    with pytest.raises(LostClaimError):
        ledger().settle(slow, DONE)
    assert world.rows()[0]["decision"] == "running"


@pytest.mark.parametrize("decision", [Decision.REJECTED, Decision.DEAD])
def test_a_dead_letter_reopens_its_run_once(world: World, decision: Decision) -> None:  # noqa: ARG001 - the fixture is the AWS
    """A redriven message carries the generation it was buried with: it claims afresh, its copy is a duplicate."""
    ledger().settle(taken("a"), Outcome(decision=decision, reason="because"))
    redriven = taken("b", generation=0)
    assert (redriven.attempt, redriven.generation) == (1, 1)
    ledger().settle(redriven, DONE)
    assert claim("c", generation=0) is None
    assert claim("c", generation=1) is None, "what was processed is never reopened"


def test_a_redrive_of_a_forgotten_run_is_a_first_run(world: World) -> None:  # noqa: ARG001 - the fixture is the AWS
    """Where the row has expired, the dead letter still runs."""
    assert taken("a", generation=4).attempt == 1


def test_keys_keep_functions_subjects_and_events_apart() -> None:
    """No part of a key can take the place of another."""
    keys = [
        RunKey(subject="s", function="f", identity="i"),
        RunKey(subject="s", function="f", identity="j"),
        RunKey(subject="s", function="g", identity="i"),
        RunKey(subject="t", function="f", identity="i"),
    ]
    assert len({str(key.row) for key in keys}) == len({key.digest for key in keys}) == len(keys)


def test_a_step_is_guarded_by_the_same_table(world: World) -> None:
    """`@idempotent_function` takes the ledger as its store; its rows stand apart from the run's."""
    calls = []
    taken("a")

    @idempotent_function(  # type: ignore[untyped-decorator] # Powertools types it as Any
        data_keyword_argument="order",
        persistence_store=ledger(),
        config=IdempotencyConfig(expires_after_seconds=60, lambda_context=cast("LambdaContext", Context())),
    )
    def charge(*, order: str) -> str:
        calls.append(order)
        return f"charged {order}"

    assert [charge(order="7"), charge(order="7"), charge(order="8")] == ["charged 7", "charged 7", "charged 8"]
    assert calls == ["7", "8"]
    assert sorted(row["pk"].split("/")[0] for row in world.rows()) == ["s3:", "step", "step"]
    assert world.rows("s3://b/k")[0]["decision"] == "running"
