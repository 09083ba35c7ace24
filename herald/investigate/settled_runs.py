"""Lists settled runs, newest first, by the index `runs` of the ledger: by hour and shard, never by a scan.

An hour has 16 shards, which are read at a time. A run enters the index when it is settled; a row from before the index
existed is not in it. The index is eventually consistent ("Using Global Secondary Indexes in DynamoDB", Amazon DynamoDB
Developer Guide).
"""

import heapq
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import batched, chain
from typing import Any, Final

from functions.runtime.core import clock
from functions.runtime.ledger import runs_index, statements
from functions.runtime.ledger.decisions import DEAD_LETTERED, Decision
from functions.runtime.ledger.runs_index import HOUR_MS
from herald.deployment.deployment import Deployment
from herald.investigate.history import Row

FAILED: Final = (Decision.RETRYING, *sorted(DEAD_LETTERED))
PAGE: Final = 8  # runs of one query of a shard, at least; the runs of an hour are spread over the shards evenly
READERS: Final = 8  # queries at a time: botocore keeps ten connections


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Selects runs; `function` is the first name of a function. Without any field it selects all runs."""

    function: str | None = None
    decision: str | None = None
    failed: bool = False
    event_id: str | None = None
    correlation_id: str | None = None

    @property
    def shards(self) -> str:
        """The shards that may have the runs: the runs of one event are in one shard."""
        return runs_index.shard(self.event_id) if self.event_id else runs_index.SHARDS

    def filter(self) -> tuple[list[str], dict[str, str]]:
        """Return the conditions of a FilterExpression and their values."""
        found: list[str] = []
        values: dict[str, str] = {}
        if self.function:
            found.append("(begins_with(sk, :run) OR begins_with(sk, :replay))")
            values |= {":run": f"{self.function}#", ":replay": f"{self.function}@"}
        if self.decision:
            found.append("decision = :decision")
            values[":decision"] = self.decision
        if self.failed:
            names = {f":failed{number}": str(each) for number, each in enumerate(FAILED)}
            found.append(f"decision IN ({', '.join(names)})")
            values |= names
        if self.event_id:
            found.append("contains(facts, :event_id)")
            values[":event_id"] = f'"id":{statements.to_json(self.event_id)}'  # in the JSON of the facts
        if self.correlation_id:
            found.append("correlation_id = :correlation_id")
            values[":correlation_id"] = self.correlation_id
        return found, values


def settled(deployment: Deployment, wanted: Wanted, since: int, limit: int, until: int | None = None) -> Iterator[Row]:
    """Yield the runs that were settled from `since` to `until` (ms), newest first; None is now.

    `limit` is how many the caller reads.
    """
    hour = min(clock.now_ms(), until or sys.maxsize) // HOUR_MS
    hours = range(hour, since // HOUR_MS - 1, -1)
    period = since, until or (hour + 1) * HOUR_MS
    with ThreadPoolExecutor(READERS) as pool:
        for group in batched(hours, READERS if wanted.event_id else 1, strict=False):
            partitions = [f"{runs_index.hour(hour)}#{shard}" for hour in group for shard in wanted.shards]
            shards = [_shard(deployment, wanted, partition, period, limit) for partition in partitions]
            begun = pool.map(_begin, shards)
            yield from heapq.merge(*begun, key=lambda row: row["settled_at"], reverse=True)


def with_reasons(deployment: Deployment, rows: Sequence[Row]) -> list[Row]:
    """Return rows of the index with the attributes of their rows in the table, such as the reason."""
    keys = [{"pk": row["pk"], "sk": row["sk"]} for row in rows]
    found = statements.get(deployment.client("dynamodb"), deployment.outputs["Ledger"], keys)
    return [{**row, "reason": found.get((row["pk"], row["sk"]), {}).get("reason")} for row in rows]


def _begin(shard: Iterator[Row]) -> Iterator[Row]:
    """Read a shard until it has a run, so that several shards are read at a time; return all of its runs."""
    first = next(shard, None)
    return chain([first], shard) if first else iter(())


def _shard(
    deployment: Deployment, wanted: Wanted, partition: str, period: tuple[int, int], limit: int
) -> Iterator[Row]:
    conditions, values = wanted.filter()
    query: dict[str, Any] = {
        "TableName": deployment.outputs["Ledger"],
        "IndexName": runs_index.INDEX,
        "KeyConditionExpression": "#hour = :hour AND settled_at BETWEEN :since AND :until",
        "ExpressionAttributeNames": {"#hour": "hour"},  # a reserved word
        "ExpressionAttributeValues": _values({":hour": partition, **values})
        | {":since": {"N": str(period[0])}, ":until": {"N": str(period[1])}},
        "ScanIndexForward": False,
    }
    query |= (
        {"FilterExpression": " AND ".join(conditions)}
        if conditions
        else {"Limit": max(PAGE, 2 * limit // len(runs_index.SHARDS))}
    )
    for page in deployment.client("dynamodb").get_paginator("query").paginate(**query):
        yield from map(statements.plain, page["Items"])


def _values(texts: Mapping[str, str]) -> dict[str, Any]:
    return {name: {"S": text} for name, text in texts.items()}
