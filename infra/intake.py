"""How events come to a queue: rules that match them, and two ways out for what cannot be delivered or handled."""

from collections.abc import Mapping
from typing import Any, Final

from aws_cdk import Duration, Stack
from aws_cdk.aws_cloudwatch import ComparisonOperator, TreatMissingData
from aws_cdk.aws_cloudwatch_actions import SnsAction
from aws_cdk.aws_events import CfnRule
from aws_cdk.aws_iam import PolicyStatement, Role, ServicePrincipal
from aws_cdk.aws_sqs import DeadLetterQueue, Queue, QueueEncryption
from constructs import Construct

from infra import guards
from infra.environment import Environment
from infra.storage import QUEUE_RETENTION, Storage

# Lambda's event source mapping hands a message out again when its visibility ends: AWS's advice for queues that feed
# Lambda is six times the function's timeout.
VISIBILITY_PER_TIMEOUT: Final = 6
# The ledger counts attempts. SQS counts receives, which put-backs spend too: its limit only stops a message that
# nobody ever settles.
MAX_RECEIVES: Final = 1_000
# What waits for the whole retention is deleted by SQS without a word: people hear of it when half is over.
ALARM_AGE: Final = Duration.days(QUEUE_RETENTION.to_days() / 2)


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
        guards.acknowledge(self.dead_letters, guards.DEAD_LETTERS)
        self.queue = self._queue(
            "Queue",
            name,
            visibility_timeout=Duration.seconds(VISIBILITY_PER_TIMEOUT * timeout_seconds),
            dead_letter_queue=DeadLetterQueue(queue=self.dead_letters, max_receive_count=MAX_RECEIVES),
        )
        for queue, kind in ((self.queue, "waiting"), (self.dead_letters, "dead-letters-waiting")):
            self._alarm(queue, f"{name}-{kind}")
        self._let_in([self._rule(bus, name, description, pattern) for bus, pattern in patterns.items()])

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

    def _alarm(self, queue: Queue, name: str) -> None:
        oldest = queue.metric_approximate_age_of_oldest_message(period=Duration.hours(1), statistic="Maximum")
        alarm = oldest.create_alarm(
            queue,
            "Alarm",
            alarm_name=name,
            alarm_description=f"A message has waited {ALARM_AGE.to_days():.0f} days; after twice that SQS deletes it.",
            threshold=ALARM_AGE.to_seconds(),
            evaluation_periods=1,
            comparison_operator=ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            treat_missing_data=TreatMissingData.NOT_BREACHING,
        )
        alarm.add_alarm_action(SnsAction(self._storage.notices))

    def _let_in(self, rules: list[CfnRule]) -> None:
        if not rules:
            return  # who sends instead has a role for it, in this account
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
