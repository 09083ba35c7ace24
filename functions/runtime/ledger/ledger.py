"""The ledger claims runs before their handlers start and settles them after they end, a whole batch at a time.

claim_rules.py decides about a request, writes.py builds the statements; the ledger reads and writes the table. Of
several workers that claim a run one succeeds, and a lost reply of DynamoDB does no harm.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Final, cast

from functions.runtime.core import aws, clock
from functions.runtime.core.errors import Transient
from functions.runtime.core.replies import SUCCEEDED, Replies
from functions.runtime.core.settings import settings
from functions.runtime.ledger import statements
from functions.runtime.ledger.claim_rules import claim_result
from functions.runtime.ledger.claims import Claim, ClaimRequest, ClaimResult, ClaimStatus
from functions.runtime.ledger.decisions import Outcome
from functions.runtime.ledger.rows import COMPLETED, NewestRow, Rows, RunRow
from functions.runtime.ledger.writes import Writes, newest_key, run_key

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

LEASE_LOST: Final = "another worker has taken the run over"
# If the write of a claim is refused, the request is judged again by the new row, and once more if that changes too.
ROUNDS: Final = 3

type Slot = tuple[str, str]
type Ended = tuple[ClaimResult, Outcome]


class Ledger:
    """Claims and settles runs in one table; `ordered` is for functions with `order = "newest"`."""

    def __init__(self, table: str, client: "DynamoDBClient", *, keep_days: int, ordered: bool = False) -> None:
        """Use the table with that name; each row is kept for `keep_days` after its last write."""
        self.client = client
        self.ordered = ordered
        self._table = table
        self._writes = Writes(table=table, keep_days=keep_days, ordered=ordered)

    def claim(self, requests: Sequence[ClaimRequest], lease_ms: int) -> list[ClaimResult]:
        """Return a result for each request; runs that may start are claimed for `lease_ms`.

        New events take one call of DynamoDB, duplicates two; with an order both take two. Any error of a call is
        raised, and then no run may start.
        """
        results: dict[str, ClaimResult] = {}
        waiting: Sequence[ClaimRequest] = sorted(requests, key=lambda each: each.sort_key or "", reverse=True)
        first_holders: dict[Slot, str] = {}
        for number in range(ROUNDS):
            if not waiting:
                break
            # Most events are new: without an order, the first round writes before it reads.
            found = {} if number == 0 and not self.ordered else self._read(waiting)
            judged = [self._judge(request, found, first_holders) for request in waiting]
            results |= {result.request.holder: result for result in judged}
            claims = [result.claim for result in judged if result.claim and result.status is ClaimStatus.CLAIM]
            replies = list(zip(claims, self._write(claims, lease_ms), strict=True))
            results |= {
                claim.request.holder: ClaimResult(request=claim.request, status=ClaimStatus.UNKNOWN)
                for claim, reply in replies
                if reply != SUCCEEDED
            }
            waiting = [claim.request for claim, reply in replies if reply in statements.REFUSED]
        for request in waiting:
            results[request.holder] = ClaimResult(request=request, status=ClaimStatus.BUSY, lease_end=clock.now_ms())
        return [results[request.holder] for request in requests]

    def slot(self, request: ClaimRequest) -> Slot:
        """Return the key of the row with the lease: the newest row for ordered functions, otherwise the run's."""
        return request.key.subject, request.key.newest_sk if self.ordered else request.key.sk

    def settle(self, ended: Sequence[Ended]) -> Replies:
        """Write how attempts ended; return for each SUCCEEDED or the reason why it is not written.

        A result without a claim is of an event that needs no run; it gets a row only. Copies of one event in a batch
        are written once: DynamoDB does not document two statements for one item in a batch.
        """
        runs: dict[Slot, Ended] = {}
        for each in sorted(ended, key=lambda each: each[0].claim is None):
            runs.setdefault(_run_slot(each[0]), each)
        # The newest row is first: its condition stops a worker that has lost its lease.
        reasons = self._settle_newest(runs) if self.ordered else {}
        reasons |= self._settle_runs({slot: each for slot, each in runs.items() if slot not in reasons})
        replies = Replies(len(ended), statements.NO_ANSWER)
        for place, (result, _) in enumerate(ended):
            replies.record(place, reasons[_run_slot(result)])
        return replies

    def remember_first(self, run: str, value: Mapping[str, Any]) -> dict[str, Any]:
        """Keep a value for a run, by the digest of its key; return the value that the first call for the run kept.

        An INSERT keeps it: of two attempts one succeeds, and an attempt that lost the reply finds its own value.
        """
        key = {"pk": f"step/{run}", "sk": settings().first_name}
        row = key | {"status": COMPLETED, "kept": value, "expiration": self._writes.expiration()}
        (reply,) = statements.execute(self.client, [statements.insert(self._table, row)])
        if reply == SUCCEEDED:
            return dict(value)
        if reply not in statements.REFUSED:
            raise Transient(f"the ledger could not remember: {reply}")
        (found,) = statements.get(self.client, self._table, [key]).values()
        kept: dict[str, Any] = found["kept"]
        return kept

    def _judge(
        self, request: ClaimRequest, found: Mapping[Slot, Mapping[str, Any]], first_holders: dict[Slot, str]
    ) -> ClaimResult:
        """Return the result by the rows that were found; of several requests for one slot, the first one may claim."""
        key = request.key
        rows = Rows(
            run=cast("RunRow | None", found.get((key.subject, key.sk))),
            newest=cast("NewestRow | None", found.get((key.subject, key.newest_sk)) if self.ordered else None),
        )
        result = claim_result(request, rows, clock.now_ms(), ordered=self.ordered)
        if result.status is not ClaimStatus.CLAIM:
            return result
        if first_holders.setdefault(self.slot(request), request.holder) == request.holder:
            return result
        return ClaimResult(request=request, status=ClaimStatus.SAME_BATCH, rows=rows, lease_end=result.lease_end)

    def _write(self, claims: Sequence[Claim], lease_ms: int) -> Replies:
        claim = self._writes.claim_newest if self.ordered else self._writes.claim_run
        return statements.execute(self.client, [claim(each, lease_ms) for each in claims])

    def _settle_newest(self, runs: Mapping[Slot, Ended]) -> dict[Slot, str]:
        """Settle the newest rows of runs with a claim; return the reasons of those that are not settled."""
        claimed = {slot: each for slot, each in runs.items() if each[0].claim}
        writes = [self._writes.settle_newest(*each) for each in claimed.values()]
        replies = zip(claimed, statements.execute(self.client, writes), strict=True)
        return {slot: _reason(reply, refused=LEASE_LOST) for slot, reply in replies if reply != SUCCEEDED}

    def _settle_runs(self, runs: Mapping[Slot, Ended]) -> dict[Slot, str]:
        """Settle the rows of runs; return the reply for each.

        With an order, a refused write needs no other: an earlier try of this worker wrote the row, or a later worker
        did.
        """
        writes = [self._writes.settle_run(*each) for each in runs.values()]
        refused = SUCCEEDED if self.ordered else LEASE_LOST
        replies = zip(runs, statements.execute(self.client, writes), strict=True)
        return {slot: _reason(reply, refused=refused) for slot, reply in replies}

    def _read(self, requests: Sequence[ClaimRequest]) -> dict[Slot, dict[str, Any]]:
        keys = {(each.key.subject, each.key.sk): run_key(each) for each in requests}
        if self.ordered:
            keys |= {(each.key.subject, each.key.newest_sk): newest_key(each) for each in requests}
        return statements.get(self.client, self._table, list(keys.values()))


def _run_slot(result: ClaimResult) -> Slot:
    """Return the key of the run's row."""
    return result.request.key.subject, result.request.key.sk


def _reason(reply: str, *, refused: str) -> str:
    return refused if reply in statements.REFUSED else reply


@cache
def ledger() -> Ledger:
    """Return the ledger of this function."""
    here = settings()
    return Ledger(here.ledger, aws.dynamodb(), keep_days=here.keep_days, ordered=here.ordered)
