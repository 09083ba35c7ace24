"""The ledger: one row per run, claimed before the handler starts and settled after it ends.

It is a Powertools persistence layer over the idempotency table, so `@idempotent_function` can guard a step inside a
run. A row's `status` holds only Powertools' words (INPROGRESS, COMPLETED); Herald's word is in `decision`.
"""

import hashlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import cache
from typing import Any, Final, cast

from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from functions.runtime import aws
from functions.runtime.errors import BusyError, LostClaimError
from functions.runtime.event import Event
from functions.runtime.settings import settings

# A row outlives all that can bring its event again: 14 days in the queue and 14 in the dead-letter queue, and then
# leaves an investigator a month.
KEEP_SECONDS: Final = 60 * 24 * 3600
CLOCK_SKEW_MS: Final = 1_000


class Decision(StrEnum):
    """What was decided for one event and one function."""

    RUNNING = "running"
    PROCESSED = "processed"
    DUPLICATE = "duplicate"
    RETRYING = "retrying"
    REJECTED = "rejected"
    DEAD = "dead"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunKey:
    """What a run is known by: the subject, the function, and what tells one event of the subject from another."""

    subject: str
    function: str
    identity: str

    @classmethod
    def of(cls, event: Event, function: str) -> "RunKey":
        """Key the run of one function on one event; an event id is unique only within its source."""
        return cls(subject=event.subject, function=function, identity=f"{event.source}\n{event.id}")

    @property
    def digest(self) -> str:
        """The whole key as 64 hexadecimal digits, from which the ids of effects are derived."""
        return _sha256(f"{self.subject}\n{self.function}\n{self.identity}")

    @property
    def row(self) -> dict[str, Any]:
        """The key of the row; the identity is hashed because a sort key holds 1,024 bytes at most."""
        return {"pk": {"S": self.subject}, "sk": {"S": f"{self.function}#{_sha256(self.identity)}"}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The right to act on a run until its lease ends; `first_at` is its first claim, in ms since the epoch."""

    key: RunKey
    holder: str
    attempt: int
    generation: int
    first_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How an attempt ended: `reason` is a sentence, `error` the class raised, `effects` what the run caused."""

    decision: Decision
    reason: str
    error: str | None = None
    correlation_id: str | None = None
    cause: Mapping[str, Any] | None = None
    effects: Sequence[Mapping[str, Any]] = ()
    effects_omitted: int = 0
    duration_ms: int = 0


@dataclass(frozen=True, slots=True)
class Taking:
    """One way to take a row: when it may be taken, what that does to its counters, and the values both mention."""

    condition: str
    attempt: str
    generation: str
    values: Mapping[str, Any]


FIRST_OR_LAPSED = Taking(
    "attribute_not_exists(pk) OR (#status = :inprogress AND in_progress_expiration < :now)",
    attempt="if_not_exists(attempt, :zero) + :one",
    generation="if_not_exists(generation, :zero)",
    values={":zero": 0},
)
REDRIVEN = Taking(
    "#status = :completed AND decision IN (:rejected, :dead) AND generation = :generation",
    attempt=":one",
    generation="generation + :one",
    values={":completed": "COMPLETED", ":rejected": Decision.REJECTED, ":dead": Decision.DEAD},
)
TAKE = """SET #status = :inprogress, decision = :running, holder = :holder, in_progress_expiration = :lease,
    expiration = :expiration, facts = :facts, claimed_at = :now, first_at = if_not_exists(first_at, :now),
    attempt = {attempt}, generation = {generation}"""
SETTLE = """SET #status = :status, decision = :decision, in_progress_expiration = :zero, expiration = :expiration,
    reason = :reason, error_class = :error, correlation_id = :correlation_id, cause = :cause, effects = :effects,
    effects_omitted = :effects_omitted, duration_ms = :duration_ms, settled_at = :now"""


class Ledger(DynamoDBPersistenceLayer):
    """Claims and settles runs with one conditional write each."""

    def __init__(self, table: str) -> None:
        """Keep the rows in the table of that name."""
        super().__init__(table, key_attr="pk", sort_key_attr="sk", boto3_client=aws.dynamodb())

    def claim(
        self, key: RunKey, *, facts: Mapping[str, Any], holder: str, lease_ms: int, generation: int | None = None
    ) -> Claim | None:
        """Take the run for `lease_ms`; None when it is decided already, BusyError while another holds it.

        `holder` is unique to this delivery: a row that names it is ours, even where the reply to our claim was lost.
        `generation` is what a dead letter carries; it reopens the run that was settled with it, once.
        """
        now = now_ms()
        values = {":facts": facts, ":holder": holder, ":now": now, ":lease": now + lease_ms + CLOCK_SKEW_MS}
        row = self._take(key, REDRIVEN, {**values, ":generation": generation}) if generation is not None else {}
        if row.get("holder") != holder:
            row = self._take(key, FIRST_OR_LAPSED, values)
        if row["holder"] == holder:
            counters = {name: int(row[name]) for name in ("attempt", "generation", "first_at")}
            return Claim(key=key, holder=holder, **counters)
        if row["status"] == "COMPLETED":
            return None
        raise BusyError(row["holder"], int(row["in_progress_expiration"]))

    def settle(self, claim: Claim, outcome: Outcome) -> None:
        """Write down how the attempt ended; LostClaimError when the run is no longer ours.

        A run that will be tried again stays INPROGRESS with a lease of 0, which anyone may take.
        """
        status = "INPROGRESS" if outcome.decision is Decision.RETRYING else "COMPLETED"
        values = asdict(outcome) | {"status": status, "zero": 0, "holder": claim.holder, "now": now_ms()}
        try:
            self._update(claim.key, SETTLE, "holder = :holder", {f":{name}": value for name, value in values.items()})
        except self.client.exceptions.ConditionalCheckFailedException as refusal:
            raise LostClaimError(claim.holder) from refusal

    def _take(self, key: RunKey, how: Taking, values: Mapping[str, Any]) -> dict[str, Any]:
        """Try one way; return the row as it is afterwards, whoever holds it."""
        update = TAKE.format(attempt=how.attempt, generation=how.generation)
        words = {":inprogress": "INPROGRESS", ":running": Decision.RUNNING, ":one": 1}
        try:
            return self._update(key, update, how.condition, {**words, **how.values, **values})
        except self.client.exceptions.ConditionalCheckFailedException as refusal:
            return _plain(cast("dict[str, Any]", refusal.response).get("Item", {}))

    def _update(self, key: RunKey, update: str, condition: str, values: Mapping[str, Any]) -> dict[str, Any]:
        wire = TypeSerializer()
        expiration = now_ms() // 1000 + KEEP_SECONDS
        reply = self.client.update_item(
            TableName=self.table_name,
            Key=key.row,
            UpdateExpression=update,
            ConditionExpression=condition,
            ExpressionAttributeNames={"#status": "status"},
            ExpressionAttributeValues={
                name: wire.serialize(value) for name, value in {**values, ":expiration": expiration}.items()
            },
            ReturnValues="ALL_NEW",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
        return _plain(reply["Attributes"])

    def _get_key(self, idempotency_key: str) -> dict[str, Any]:
        """Give a step guarded by `@idempotent_function` a row of its own, apart from every run's."""
        return {"pk": {"S": f"step/{idempotency_key}"}, "sk": {"S": settings().function}}


@cache
def ledger() -> Ledger:
    """Return this function's ledger."""
    return Ledger(settings().ledger)


def now_ms() -> int:
    """Return the time in milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


def _plain(item: Mapping[str, Any]) -> dict[str, Any]:
    read = TypeDeserializer()
    return {name: read.deserialize(value) for name, value in item.items()}


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
