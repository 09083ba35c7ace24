"""The journal: rules that catch every event, a queue, and a function that writes them to a bucket in large batches."""

from typing import Final

from aws_cdk import Duration
from aws_cdk.aws_iam import PolicyStatement
from aws_cdk.aws_lambda import EventSourceMapping, LayerVersion
from constructs import Construct

from infra.constructs import bundle, nag
from infra.constructs.environment import Environment
from infra.constructs.function import Program, TracedFunction
from infra.constructs.queue_intake import Intake
from infra.constructs.storage import EVENTS, Storage
from infra.declarations import naming

TIMEOUT_SECONDS: Final = 60
MEMORY_MB: Final = 512
# As many as Lambda hands over at once, or as come in half a minute: one put for thousands of events.
BATCH_SIZE: Final = 10_000
WINDOW_SECONDS: Final = 30
NAMES: Final = "Its objects are named by date, hour and content: the prefix is all of them."
# Without a maximum, one queue scales up to 1,250 concurrent invocations; an account has 1,000 by default. A maximum
# costs three more idle pollers. Ten are enough, for each takes thousands of events. Source: "Configuring scaling
# behavior for SQS event source mappings", AWS Lambda Developer Guide.
MAX_CONCURRENCY: Final = 10
DESCRIPTION: Final = "Keep every event, so that it can be shown and replayed."


class Journal(Construct):
    """Everything on the bus `herald`, and what S3 tells of our buckets, by date and hour."""

    def __init__(
        self, scope: Construct, construct_id: str, *, environment: Environment, storage: Storage, layer: LayerVersion
    ) -> None:
        """Create it; its bucket is part of the storage."""
        super().__init__(scope, construct_id)
        name = naming.physical(environment.name, "journal")
        buckets = [address for name, address in storage.names.items() if name.startswith("bucket.")]
        self.intake = Intake(
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
        target = TracedFunction(
            self, "Function", program=_program(name, environment, storage), environment=environment, layer=layer
        )
        nag.acknowledge(target.role, nag.journal_prefix(storage, f"{EVENTS}*", NAMES))
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


def _program(name: str, environment: Environment, storage: Storage) -> Program:
    """Describe the function, which may put objects under events/ and nothing else."""
    objects = storage.journal.arn_for_objects(f"{EVENTS}*")
    return Program(
        name=name,
        description=DESCRIPTION,
        handler="functions.runtime.journal.keep",
        code=bundle.function_code(environment.architecture),
        timeout_seconds=TIMEOUT_SECONDS,
        memory_mb=MEMORY_MB,
        variables={"HERALD_BUCKET_JOURNAL": storage.journal.bucket_name},
        statements=[PolicyStatement(actions=["s3:PutObject"], resources=[objects])],
    )
