"""The ledger: runs are claimed before their handlers start and settled after they end, a whole batch at a time.

It is a Powertools persistence layer over the idempotency table, so `@idempotent_function` can guard a step inside a
run. A row's `status` holds only Powertools' words (INPROGRESS, COMPLETED); Herald's word is in `decision`.

What is done with a row is decided in states.py. Here it is read and written: every write is guarded by what was read,
so that of several workers one wins, and every write may be repeated, so that a lost answer does no harm.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer

from functions.runtime import aws, clock, statements
from functions.runtime.errors import Transient
from functions.runtime.settings import settings
from functions.runtime.states import (
    RESERVED_MS,
    Claim,
    Decision,
    Outcome,
    Request,
    Rows,
    Ruling,
    Verdict,
    counters,
    rule,
    rule_in_order,
)

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

LOST: Final = "another worker has taken the run over"
CLOCK_SKEW_MS: Final = 1_000
# A refused write is looked at again: once to learn what is there, and once more where that changed meanwhile.
LOOKS: Final = 3

type Slot = tuple[str, str]

NOBODY: Final[Mapping[str, Any]] = {"claimed": "", "done": "", "in_progress_expiration": 0}


class Ledger(DynamoDBPersistenceLayer):
    """Claims and settles runs; `ordered` lets the newest event of a subject win."""

    def __init__(self, table: str, client: "DynamoDBClient", *, keep_days: int, ordered: bool = False) -> None:
        """Keep the rows in the table of that name, each for that many days after its last write."""
        super().__init__(table, key_attr="pk", sort_key_attr="sk", boto3_client=client)
        self.ordered = ordered
        self._keep_days = keep_days

    def claim(self, requests: Sequence[Request], lease_ms: int) -> list[Verdict]:
        """Rule on each request, and claim for `lease_ms` what may run; any error of DynamoDB means that nothing may.

        First-time events take one round trip, duplicates two; with an order two.
        """
        verdicts: dict[str, Verdict] = {}
        open_ = sorted(requests, key=lambda each: each.rank or "", reverse=True)
        taken: dict[Slot, str] = {}
        for look in range(LOOKS):
            if not open_:
                break
            # Most events are new: without an order, the first look is the attempt to write.
            held = {} if look == 0 and not self.ordered else self._read(open_)
            ruled = [self._rule(request, held, taken) for request in open_]
            verdicts |= {verdict.request.holder: verdict for verdict in ruled}
            open_ = self._take([each for each in ruled if each.ruling is Ruling.CLAIM], lease_ms, verdicts)
        for request in open_:
            verdicts[request.holder] = Verdict(request=request, ruling=Ruling.BUSY, lease_end=clock.now_ms())
        return [verdicts[request.holder] for request in requests]

    def slot(self, request: Request) -> Slot:
        """Return the key of the row that lets one worker at a time act on a request."""
        return request.key.subject, request.key.latest_sk if self.ordered else request.key.sk

    def settle(self, ended: Sequence[tuple[Verdict, Outcome]]) -> list[str]:
        """Write down how attempts ended; return for each "", or why it could not be written.

        A verdict without a claim is one that never had to run, and gets a row alone.

        With an order the subject's row is settled first: it is the one that fences a worker that lost its lease.
        """
        faults = [""] * len(ended)
        if self.ordered:
            places = [place for place, (verdict, _) in enumerate(ended) if verdict.claim]
            self._write([self._settle_latest(*ended[place]) for place in places], places, faults, LOST)
        places = [place for place, fault in enumerate(faults) if not fault]
        # A row that is refused after that was written by us before, or by whoever came later and knows more.
        refused = statements.DONE if self.ordered else LOST
        self._write([self._settle_run(*ended[place]) for place in places], places, faults, refused)
        return faults

    def remember(self, run: str, value: Mapping[str, Any]) -> dict[str, Any]:
        """Keep a value for a run, by its digest, unless one was kept before; return what is kept.

        It is an INSERT: of two attempts one wins, and one whose answer was lost finds its own.
        """
        key = {"pk": f"step/{run}", "sk": settings().first_name}
        row = key | {"status": "COMPLETED", "kept": value, "expiration": self._expiration()}
        (code,) = statements.execute(self.client, [statements.insert(self.table_name, row)])
        if code == statements.DONE:
            return dict(value)
        if code not in statements.REFUSED:
            message = f"the ledger could not remember: {code}"
            raise Transient(message)
        (found,) = statements.get(self.client, self.table_name, [key]).values()
        kept: dict[str, Any] = found["kept"]
        return kept

    def _rule(self, request: Request, held: Mapping[Slot, Any], taken: dict[Slot, str]) -> Verdict:
        """Rule on one request; `taken` says which holder of this batch goes first at a run, or a subject."""
        key, now = request.key, clock.now_ms()
        rows = Rows(
            run=held.get((key.subject, key.sk)),
            latest=held.get((key.subject, key.latest_sk)) if self.ordered else None,
        )
        ruling = rule_in_order(request, rows, now) if self.ordered else rule(request, rows.run, now)
        leader = (rows.latest if self.ordered else rows.run) or NOBODY
        # A newer event that is to be tried again holds its place longer than any lease.
        lease_end = max(int(leader["in_progress_expiration"]), int(leader.get("reserved", 0)))
        claim = None
        if ruling is Ruling.CLAIM:
            first = taken.setdefault(self.slot(request), request.holder)
            ruling = ruling if first == request.holder else Ruling.TWIN
        if ruling is Ruling.CLAIM:
            claim = Claim(request=request, rows=rows, **counters(request, rows, now))
        if ruling is Ruling.OURS:
            counted = {name: int(leader[name]) for name in ("attempt", "generation", "first_at")}
            claim = Claim(request=request, rows=rows, **counted)
        return Verdict(request=request, ruling=ruling, rows=rows, claim=claim, lease_end=lease_end)

    def _take(self, chosen: Sequence[Verdict], lease_ms: int, verdicts: dict[str, Verdict]) -> list[Request]:
        """Write the claims; return the requests whose rows were not what they seemed."""
        claims = [each.claim for each in chosen if each.claim]
        write = self._claim_latest if self.ordered else self._claim_run
        wanted = [write(each, lease_ms) for each in claims]
        refused = []
        for claim, code in zip(claims, statements.execute(self.client, wanted), strict=True):
            if code in statements.REFUSED:
                refused.append(claim.request)
            elif code:
                verdicts[claim.request.holder] = Verdict(request=claim.request, ruling=Ruling.UNDECIDED)
        return refused

    def _claim_run(self, claim: Claim, lease_ms: int) -> statements.Statement:
        row, values = claim.rows.run, self._held(claim, lease_ms)
        values |= {"status": "INPROGRESS", "decision": Decision.RUNNING, "expiration": self._expiration()}
        if row is None:
            facts = {"facts": claim.request.facts, "replay": claim.request.replay}
            return statements.insert(self.table_name, _run_key(claim.request) | values | facts)
        return statements.update(self.table_name, _run_key(claim.request), values, _unchanged(row))

    def _claim_latest(self, claim: Claim, lease_ms: int) -> statements.Statement:
        values = self._held(claim, lease_ms) | {"claimed": claim.request.rank, "run": claim.key.sk}
        values["reserved"] = values["in_progress_expiration"] + RESERVED_MS
        latest = claim.rows.latest
        if latest is None:
            return statements.insert(self.table_name, _latest_key(claim.request) | {"done": ""} | values)
        return statements.update(self.table_name, _latest_key(claim.request), values, _unchanged(latest))

    @staticmethod
    def _held(claim: Claim, lease_ms: int) -> dict[str, Any]:
        now = clock.now_ms()
        return {
            "holder": claim.request.holder,
            "payload": claim.request.payload,
            "in_progress_expiration": now + lease_ms + CLOCK_SKEW_MS,
            "attempt": claim.attempt,
            "generation": claim.generation,
            "first_at": claim.first_at,
            "claimed_at": now,
        }

    def _settle_latest(self, verdict: Verdict, outcome: Outcome) -> statements.Statement:
        """Move `done` to what was processed; what will be tried again keeps its place, what never will gives it up."""
        request = verdict.request
        values: dict[str, Any] = {"in_progress_expiration": 0, "attempt": _attempt(verdict, outcome)}
        if outcome.decision is Decision.PROCESSED:
            values |= {"done": request.rank, "done_run": request.key.sk, "state": outcome.state}
            values["previous"] = outcome.previous
        elif outcome.decision is Decision.RETRYING:
            values["reserved"] = clock.now_ms() + RESERVED_MS
        else:
            values["claimed"] = (verdict.rows.latest or NOBODY)["done"]
        return statements.update(self.table_name, _latest_key(request), values, {"holder": request.holder})

    def _settle_run(self, verdict: Verdict, outcome: Outcome) -> statements.Statement:
        request, row, claim = verdict.request, verdict.rows.run, verdict.claim
        values = self._settled(verdict, outcome)
        if not self.ordered:
            return statements.update(self.table_name, _run_key(request), values, {"holder": request.holder})
        values |= {
            "holder": request.holder,
            "payload": request.payload,
            "facts": request.facts,
            "generation": claim.generation if claim else int((row or {}).get("generation", 0)),
            "first_at": claim.first_at if claim else clock.now_ms(),
            "replay": request.replay,
        }
        if row is None:
            return statements.insert(self.table_name, _run_key(request) | values)
        return statements.update(self.table_name, _run_key(request), values, _unchanged(row))

    def _settled(self, verdict: Verdict, outcome: Outcome) -> dict[str, Any]:
        values = {
            "status": "INPROGRESS" if outcome.decision is Decision.RETRYING else "COMPLETED",
            "decision": outcome.decision,
            "in_progress_expiration": 0,
            "expiration": self._expiration(),
            "attempt": _attempt(verdict, outcome),
            "reason": outcome.reason,
            "error_class": outcome.error,
            "correlation_id": outcome.correlation_id,
            "cause": outcome.cause,
            "effects": [_brief(effect, verdict.request) for effect in outcome.effects],
            "effects_omitted": outcome.effects_omitted,
            "duration_ms": outcome.duration_ms,
            "settled_at": clock.now_ms(),
        }
        if _attempt(verdict, outcome) > 1 or verdict.rows.run:
            return values  # what an earlier attempt said is written over
        needed = {"in_progress_expiration", "attempt"}
        return {name: value for name, value in values.items() if value or name in needed}

    def _expiration(self) -> int:
        return clock.now_ms() // 1_000 + self._keep_days * 86_400

    def _write(
        self, wanted: Sequence[statements.Statement], places: Sequence[int], faults: list[str], refused: str
    ) -> None:
        for place, code in zip(places, statements.execute(self.client, wanted), strict=True):
            faults[place] = refused if code in statements.REFUSED else code

    def _read(self, requests: Sequence[Request]) -> dict[Slot, dict[str, Any]]:
        keys = {tuple(_run_key(each).values()): _run_key(each) for each in requests}
        if self.ordered:
            keys |= {tuple(_latest_key(each).values()): _latest_key(each) for each in requests}
        return statements.get(self.client, self.table_name, list(keys.values()))

    def _get_key(self, idempotency_key: str) -> dict[str, Any]:
        """Give a step guarded by `@idempotent_function` a row of its own, apart from every run's."""
        return {"pk": {"S": f"step/{idempotency_key}"}, "sk": {"S": settings().first_name}}


@cache
def ledger() -> Ledger:
    """Return this function's ledger."""
    here = settings()
    return Ledger(here.ledger, aws.dynamodb(), keep_days=here.keep_days, ordered=here.ordered)


def _brief(effect: Mapping[str, Any], request: Request) -> dict[str, Any]:
    """Leave out what says nothing, and a subject that is the row's: a row over 1 KB costs a second write unit."""
    same = {"subject": request.key.subject}
    return {name: value for name, value in effect.items() if value is not None and (name, value) not in same.items()}


def _attempt(verdict: Verdict, outcome: Outcome) -> int:
    attempt = verdict.claim.attempt if verdict.claim else 0
    return attempt - outcome.released


def _unchanged(row: Mapping[str, Any]) -> dict[str, Any]:
    """Expect the row as it was read: a holder claims a row once, so these two tell all its states apart."""
    return {name: row[name] for name in ("holder", "in_progress_expiration")}


def _run_key(request: Request) -> dict[str, Any]:
    return {"pk": request.key.subject, "sk": request.key.sk}


def _latest_key(request: Request) -> dict[str, Any]:
    return {"pk": request.key.subject, "sk": request.key.latest_sk}
