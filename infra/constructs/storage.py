"""The stateful resources: the platform's resources, the bucket of the journal, the bus, the ledger, `undelivered`."""

from typing import TYPE_CHECKING, Final, cast

from aws_cdk import CfnOutput, Duration, Stack
from aws_cdk.aws_dynamodb import (
    Attribute,
    AttributeType,
    BillingMode,
    PointInTimeRecoverySpecification,
    ProjectionType,
    Table,
)
from aws_cdk.aws_events import EventBus
from aws_cdk.aws_iam import PolicyStatement, ServicePrincipal
from aws_cdk.aws_s3 import Bucket, LifecycleRule
from aws_cdk.aws_sqs import Queue, QueueEncryption
from constructs import Construct

from infra.constructs import nag, resources
from infra.constructs.environment import Environment
from infra.constructs.observability import bus_logs
from infra.constructs.resources import attributes
from infra.declarations import naming
from infra.declarations import resources as declared
from infra.declarations.spec import Resource

if TYPE_CHECKING:
    from aws_cdk.aws_s3 import IBucket
    from aws_cdk.aws_sns import ITopic

QUEUE_RETENTION: Final = resources.RETENTION
# The prefixes of the journal's bucket: functions/runtime/journal.py writes events, and
# functions/runtime/batch/claim_check.py writes bodies of dead letters that are too large for a message.
EVENTS: Final = "events/"
BODIES: Final = "dead-letters/"


class Storage(Construct):
    """The resources that exist independently of functions."""

    def __init__(self, scope: Construct, construct_id: str, *, environment: Environment) -> None:
        """Create the resources for one environment."""
        super().__init__(scope, construct_id)
        self._environment = environment
        self._made = {name: resources.make(self, resource, environment) for name, resource in declared.load().items()}
        self.journal = self._make_journal()
        self.bus = EventBus(
            self, "Bus", event_bus_name=naming.physical(environment.name), log_config=bus_logs.LOG_CONFIG
        )
        self.ledger = self._make_ledger()
        self.undelivered = self._make_undelivered()
        self._publish_names()
        self._export()

    def bucket(self, resource: Resource) -> "IBucket":
        """Return a declared bucket."""
        return cast("IBucket", self._made[resource.id])

    def address(self, resource: Resource) -> str:
        """Return the address of a declared resource: a name, an ARN or a URL."""
        return self.names[resource.id]

    def arn(self, resource: Resource) -> str:
        """Return the ARN of a declared resource."""
        return resources.arn(self._made[resource.id])

    @property
    def notices(self) -> "ITopic":
        """The topic that notifies people."""
        return cast("ITopic", self._made["topic.notices"])

    @property
    def names(self) -> dict[str, str]:
        """The addresses of all resources by id, such as `bucket.outputs`; patterns refer to `${bucket.outputs}`."""
        return {name: resources.address(made, declared.load()[name]) for name, made in self._made.items()}

    def journal_wildcard(self, path: str) -> str:
        """Return cdk-nag's finding on a grant to write to a prefix of the journal's bucket."""
        return nag.wildcard_import(Stack.of(self), self.journal.bucket_arn, path)

    def _make_journal(self) -> Bucket:
        """Create the bucket of the journal, which sends no events."""
        # A dead letter that is redriven on its last day is a new message, which is kept for a full retention period.
        bodies = Duration.days(2 * QUEUE_RETENTION.to_days() + 1)
        kept = {EVENTS: Duration.days(self._environment.journal_days), BODIES: bodies}
        rules = [
            LifecycleRule(prefix=prefix, expiration=days, noncurrent_version_expiration=Duration.days(1))
            for prefix, days in kept.items()
        ]
        bucket = resources.private_bucket(self, "Journal", self._environment, rules)
        nag.acknowledge(bucket, nag.JOURNAL_BUCKET)
        return bucket

    def _make_ledger(self) -> Table:
        table = Table(
            self,
            "Ledger",
            partition_key=Attribute(name="pk", type=AttributeType.STRING),
            sort_key=Attribute(name="sk", type=AttributeType.STRING),
            billing_mode=BillingMode.PAY_PER_REQUEST,
            time_to_live_attribute="expiration",
            point_in_time_recovery_specification=PointInTimeRecoverySpecification(point_in_time_recovery_enabled=True),
            removal_policy=self._environment.removal,
        )
        # functions/runtime/ledger/runs_index.py explains the keys; `herald runs` reads the other attributes.
        table.add_global_secondary_index(
            index_name="runs",
            partition_key=Attribute(name="hour", type=AttributeType.STRING),
            sort_key=Attribute(name="settled_at", type=AttributeType.NUMBER),
            projection_type=ProjectionType.INCLUDE,
            non_key_attributes=["facts", "decision", "error_class", "correlation_id", "attempt", "duration_ms"],
        )
        return table

    def _make_undelivered(self) -> Queue:
        queue = Queue(
            self,
            "Undelivered",
            encryption=QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=QUEUE_RETENTION,
            max_message_size_bytes=resources.MESSAGE_BYTES,
            removal_policy=self._environment.removal,
        )
        queue.add_to_resource_policy(self._rules_may_send(queue))
        nag.acknowledge(queue, nag.UNDELIVERED)
        return queue

    def _rules_may_send(self, queue: Queue) -> PolicyStatement:
        """Allow all rules of the environment to send to the queue.

        The rules are in the functions' stacks, which depend on this stack, so the policy contains the prefix of their
        names. The name of an environment has no hyphen (environment.py), so no rule of another environment begins with
        "herald-dev-".
        """
        stack = Stack.of(self)
        name = naming.physical(self._environment.name)
        rules = [f"{name}-*", f"{name}/{name}-*"]  # on the default bus, and on the bus of the environment
        arns = [stack.format_arn(service="events", resource="rule", resource_name=each) for each in rules]
        return PolicyStatement(
            principals=[ServicePrincipal("events.amazonaws.com")],
            actions=["sqs:SendMessage"],
            resources=[queue.queue_arn],
            conditions={"StringEquals": {"aws:SourceAccount": stack.account}, "ArnLike": {"aws:SourceArn": arns}},
        )

    def _publish_names(self) -> None:
        """Create the outputs of the stack that the command line reads."""
        outputs = {resource.output: self.names[name] for name, resource in declared.load().items()}
        outputs |= {"BucketJournal": self.journal.bucket_name}
        outputs |= {"Bus": self.bus.event_bus_name, "Ledger": self.ledger.table_name}
        outputs |= {"Undelivered": self.undelivered.queue_url}
        for name, value in outputs.items():
            CfnOutput(Stack.of(self), name, value=value)

    def _export(self) -> None:
        """Export all attributes that the stacks of functions may import, whether or not a function uses them today.

        By default, the CDK exports only attributes that another stack imports. When the last function that reads a
        bucket is removed, this stack is deployed first and would delete an export that the deployed stack of functions
        still imports. CloudFormation refuses that: "Export ... cannot be deleted as it is in use". Source:
        `Stack.exportValue`, AWS CDK API Reference.
        """
        made = [self._made[name] for name, resource in declared.load().items() if not resource.existing]
        values = [value for each in (*made, self.journal, self.ledger, self.undelivered) for value in attributes(each)]
        values += [self.bus.event_bus_name, self.bus.event_bus_arn, self.undelivered.queue_name]
        for value in dict.fromkeys(values):
            Stack.of(self).export_value(value)
