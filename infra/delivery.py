"""How the events of a declaration reach its function: rule → queue → function, and two ways out for what does not."""

from typing import Final

from aws_cdk import Duration, Stack
from aws_cdk.aws_events import CfnRule
from aws_cdk.aws_iam import PolicyStatement, ServicePrincipal
from aws_cdk.aws_lambda import EventSourceMapping
from aws_cdk.aws_sqs import DeadLetterQueue, Queue, QueueEncryption
from constructs import Construct

from infra import catalog, guards
from infra.environment import Environment
from infra.function import EventFunction
from infra.spec import FunctionSpec
from infra.storage import QUEUE_RETENTION, Storage

# The ledger counts attempts. SQS counts receives, which put-backs spend too: its limit only stops a message that
# nobody ever settles.
MAX_RECEIVES: Final = 1_000
VISIBILITY_PER_TIMEOUT: Final = 6  # AWS's advice for queues that feed Lambda


class Delivery(Construct):
    """Rules, a queue, a dead-letter queue and the event source mapping of one function."""

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
        self._name = f"herald-{environment.name}-{spec.name}"
        self._environment = environment
        self.dead_letters = self._queue("DeadLetters", f"{self._name}-dead")
        guards.acknowledge(self.dead_letters, guards.DEAD_LETTERS)
        self.queue = self._queue(
            "Queue",
            self._name,
            visibility_timeout=Duration.seconds(VISIBILITY_PER_TIMEOUT * spec.timeout_seconds),
            dead_letter_queue=DeadLetterQueue(queue=self.dead_letters, max_receive_count=MAX_RECEIVES),
        )
        self._add_rules(spec, storage)
        self._hand_to(target, spec)

    def _queue(self, construct_id: str, name: str, **options: object) -> Queue:
        return Queue(
            self,
            construct_id,
            queue_name=name,
            encryption=QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=QUEUE_RETENTION,
            removal_policy=self._environment.removal,
            **options,  # type: ignore[arg-type] # Queue's own keywords
        )

    def _add_rules(self, spec: FunctionSpec, storage: Storage) -> None:
        pattern = catalog.resolve(dict(spec.trigger.pattern), storage.names)
        buses = {"default": "default", "herald": storage.bus.event_bus_name}
        rules = [
            CfnRule(
                self,
                f"Rule{bus.capitalize()}",
                name=f"{self._name}-{bus}",
                description=spec.description,
                event_bus_name=buses[bus],
                event_pattern=pattern,
                targets=[
                    CfnRule.TargetProperty(
                        id="queue",
                        arn=self.queue.queue_arn,
                        dead_letter_config=CfnRule.DeadLetterConfigProperty(arn=storage.undelivered.queue_arn),
                    )
                ],
            )
            for bus in spec.buses
        ]
        self.queue.add_to_resource_policy(
            PolicyStatement(
                principals=[ServicePrincipal("events.amazonaws.com")],
                actions=["sqs:SendMessage"],
                resources=[self.queue.queue_arn],
                conditions={
                    "StringEquals": {"aws:SourceAccount": Stack.of(self).account},
                    "ArnEquals": {"aws:SourceArn": [rule.attr_arn for rule in rules]},
                },
            )
        )

    def _hand_to(self, target: EventFunction, spec: FunctionSpec) -> None:
        source = EventSourceMapping(
            self,
            "Mapping",
            target=target.function,
            event_source_arn=self.queue.queue_arn,
            batch_size=spec.delivery.batch_size,
            max_concurrency=spec.delivery.max_concurrency,
            report_batch_item_failures=True,
        )
        guards.acknowledge(source, guards.EVENT_SOURCE)
        self.queue.grant_consume_messages(target.role)
        target.function.add_environment("HERALD_QUEUE_URL", self.queue.queue_url)
        target.function.add_environment("HERALD_DEAD_LETTER_URL", self.dead_letters.queue_url)
        send = PolicyStatement(actions=["sqs:SendMessage"], resources=[self.dead_letters.queue_arn])
        target.role.add_to_policy(send)
