"""How the events of a declaration reach its function: rule → queue → function, and two ways out for what does not."""

from aws_cdk.aws_iam import PolicyStatement
from aws_cdk.aws_lambda import EventSourceMapping
from constructs import Construct

from infra.constructs import nag
from infra.constructs.environment import Environment
from infra.constructs.function import EventFunction
from infra.constructs.iot_rule import TopicRule
from infra.constructs.queue_intake import Intake
from infra.constructs.storage import BODIES, Storage
from infra.declarations import loader, naming
from infra.declarations.spec import FunctionSpec


class Delivery(Construct):
    """Rules (of EventBridge or AWS IoT), a queue, a dead-letter queue and the event source mapping of one function."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        spec: FunctionSpec,
        environment: Environment,
        storage: Storage,
        target: EventFunction,
    ) -> None:
        """Wire the function's events to it."""
        super().__init__(scope, construct_id)
        pattern = loader.resolve(dict(spec.trigger.pattern), storage.names)
        self.intake = Intake(
            self,
            "Intake",
            name=naming.physical(environment.name, spec.name),
            description=spec.description,
            patterns=dict.fromkeys(spec.buses, pattern),
            timeout_seconds=spec.timeout_seconds,
            environment=environment,
            storage=storage,
        )
        if spec.trigger.iot:
            TopicRule(
                self,
                "TopicRule",
                name=naming.physical(environment.name, spec.name),
                description=spec.description,
                trigger=spec.trigger.iot,
                queue=self.intake.queue,
                undelivered=storage.undelivered,
            )
        self._hand_to(target, spec)
        self._let_store_bodies(target, spec, storage)

    def _hand_to(self, target: EventFunction, spec: FunctionSpec) -> None:
        # With a maximum concurrency Lambda polls an idle queue with five pollers, without one with as few as two.
        # Source: "Configuring scaling behavior for SQS event source mappings", AWS Lambda Developer Guide.
        source = EventSourceMapping(
            self,
            "Mapping",
            target=target.function,
            event_source_arn=self.intake.queue.queue_arn,
            batch_size=spec.delivery.batch_size,
            max_concurrency=spec.delivery.max_concurrency or None,
            report_batch_item_failures=True,
        )
        nag.acknowledge(source, nag.EVENT_SOURCE)
        self.intake.queue.grant_consume_messages(target.role)
        self.intake.grant_bury(target.role)
        if spec.delivery.wakes:
            target.role.add_to_policy(
                PolicyStatement(actions=["sqs:SendMessage"], resources=[self.intake.queue.queue_arn])
            )
        target.function.add_environment("HERALD_QUEUE_URL", self.intake.queue.queue_url)
        target.function.add_environment("HERALD_DEAD_LETTER_URL", self.intake.dead_letters.queue_url)

    def _let_store_bodies(self, target: EventFunction, spec: FunctionSpec, storage: Storage) -> None:
        """Let it keep the body of a dead letter that is too large for a message, and read that when it is redriven."""
        prefix = f"{BODIES}{spec.first_name}/*"
        objects = storage.journal.arn_for_objects(prefix)
        target.role.add_to_policy(PolicyStatement(actions=["s3:PutObject", "s3:GetObject"], resources=[objects]))
        nag.acknowledge(target.role, nag.journal_prefix(storage, prefix, "Bodies are named by their digests."))
        target.function.add_environment("HERALD_DEAD_LETTER_BODIES", storage.journal.bucket_name)
