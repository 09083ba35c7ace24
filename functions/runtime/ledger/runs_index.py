"""The index `runs` of the ledger's table: the settled runs by the hour in which they were settled.

The partition key `hour` is the UTC hour and one of 16 shards, such as `2026-11-28T11#a`; the sort key is `settled_at`.
The shard is the first hexadecimal digit of the SHA-256 digest of the event's id, so that the writes of a busy hour go
to 16 partitions, and a run can be found by the id of its event with one query for each hour.
"""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from functions.runtime.ledger.run_key import sha256

INDEX: Final = "runs"
SHARDS: Final = "0123456789abcdef"
HOUR_MS: Final = 3_600_000


def partition(settled_at: int, event_id: str) -> str:
    """Return the partition key of a run that was settled at a time in ms since the epoch."""
    return f"{hour(settled_at // HOUR_MS)}#{shard(event_id)}"


@lru_cache(maxsize=2)  # a worker settles runs of this hour; a reader formats few hours
def hour(number: int) -> str:
    """Return the name of an hour, which is numbered since the epoch."""
    return f"{datetime.fromtimestamp(number * 3_600, UTC):%Y-%m-%dT%H}"


def shard(event_id: str) -> str:
    """Return the shard of the runs of an event."""
    return sha256(event_id)[0]
