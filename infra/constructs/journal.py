"""The journal: rules that match every event, a queue, and a function that writes the events to a bucket in batches."""

from typing import Final

from aws_cdk import Duration
from aws_cdk.aws_iam import PolicyStatement
from aws_cdk.aws_lambda import EventSourceMapping, LayerVersion
from constructs import Construct

from functions.runtime.core import variables
from infra.constructs import bundle, nag
from infra.constructs.environment import Environment
from infra.constructs.queue_intake import QueueIntake
from infra.constructs.storage import EVENTS, Storage
from infra.constructs.traced_function import Program, TracedFunction
from infra.declarations import naming

TIMEOUT_SECONDS: Final = 60
MEMORY_MB: Final = 512
# Lambda invokes the function with 10,000 messages, the maximum, or with all messages of 30 seconds: one PutObject call
# stores thousands of events.
BATCH_SIZE: Final = 10_000
WINDOW_SECONDS: Final = 30
OBJECT_KEYS: Final = "The keys of events vary by time and content, so the grant has their common prefix."
# Without a maximum, one queue scales up to 1,250 concurrent invocations; the default quota of an account is 1,000. With
# a maximum, Lambda keeps three more pollers on an idle queue. Ten invocations are enough, because each takes thousands
# of events. Source: "Configuring scaling behavior for SQS event source mappings", AWS Lambda Developer Guide.
MAX_CONCURRENCY: Final = 10
DESCRIPTION: Final = "Store every event so that it can be shown and replayed."


class Journal(Construct):
    """Stores all events of the bus `herald` and the S3 events of the platform's buckets, by date and hour."""

    def __init__(
        self, scope: Construct, construct_id: str, *, environment: Environment, storage: Storage, layer: LayerVersion
    ) -> None:
        """Create the journal; its bucket is in Storage."""
        super().__init__(scope, construct_id)
        name = naming.physical(environment.name, "journal")
        self.intake = self._make_intake(name, environment, storage)
        program = _program(name, environment, storage)
        target = TracedFunction(self, "Function", program=program, environment=environment, layer=layer)
        nag.acknowledge(target.role, {storage.journal_wildcard(f"{EVENTS}*"): OBJECT_KEYS})
        source = EventSourceMapping(
            self,
            "Mapping",
            target=target.function,
            event_source_arn=self.intake.queue.queue_arn,
            batch_size=BATCH_SIZE,
            max_batching_window=Duration.seconds(WINDOW_SECONDS),
            max_concurrency=MAX_CONCURRENCY,
            report_batch_item_failures=True,
        )
        nag.acknowledge(source, nag.EVENT_SOURCE)
        self.intake.queue.grant_consume_messages(target.role)

    def _make_intake(self, name: str, environment: Environment, storage: Storage) -> QueueIntake:
        buckets = [address for resource, address in storage.names.items() if resource.startswith("bucket.")]
        return QueueIntake(
            self,
            "Intake",
            name=name,
            description=DESCRIPTION,
            patterns={
                "default": {"source": ["aws.s3"], "detail": {"bucket": {"name": buckets}}},
                "herald": {"source": [{"prefix": ""}]},
            },
            timeout_seconds=TIMEOUT_SECONDS,
            environment=environment,
            storage=storage,
        )


def _program(name: str, environment: Environment, storage: Storage) -> Program:
    """Return the function's program; its role can only put objects below events/."""
    objects = storage.journal.arn_for_objects(f"{EVENTS}*")
    return Program(
        name=name,
        description=DESCRIPTION,
        handler="functions.runtime.journal.keep",
        code=bundle.function_code(environment.architecture),
        timeout_seconds=TIMEOUT_SECONDS,
        memory_mb=MEMORY_MB,
        variables={variables.resource("bucket", "journal"): storage.journal.bucket_name},
        statements=[PolicyStatement(actions=["s3:PutObject"], resources=[objects])],
    )
