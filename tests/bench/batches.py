"""Batches of events, Lambda's context, and a stub of the network, for the comparison with stock Powertools."""

import json
import uuid
from collections.abc import Iterator, Mapping
from typing import Any, Final

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.httpsession import URLLib3Session

from tests.events import body, object_created

BATCH: Final = 10
TABLE: Final = "bench"

type Batch = dict[str, Any]


def records() -> Batch:
    """Return a batch of new events, in the format of Lambda."""
    made = [
        {
            "messageId": str(uuid.uuid4()),
            "receiptHandle": "r",
            "body": body(object_created(f"reports/{uuid.uuid4()}.xml")),
            "attributes": {"ApproximateReceiveCount": "1"},
            "messageAttributes": {},
            "eventSource": "aws:sqs",
        }
        for _ in range(BATCH)
    ]
    return {"Records": made}


class Context:
    """The fields of Lambda's context that Herald and Powertools read."""

    function_name = "bench"

    def __init__(self) -> None:
        """Start an invocation."""
        self.aws_request_id = str(uuid.uuid4())

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        """Return the remaining time of the invocation in ms."""
        return 30_000


def check(answer: Mapping[str, Any]) -> None:
    """Expect that no record failed: failures would look fast."""
    assert answer == {"batchItemFailures": []}, answer


class Content:
    """A response body for botocore."""

    def __init__(self, content: bytes) -> None:
        """Keep the content."""
        self.content = content

    def stream(self) -> Iterator[bytes]:
        """Yield the content."""
        yield self.content


def answer(_session: URLLib3Session, request: AWSPreparedRequest) -> AWSResponse:
    """Answer like DynamoDB after success, without a network."""
    operation = str(request.headers["X-Amz-Target"])
    reply: dict[str, Any] = {}
    if "BatchExecuteStatement" in operation:
        reply = {"Responses": [{"TableName": TABLE}] * BATCH}
    if "BatchGetItem" in operation:
        reply = {"Responses": {TABLE: []}, "UnprocessedKeys": {}}
    headers: Any = {"Content-Type": "application/x-amz-json-1.0"}
    return AWSResponse(request.url, 200, headers, Content(json.dumps(reply).encode()))
