"""The ledger: runs are claimed before their handlers start and settled after they end, a whole batch at a time.

It is a Powertools persistence layer over the idempotency table, so `@idempotent_function` can guard a step inside a
run. A row's `status` holds only Powertools' words (INPROGRESS, COMPLETED); Herald's word is in `decision`.

What is done with a row is decided in rulings.py, what is written of it in writes.py. Here it is read and written: of
several workers one wins, and a lost answer does no harm.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer, IdempotencyConfig

from functions.runtime.core import aws, clock
from functions.runtime.core.errors import Transient
from functions.runtime.core.settings import settings
from functions.runtime.ledger import statements
from functions.runtime.ledger.claim_rules import counters, rule, rule_in_order
from functions.runtime.ledger.claims import Claim, ClaimRequest, ClaimResult, ClaimStatus, Outcome, Rows
from functions.runtime.ledger.writes import NOBODY, Writes, newest_key, run_key

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

LOST: Final = "another worker has taken the run over"
# A refused write is looked at again: once to learn what is there, and once more where that changed meanwhile.
LOOKS: Final = 3

type Slot = tuple[str, str]


class Ledger(DynamoDBPersistenceLayer):
    """Claims and settles runs; `ordered` lets the newest event of a subject win."""

    def __init__(self, table: str, client: "DynamoDBClient", *, keep_days: int, ordered: bool = False) -> None:
        """Keep the rows in the table of that name, each for that many days after its last write."""
        super().__init__(table, key_attr="pk", sort_key_attr="sk", boto3_client=client)
        self.ordered = ordered
        self._config: IdempotencyConfig | None = None
        self._writes = Writes(table=table, keep_days=keep_days, ordered=ordered)

    def configure(self, config: IdempotencyConfig, *args: Any, **options: Any) -> None:  # noqa: ANN401 - Powertools' own
        """Take the configuration of the step that comes, where it is another one than before.

        Powertools keeps the first one it is given: of a notice and a step of the handler's, whichever came first would
        decide by what and for how long the other is known.
        """
        if config is not self._config:
            self._config = config
            self.configured = self.payload_validation_enabled = False
        super().configure(config, *args, **options)

    def claim(self, requests: Sequence[ClaimRequest], lease_ms: int) -> list[ClaimResult]:
        """Rule on each request, and claim for `lease_ms` what may run; any error of DynamoDB means that nothing may.

        First-time events take one round trip, duplicates two; with an order two.
        """
        results: dict[str, ClaimResult] = {}
        open_ = sorted(requests, key=lambda each: each.sort_key or "", reverse=True)
        taken: dict[Slot, str] = {}
        for look in range(LOOKS):
            if not open_:
                break
            # Most events are new: without an order, the first look is the attempt to write.
            held = {} if look == 0 and not self.ordered else self._read(open_)
            ruled = [self._rule(request, held, taken) for request in open_]
            results |= {result.request.holder: result for result in ruled}
            open_ = self._take([each for each in ruled if each.status is ClaimStatus.CLAIM], lease_ms, results)
        for request in open_:
            results[request.holder] = ClaimResult(request=request, status=ClaimStatus.BUSY, lease_end=clock.now_ms())
        return [results[request.holder] for request in requests]

    def slot(self, request: ClaimRequest) -> Slot:
        """Return the key of the row that lets one worker at a time act on a request."""
        return request.key.subject, request.key.newest_sk if self.ordered else request.key.sk

    def settle(self, ended: Sequence[tuple[ClaimResult, Outcome]]) -> list[str]:
        """Write down how attempts ended; return for each "", or why it could not be written.

        A result without a claim is one that never had to run, and gets a row alone. Copies of one event in a batch are
        written once: what DynamoDB does with two statements on one item is not documented.
        """
        first: dict[Slot, int] = {}
        for place in sorted(range(len(ended)), key=lambda place: ended[place][0].claim is None):
            first.setdefault(_run_slot(ended[place][0]), place)
        faults = dict(zip(first, self._settle([ended[place] for place in first.values()]), strict=True))
        return [faults[_run_slot(result)] for result, _ in ended]

    def _settle(self, ended: Sequence[tuple[ClaimResult, Outcome]]) -> list[str]:
        """Settle different runs. With an order the subject's row is first: it fences a worker that lost its lease."""
        faults = [""] * len(ended)
        if self.ordered:
            places = [place for place, (result, _) in enumerate(ended) if result.claim]
            self._write([self._writes.settle_newest(*ended[place]) for place in places], places, faults, LOST)
        places = [place for place, fault in enumerate(faults) if not fault]
        # A row that is refused after that was written by us before, or by whoever came later and knows more.
        refused = statements.DONE if self.ordered else LOST
        self._write([self._writes.settle_run(*ended[place]) for place in places], places, faults, refused)
        return faults

    def remember(self, run: str, value: Mapping[str, Any]) -> dict[str, Any]:
        """Keep a value for a run, by its digest, unless one was kept before; return what is kept.

        It is an INSERT: of two attempts one wins, and one whose answer was lost finds its own.
        """
        key = {"pk": f"step/{run}", "sk": settings().first_name}
        row = key | {"status": "COMPLETED", "kept": value, "expiration": self._writes.expiration()}
        (code,) = statements.execute(self.client, [statements.insert(self.table_name, row)])
        if code == statements.DONE:
            return dict(value)
        if code not in statements.REFUSED:
            raise Transient(f"the ledger could not remember: {code}")
        (found,) = statements.get(self.client, self.table_name, [key]).values()
        kept: dict[str, Any] = found["kept"]
        return kept

    def _rule(self, request: ClaimRequest, held: Mapping[Slot, Any], taken: dict[Slot, str]) -> ClaimResult:
        """Rule on one request; `taken` says which holder of this batch goes first at a run, or a subject."""
        key, now = request.key, clock.now_ms()
        rows = Rows(
            run=held.get((key.subject, key.sk)),
            newest=held.get((key.subject, key.newest_sk)) if self.ordered else None,
        )
        status = rule_in_order(request, rows, now) if self.ordered else rule(request, rows.run, now)
        leader = (rows.newest if self.ordered else rows.run) or NOBODY
        # A newer event that is to be tried again holds its place longer than any lease.
        lease_end = max(int(leader["in_progress_expiration"]), int(leader.get("reserved", 0)))
        claim = None
        if status is ClaimStatus.CLAIM:
            first = taken.setdefault(self.slot(request), request.holder)
            status = status if first == request.holder else ClaimStatus.SAME_BATCH
        if status is ClaimStatus.CLAIM:
            claim = Claim(request=request, rows=rows, **counters(request, rows, now))
        if status is ClaimStatus.ALREADY_OURS:
            counted = {name: int(leader[name]) for name in ("attempt", "generation", "first_at")}
            claim = Claim(request=request, rows=rows, **counted)
        return ClaimResult(request=request, status=status, rows=rows, claim=claim, lease_end=lease_end)

    def _take(
        self, chosen: Sequence[ClaimResult], lease_ms: int, results: dict[str, ClaimResult]
    ) -> list[ClaimRequest]:
        """Write the claims; return the requests whose rows were not what they seemed."""
        claims = [each.claim for each in chosen if each.claim]
        write = self._writes.claim_newest if self.ordered else self._writes.claim_run
        wanted = [write(each, lease_ms) for each in claims]
        refused = []
        for claim, code in zip(claims, statements.execute(self.client, wanted), strict=True):
            if code in statements.REFUSED:
                refused.append(claim.request)
            elif code:
                results[claim.request.holder] = ClaimResult(request=claim.request, status=ClaimStatus.UNKNOWN)
        return refused

    def _write(
        self, wanted: Sequence[statements.Statement], places: Sequence[int], faults: list[str], refused: str
    ) -> None:
        for place, code in zip(places, statements.execute(self.client, wanted), strict=True):
            faults[place] = refused if code in statements.REFUSED else code

    def _read(self, requests: Sequence[ClaimRequest]) -> dict[Slot, dict[str, Any]]:
        keys = {tuple(run_key(each).values()): run_key(each) for each in requests}
        if self.ordered:
            keys |= {tuple(newest_key(each).values()): newest_key(each) for each in requests}
        return statements.get(self.client, self.table_name, list(keys.values()))

    def _get_key(self, idempotency_key: str) -> dict[str, Any]:
        """Give a step guarded by `@idempotent_function` a row of its own, apart from every run's."""
        return {"pk": {"S": f"step/{idempotency_key}"}, "sk": {"S": settings().first_name}}


def _run_slot(result: ClaimResult) -> Slot:
    """Return the key of a run's own row."""
    return result.request.key.subject, result.request.key.sk


@cache
def ledger() -> Ledger:
    """Return this function's ledger."""
    here = settings()
    return Ledger(here.ledger, aws.dynamodb(), keep_days=here.keep_days, ordered=here.ordered)
