"""AWS clients, created on first use and kept for the lifetime of the execution environment."""

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

# The read timeout is far shorter than any lease, so a hung call fails while the run still holds its claim. The service
# validates parameters anyway; botocore's validation costs a quarter of the CPU time of a call. Composing botocore's
# user agent twice per call would cost another sixth; CloudTrail shows this one.
CONFIG = Config(
    connect_timeout=3,
    read_timeout=10,
    retries={"mode": "standard"},
    parameter_validation=False,
    user_agent="herald",
)


@cache
def _client(service: str) -> Any:  # noqa: ANN401 - boto3 creates clients dynamically; the functions below name their types
    return boto3.client(service, config=CONFIG)  # type: ignore[call-overload] # the name is not a literal here


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
