"""The journal: keeps every event as a line of JSON, in S3 objects by date and hour. It does not use the ledger.

Key: `events/<yyyy>/<mm>/<dd>/<hh>/<first time>-<digest>.<subjects>.jsonl`, in UTC, by the time of the event.
`<subjects>` is a filter of the subjects in the object (subject_filter.py): a listing shows which objects may contain a
subject. Objects of older versions, and of events that the runtime cannot read, have no filter. A batch that is
delivered again with the same messages overwrites its objects; readers recognize other repetitions by the event's id.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import batched
from typing import TYPE_CHECKING, Any, Final

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.runtime.core import aws, subject_filter
from functions.runtime.core.settings import resource
from functions.runtime.envelopes.envelope import parse

if TYPE_CHECKING:  # importing its package would add 30 ms to a cold start
    from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse

# The filter of this many subjects has 200 characters. File systems, which may hold a copy, allow 255 in a name.
EVENTS_PER_OBJECT: Final = 120

type Entry = tuple[str, str, bytes, str | None]


def keep(batch: dict[str, Any], _context: LambdaContext) -> "PartialItemFailureResponse":
    """Write a batch of events to objects, one hour in each; a message that is not an event stays in the queue."""
    hours: dict[tuple[str, bool], list[Entry]] = defaultdict(list)
    failures = []
    for record in batch["Records"]:
        try:
            event = json.loads(record["body"])
            when = datetime.fromisoformat(event["time"]).astimezone(UTC)
            line, subject = _line(event), _subject(record["body"])
        except (KeyError, TypeError, ValueError, OverflowError, RecursionError):
            failures.append(record["messageId"])
            continue
        # An event without a subject is in another object: in the same one, the others would have no filter.
        key = f"{when:%Y/%m/%d/%H}", subject is None
        hours[key].append((when.isoformat(), record["messageId"], line, subject))
    for (hour, _), entries in hours.items():
        for chunk in batched(sorted(entries), EVENTS_PER_OBJECT, strict=False):
            _put(hour, chunk)
    return {"batchItemFailures": [{"itemIdentifier": name} for name in failures]}


def _line(event: dict[str, Any]) -> bytes:
    """Return an event as one line of JSON, equal to the event when it is parsed."""
    try:
        return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:  # UTF-8 cannot encode half of a surrogate pair; it stays escaped
        return json.dumps(event, separators=(",", ":")).encode()


def _subject(body: str) -> str | None:
    """Return the subject by which readers find an event; None if the runtime cannot read the event."""
    try:
        return parse(body).subject
    except Exception:  # noqa: BLE001 - the journal keeps an event whatever error the parser raises
        return None


def _put(hour: str, entries: Sequence[Entry]) -> None:
    digest = hashlib.sha256("\n".join(message_id for _, message_id, _, _ in entries).encode()).hexdigest()[:16]
    first = datetime.fromisoformat(entries[0][0])
    subjects = {subject for _, _, _, subject in entries if subject is not None}
    index = f".{subject_filter.make(subjects)}" if subjects else ""
    aws.s3().put_object(
        Bucket=resource("bucket", "journal"),
        Key=f"events/{hour}/{first:%Y%m%dT%H%M%S}-{digest}{index}.jsonl",
        Body=b"".join(line + b"\n" for _, _, line, _ in entries),
        ContentType="application/x-ndjson",
    )
