"""A run that failed, and its dead letter."""

import json
from typing import Any

from herald.deployment import queues
from herald.deployment.deployment import Deployment
from tests.unit.herald.investigate.installation import journalled, now_ms, settled, totalled

LETTER = {
    "reason": "no answer within 10 s",
    "error": "TimeoutError",
    "function": "book",
    "correlation_id": "c1",
    "subject": "invoice/7",
    "decision": "dead",
    "attempts": 5,
    "generation": 0,
    "first_at": 1,
    "last_at": 2,
}


def dead_letter(deployment: Deployment, **more: Any) -> None:  # noqa: ANN401 - JSON
    """Put a dead letter into the queue of `book`."""
    attribute = {"herald": {"DataType": "String", "StringValue": json.dumps(LETTER | more)}}
    message = {"MessageBody": json.dumps(LETTER | more), "MessageAttributes": attribute}
    queues.post(deployment.client("sqs"), deployment.queues["book"]["dead_letters"], [message])


def failed_run(deployment: Deployment) -> None:
    """Put a failed run of `book` on the event of the journal into the ledger, and its log line."""
    totalled(deployment)
    journalled(deployment, 5)
    more: dict[str, Any] = {"decision": "dead", "reason": "no answer within 10 s", "correlation_id": "c1"}
    settled(deployment, "invoice/7", "book", {"id": "e7", "type": "invoice.totalled"}, **more)
    logs, group = deployment.client("logs"), "/aws/lambda/herald-dev-book"
    logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName="s")
    events = [{"timestamp": now_ms(), "message": f'{{"event_id": "{each}", "n": 1}}'} for each in ("e7", "e8")]
    logs.put_log_events(logGroupName=group, logStreamName="s", logEvents=events)
