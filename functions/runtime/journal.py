"""The journal: every event as a line of JSON, in objects by date and hour. It takes no part in the ledger.

Key: `events/<yyyy>/<mm>/<dd>/<hh>/<first time>-<digest>.jsonl`, in UTC, by the time of the event. A batch that is
delivered again in the same composition overwrites its object; readers tell other repetitions by the event's id.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.runtime import aws
from functions.runtime.settings import resource

type Entry = tuple[str, str, bytes]


def keep(batch: dict[str, Any], _context: LambdaContext) -> PartialItemFailureResponse:
    """Write a batch of events, one object for each hour they happened in; what is no event stays in the queue."""
    hours: dict[str, list[Entry]] = defaultdict(list)
    failures = []
    for record in batch["Records"]:
        try:
            event = json.loads(record["body"])
            when = datetime.fromisoformat(event["time"]).astimezone(UTC)
            line = _line(event)
        except (KeyError, TypeError, ValueError, OverflowError, RecursionError):
            failures.append(record["messageId"])
            continue
        hours[f"{when:%Y/%m/%d/%H}"].append((when.isoformat(), record["messageId"], line))
    for hour, entries in hours.items():
        _put(hour, sorted(entries))
    return {"batchItemFailures": [{"itemIdentifier": name} for name in failures]}


def _line(event: dict[str, Any]) -> bytes:
    """Return an event as one line, which reads as the same event."""
    try:
        return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:  # half a surrogate pair, for which UTF-8 has no bytes: it stays the escape that it was
        return json.dumps(event, separators=(",", ":")).encode()


def _put(hour: str, entries: Sequence[Entry]) -> None:
    digest = hashlib.sha256("\n".join(message_id for _, message_id, _ in entries).encode()).hexdigest()[:16]
    first = datetime.fromisoformat(entries[0][0])
    aws.s3().put_object(
        Bucket=resource("bucket", "journal"),
        Key=f"events/{hour}/{first:%Y%m%dT%H%M%S}-{digest}.jsonl",
        Body=b"".join(line + b"\n" for _, _, line in entries),
        ContentType="application/x-ndjson",
    )
