"""Rules that send events to a queue, with dead-letter queues for failed deliveries and for failed messages."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from aws_cdk import Duration, Stack
from aws_cdk.aws_events import CfnRule
from aws_cdk.aws_iam import PolicyStatement, Role, ServicePrincipal
from aws_cdk.aws_sqs import DeadLetterQueue, Queue, QueueEncryption
from constructs import Construct

from infra.constructs import nag
from infra.constructs.environment import Environment
from infra.constructs.resources import MESSAGE_BYTES
from infra.constructs.storage import QUEUE_RETENTION, Storage

# A message becomes visible again when its visibility timeout ends. AWS recommends at least six times the function's
# timeout. Source: "Creating and configuring an Amazon SQS event source mapping", AWS Lambda Developer Guide.
VISIBILITY_PER_TIMEOUT: Final = 6
# The ledger counts attempts. SQS counts receives, also those of messages that a batch returned to the queue without an
# attempt. This limit therefore only stops a message that is never settled.
MAX_RECEIVES: Final = 1_000


class QueueIntake(Construct):
    """A queue, its dead-letter queue, and one rule for each bus whose events it takes."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        description: str,
        patterns: Mapping[str, Mapping[str, Any]],
        timeout_seconds: int,
        environment: Environment,
        storage: Storage,
    ) -> None:
        """Create the rules and queues; `patterns` has a pattern for each bus, `default` or `herald`.

        `timeout_seconds` is the timeout of the function that reads the queue.
        """
        super().__init__(scope, construct_id)
        self._environment = environment
        self._storage = storage
        self.dead_letters = self._queue("DeadLetters", f"{name}-dead")
        nag.acknowledge(self.dead_letters, nag.DEAD_LETTERS)
        self.queue = self._queue(
            "Queue",
            name,
            visibility_timeout=Duration.seconds(VISIBILITY_PER_TIMEOUT * timeout_seconds),
            dead_letter_queue=DeadLetterQueue(queue=self.dead_letters, max_receive_count=MAX_RECEIVES),
        )
        rules = [self._rule(bus, name, description, pattern) for bus, pattern in patterns.items()]
        if rules:  # a rule of AWS IoT sends with a role instead
            self._allow(rules)

    def grant_dead_letter(self, role: Role) -> None:
        """Allow a role to send messages to the dead-letter queue."""
        role.add_to_policy(PolicyStatement(actions=["sqs:SendMessage"], resources=[self.dead_letters.queue_arn]))

    def _queue(self, construct_id: str, name: str, **options: object) -> Queue:
        return Queue(
            self,
            construct_id,
            queue_name=name,
            encryption=QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=QUEUE_RETENTION,
            max_message_size_bytes=MESSAGE_BYTES,
            removal_policy=self._environment.removal,
            **options,  # type: ignore[arg-type] # Queue's own keywords
        )

    def _rule(self, bus: str, name: str, description: str, pattern: Mapping[str, Any]) -> CfnRule:
        undelivered = CfnRule.DeadLetterConfigProperty(arn=self._storage.undelivered.queue_arn)
        return CfnRule(
            self,
            f"Rule{bus.capitalize()}",
            name=f"{name}-{bus}",
            description=description,
            event_bus_name=self._storage.bus.event_bus_name if bus == "herald" else bus,
            event_pattern=pattern,
            targets=[
                CfnRule.TargetProperty(id="queue", arn=self.queue.queue_arn, dead_letter_config=undelivered),
            ],
        )

    def _allow(self, rules: Sequence[CfnRule]) -> None:
        """Allow the rules to send to the queue, and create them after the policy that allows it.

        EventBridge does not retry a delivery that the queue's policy denies (Amazon EventBridge User Guide, "How
        EventBridge retries delivering events"), so a rule must not exist before the policy. The policy therefore
        contains ARNs made from the names of the rules instead of references to them.
        """
        added = self.queue.add_to_resource_policy(
            PolicyStatement(
                principals=[ServicePrincipal("events.amazonaws.com")],
                actions=["sqs:SendMessage"],
                resources=[self.queue.queue_arn],
                conditions={
                    "StringEquals": {"aws:SourceAccount": Stack.of(self).account},
                    "ArnEquals": {"aws:SourceArn": [rule_arn(self, rule) for rule in rules]},
                },
            )
        )
        for rule in rules:
            rule.node.add_dependency(added.policy_dependable)


def rule_arn(scope: Construct, rule: CfnRule) -> str:
    """Return the ARN of a rule, made from its name.

    Source: Service Authorization Reference, "Resource types defined by Amazon EventBridge": `rule/<name>` on the
    default bus, `rule/<bus>/<name>` on another.
    """
    on_default_bus = rule.event_bus_name == "default"
    name = str(rule.name) if on_default_bus else f"{rule.event_bus_name}/{rule.name}"
    return Stack.of(scope).format_arn(service="events", resource="rule", resource_name=name)
