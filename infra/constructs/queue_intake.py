"""How events come to a queue: rules that match them, and two ways out for what cannot be delivered or handled."""

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

# Lambda's event source mapping hands a message out again when its visibility ends: AWS's advice for queues that feed
# Lambda is six times the function's timeout.
VISIBILITY_PER_TIMEOUT: Final = 6
# The ledger counts attempts. SQS counts receives, which put-backs spend too: its limit only stops a message that
# nobody ever settles.
MAX_RECEIVES: Final = 1_000


class Intake(Construct):
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
        """Create it; `patterns` are by bus, `default` or `herald`, the timeout is that of the function behind."""
        super().__init__(scope, construct_id)
        self._environment, self._storage = environment, storage
        self.dead_letters = self._queue("DeadLetters", f"{name}-dead")
        nag.acknowledge(self.dead_letters, nag.DEAD_LETTERS)
        self.queue = self._queue(
            "Queue",
            name,
            visibility_timeout=Duration.seconds(VISIBILITY_PER_TIMEOUT * timeout_seconds),
            dead_letter_queue=DeadLetterQueue(queue=self.dead_letters, max_receive_count=MAX_RECEIVES),
        )
        rules = [self._rule(bus, name, description, pattern) for bus, pattern in patterns.items()]
        if rules:  # an IoT rule sends through a role instead
            self._admit(rules)

    def grant_bury(self, role: Role) -> None:
        """Let a role put messages into the dead-letter queue."""
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

    def _admit(self, rules: Sequence[CfnRule]) -> None:
        """Let the rules send to the queue, and create them only after the policy that says so.

        EventBridge does not retry a delivery that the queue's policy denies (Amazon EventBridge User Guide, "How
        EventBridge retries delivering events"), so a rule must not exist before the policy. The policy therefore
        builds the ARNs from the rules' names instead of referring to the rules.
        """
        admission = self.queue.add_to_resource_policy(
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
            rule.node.add_dependency(admission.policy_dependable)


def rule_arn(scope: Construct, rule: CfnRule) -> str:
    """Return the ARN of a rule by its name.

    Source: Service Authorization Reference, "Resource types defined by Amazon EventBridge": `rule/<name>` on the
    default bus, `rule/<bus>/<name>` on another.
    """
    on_default_bus = rule.event_bus_name == "default"
    name = str(rule.name) if on_default_bus else f"{rule.event_bus_name}/{rule.name}"
    return Stack.of(scope).format_arn(service="events", resource="rule", resource_name=name)
