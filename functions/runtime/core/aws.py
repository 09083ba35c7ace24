"""AWS clients, created on first use and reused by later invocations of the execution environment."""

from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_events import EventBridgeClient
    from types_boto3_s3 import S3Client
    from types_boto3_sns import SNSClient
    from types_boto3_sqs import SQSClient

# The read timeout is far below any lease, so that a call that hangs fails while this worker still holds its claims.
# The service validates parameters itself; validating them here too takes a quarter of the CPU of a call. Composing
# botocore's own user agent, twice per call, takes another sixth. CloudTrail shows the user agent below.
CONFIG = Config(
    connect_timeout=3,
    read_timeout=10,
    retries={"mode": "standard"},
    parameter_validation=False,
    user_agent="herald",
)


@cache
def _client(service: str) -> Any:  # noqa: ANN401 - boto3 creates clients dynamically; the functions below have their types
    return boto3.client(service, config=CONFIG)  # type: ignore[call-overload] # the name is not a literal


def dynamodb() -> "DynamoDBClient":
    """Return the DynamoDB client."""
    return _client("dynamodb")  # type: ignore[no-any-return] # see _client


def events() -> "EventBridgeClient":
    """Return the EventBridge client."""
    return _client("events")  # type: ignore[no-any-return] # see _client


def s3() -> "S3Client":
    """Return the S3 client."""
    return _client("s3")  # type: ignore[no-any-return] # see _client


def sns() -> "SNSClient":
    """Return the SNS client."""
    return _client("sns")  # type: ignore[no-any-return] # see _client


def sqs() -> "SQSClient":
    """Return the SQS client."""
    return _client("sqs")  # type: ignore[no-any-return] # see _client
