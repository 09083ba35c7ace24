"""The trigger of a function with a queue: rule → queue → event source mapping → function."""

from aws_cdk.aws_iam import PolicyStatement
from aws_cdk.aws_lambda import EventSourceMapping
from constructs import Construct

from functions.runtime.core import variables
from infra.constructs import nag
from infra.constructs.environment import Environment
from infra.constructs.event_function import EventFunction
from infra.constructs.iot_rule import IotRule
from infra.constructs.queue_intake import QueueIntake
from infra.constructs.storage import BODIES, Storage
from infra.declarations import loader, naming
from infra.declarations.spec import FunctionSpec, IotTrigger


class QueueTrigger(Construct):
    """The rules (of EventBridge or AWS IoT), queues and event source mapping of one function."""

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
        """Create the trigger of the function `target`."""
        super().__init__(scope, construct_id)
        name = naming.physical(environment.name, spec.name)
        self.intake = QueueIntake(
            self,
            "Intake",
            name=name,
            description=spec.description,
            patterns=dict.fromkeys(spec.buses, loader.resolve(dict(spec.trigger.pattern), storage.names)),
            timeout_seconds=spec.timeout_seconds,
            environment=environment,
            storage=storage,
        )
        if spec.trigger.iot:
            self._add_iot_rule(name, spec, spec.trigger.iot, storage)
        self._map(target, spec)
        self._grant_queues(target, spec)
        self._grant_bodies(target, spec, storage)

    def _add_iot_rule(self, name: str, spec: FunctionSpec, trigger: IotTrigger, storage: Storage) -> None:
        # With another id, CloudFormation would create a second rule of the same name first, which fails.
        IotRule(
            self,
            "TopicRule",
            name=name,
            description=spec.description,
            trigger=trigger,
            queue=self.intake.queue,
            undelivered=storage.undelivered,
        )

    def _map(self, target: EventFunction, spec: FunctionSpec) -> None:
        # Lambda polls an idle queue with five pollers if there is a maximum concurrency, otherwise with as few as two.
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

    def _grant_queues(self, target: EventFunction, spec: FunctionSpec) -> None:
        self.intake.queue.grant_consume_messages(target.role)
        self.intake.grant_dead_letter(target.role)
        if spec.delivery.wakes:
            target.role.add_to_policy(
                PolicyStatement(actions=["sqs:SendMessage"], resources=[self.intake.queue.queue_arn])
            )
        target.function.add_environment(variables.QUEUE_URL, self.intake.queue.queue_url)
        target.function.add_environment(variables.DEAD_LETTER_URL, self.intake.dead_letters.queue_url)

    def _grant_bodies(self, target: EventFunction, spec: FunctionSpec, storage: Storage) -> None:
        """Allow the function to store bodies of dead letters that exceed a message, and to read them when redriven."""
        prefix = f"{BODIES}{spec.first_name}/*"
        objects = storage.journal.arn_for_objects(prefix)
        target.role.add_to_policy(PolicyStatement(actions=["s3:PutObject", "s3:GetObject"], resources=[objects]))
        reason = "The key of a body contains its digest, so the grant has the prefix of the function's bodies."
        nag.acknowledge(target.role, {storage.journal_wildcard(prefix): reason})
        target.function.add_environment(variables.DEAD_LETTER_BODIES, storage.journal.bucket_name)
