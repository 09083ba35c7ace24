"""A function's surroundings in moto: its queues, the ledger, buckets, the bus and a topic somebody reads."""

import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from moto import mock_aws

from functions.runtime.batch.attempt import Handler
from functions.runtime.batch.record import Record
from functions.runtime.core import aws
from functions.runtime.ledger import ledger as ledgers
from functions.runtime.ledger import statements
from functions.runtime.run import contracts
from functions.runtime.sqs import entrypoint
from tests.partiql import answer
from tests.stage import CACHED, NO_CONTRACTS


class Context:
    """Lambda's context, as much as a function looks at."""

    function_name = "herald-test-f"
    aws_request_id = "request-1"

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        """Return the time an invocation has left."""
        return 30_000


@dataclass(frozen=True)
class World:
    """Sends messages through a handler as Lambda would, and shows what became of them."""

    queue: str
    dead_letter_queue: str
    bus_queue: str
    notice_queue: str
    returned: list[dict[str, Any]] = field(default_factory=list)

    def send(self, *bodies: str, attributes: Mapping[str, Any] | None = None) -> None:
        """Put messages into the function's queue."""
        for body in bodies:
            aws.sqs().send_message(QueueUrl=self.queue, MessageBody=body, MessageAttributes=dict(attributes or {}))

    def deliver(self, handle: Handler, *, request_id: str = "request-1") -> list[str]:
        """Hand everything visible in the queue to the handler as one batch; return the ids of what failed."""
        records = [_record(message) for message in self._receive(self.queue)]
        context: Any = Context()
        context.aws_request_id = request_id
        failures = entrypoint(handle)({"Records": records}, context)["batchItemFailures"]
        failed = [failure["itemIdentifier"] for failure in failures]
        self.returned[:] = [record for record in records if record["messageId"] in failed]
        for record in records:
            if record["messageId"] not in failed:
                aws.sqs().delete_message(QueueUrl=self.queue, ReceiptHandle=record["receiptHandle"])
        return [str(name) for name in failed]

    def waiting(self) -> int:
        """Return how many messages the queue still holds, visible or not."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        counts = aws.sqs().get_queue_attributes(QueueUrl=self.queue, AttributeNames=names)["Attributes"]  # type: ignore[arg-type] # names are literals
        return sum(map(int, counts.values()))

    def requeue(self) -> None:
        """Make what was put back visible now: copies take the place of messages whose delay runs."""
        for record in self.returned:
            aws.sqs().delete_message(QueueUrl=self.queue, ReceiptHandle=record["receiptHandle"])
            self.send(record["body"])

    def dead_letters(self) -> list[tuple[str, dict[str, Any]]]:
        """Return each dead letter's body and the attribute that says why it is there."""
        messages = self._receive(self.dead_letter_queue)
        return [(each["Body"], json.loads(each["MessageAttributes"]["herald"]["StringValue"])) for each in messages]

    def emitted(self) -> list[dict[str, Any]]:
        """Return the CloudEvents on the bus."""
        return [json.loads(message["Body"])["detail"] for message in self._receive(self.bus_queue)]

    def notices(self) -> list[dict[str, Any]]:
        """Return what the readers of the topic got."""
        return [json.loads(message["Body"]) for message in self._receive(self.notice_queue)]

    def rows(self, subject: str | None = None) -> list[dict[str, Any]]:
        """Return the ledger's rows, of one subject or all."""
        items = aws.dynamodb().scan(TableName="ledger")["Items"]
        rows = [statements.plain(item) for item in items]
        return [row for row in rows if subject in {None, row["pk"]}]

    @staticmethod
    def held_by(holder: str, body: str, *, lease_ms: int = 60_000) -> None:
        """Claim the run of a message for another worker."""
        request = Record.of({"messageId": holder, "body": body}, "other").request
        ledgers.ledger().claim([request.taken_over(alone=True)], lease_ms)

    @staticmethod
    def batch_execute_statement(**call: Any) -> dict[str, Any]:  # noqa: ANN401 - boto3's keywords
        """Run the ledger's PartiQL, which moto cannot, on moto's table."""
        client = aws.dynamodb()

        def load(key: tuple[str, str]) -> dict[str, Any] | None:
            return client.get_item(TableName="ledger", Key=_wire_key(key), ConsistentRead=True).get("Item")

        def store(item: dict[str, Any]) -> None:
            client.put_item(TableName="ledger", Item=item)

        return {"Responses": [answer(each, load, store) for each in call["Statements"]]}

    @staticmethod
    def _receive(url: str) -> list[Any]:
        reply = aws.sqs().receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"], AttributeNames=["All"]
        )
        return reply.get("Messages", [])


def _wire_key(key: tuple[str, str]) -> Any:  # noqa: ANN401 - DynamoDB's shape
    return {name: {"S": value} for name, value in zip(("pk", "sk"), key, strict=True)}


def _record(message: Mapping[str, Any]) -> dict[str, Any]:
    attributes = message.get("MessageAttributes", {})
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message["Attributes"],
        "messageAttributes": {
            name: {"stringValue": value["StringValue"], "dataType": value["DataType"]}
            for name, value in attributes.items()
        },
        "eventSource": "aws:sqs",
    }


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Make a fresh AWS with everything one function needs."""
    for cached in CACHED:
        cached.cache_clear()
    # A logger keeps the stdout of the test that made it.
    logging.Logger.manager.loggerDict.pop("f", None)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)  # moto lets calls to an endpoint of somebody's own pass
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with mock_aws():
        built = _build()
        surroundings = {
            "FUNCTION": "f",
            "ENVIRONMENT": "test",
            "LEDGER": "ledger",
            "QUEUE_URL": built.queue,
            "DEAD_LETTER_URL": built.dead_letter_queue,
            "BUS": "herald-test",
            "MAX_ATTEMPTS": "3",
            "BASE_SECONDS": "2",
            "CAP_SECONDS": "900",
            "MAX_AGE_SECONDS": "0",
            "FAIR": "false",
            "ORDER": "none",
            "KEEP_DAYS": "90",
            "BUCKET_OUTPUTS": "outputs-bucket",
            "BUCKET_ARTIFACTS": "artifacts-bucket",
            "TOPIC_NOTICES": aws.sns().list_topics()["Topics"][0]["TopicArn"],
        }
        for name, value in surroundings.items():
            monkeypatch.setenv(f"HERALD_{name}", value)
        monkeypatch.setattr(contracts, "EVENTS", NO_CONTRACTS)
        monkeypatch.setattr(aws.dynamodb(), "batch_execute_statement", built.batch_execute_statement)
        yield built


def _build() -> World:
    # The runtime's own clients: making others would cost each test a second.
    sqs, sns, s3, events = aws.sqs(), aws.sns(), aws.s3(), aws.events()
    urls = [sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("f", "f-dead", "bus", "notices")]
    arns = [f"arn:aws:sqs:eu-west-1:123456789012:{name}" for name in ("bus", "notices")]
    events.create_event_bus(Name="herald-test")
    events.put_rule(Name="all", EventBusName="herald-test", EventPattern='{"source": [{"prefix": ""}]}')
    events.put_targets(Rule="all", EventBusName="herald-test", Targets=[{"Id": "q", "Arn": arns[0]}])
    topic = sns.create_topic(Name="notices")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arns[1])
    for bucket in ("outputs-bucket", "artifacts-bucket"):
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    aws.dynamodb().create_table(
        TableName="ledger",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
    )
    return World(urls[0], urls[1], urls[2], urls[3])
