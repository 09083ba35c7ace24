"""Everything that keeps data: buckets, the bus, the ledger, the queue of the undelivered, the topic of notices."""

from typing import Final, cast

from aws_cdk import CfnOutput, Duration, Stack
from aws_cdk.aws_dynamodb import Attribute, AttributeType, BillingMode, PointInTimeRecoverySpecification, Table
from aws_cdk.aws_events import EventBus
from aws_cdk.aws_iam import PolicyStatement, ServicePrincipal
from aws_cdk.aws_s3 import BlockPublicAccess, Bucket, BucketEncryption, CfnBucket, LifecycleRule, ObjectOwnership
from aws_cdk.aws_sns import Topic
from aws_cdk.aws_sqs import Queue, QueueEncryption
from constructs import Construct

from infra import guards
from infra.environment import Environment
from infra.spec import Resource

BUCKETS: Final = ("outputs", "artifacts")
TOPICS: Final = ("notices",)
QUEUE_RETENTION: Final = Duration.days(14)  # the longest SQS has


class Storage(Construct):
    """What outlives every deployment of a function."""

    def __init__(self, scope: Construct, construct_id: str, *, environment: Environment) -> None:
        """Create it for one environment."""
        super().__init__(scope, construct_id)
        self._environment = environment
        self._buckets = {name: self._make_bucket(name) for name in BUCKETS}
        self._topics = {name: self._make_topic(name) for name in TOPICS}
        self.journal = self._make_journal()
        self.bus = EventBus(self, "Bus", event_bus_name=f"herald-{environment.name}")
        self.ledger = self._make_ledger()
        self.undelivered = self._make_undelivered()
        self._publish_names()

    def bucket(self, resource: Resource) -> Bucket:
        """Return the bucket that a declaration names."""
        return self._buckets[resource.name]

    def address(self, resource: Resource) -> str:
        """Return what a client needs to use a resource: the name of a bucket, the ARN of a topic."""
        return (
            self._buckets[resource.name].bucket_name
            if resource.kind == "bucket"
            else self._topics[resource.name].topic_arn
        )

    @property
    def notices(self) -> Topic:
        """The topic that people read."""
        return self._topics["notices"]

    @property
    def names(self) -> dict[str, str]:
        """The physical names behind the `${bucket.name}` and `${topic.name}` of patterns."""
        buckets = {f"bucket.{name}": bucket.bucket_name for name, bucket in self._buckets.items()}
        return buckets | {f"topic.{name}": topic.topic_arn for name, topic in self._topics.items()}

    def _make_bucket(self, name: str) -> Bucket:
        rule = LifecycleRule(
            noncurrent_version_expiration=Duration.days(self._environment.old_version_days),
            abort_incomplete_multipart_upload_after=Duration.days(7),
            expired_object_delete_marker=True,
        )
        bucket = self._private_bucket(name, rule)
        # The construct's own `event_bridge_enabled` would deploy a Lambda function to set this one property.
        resource = cast("CfnBucket", bucket.node.default_child)
        resource.notification_configuration = CfnBucket.NotificationConfigurationProperty(
            event_bridge_configuration=CfnBucket.EventBridgeConfigurationProperty(event_bridge_enabled=True)
        )
        guards.acknowledge(bucket, guards.BUCKET)
        return bucket

    def _make_topic(self, name: str) -> Topic:
        topic = Topic(self, name.capitalize(), enforce_ssl=True)
        topic.add_to_resource_policy(
            PolicyStatement(
                principals=[ServicePrincipal("cloudwatch.amazonaws.com")],
                actions=["sns:Publish"],
                resources=[topic.topic_arn],
                conditions={"StringEquals": {"aws:SourceAccount": Stack.of(self).account}},
            )
        )
        return topic

    def _make_journal(self) -> Bucket:
        """Make the bucket of the journal, which announces nothing and forgets after its retention."""
        days = Duration.days(self._environment.journal_days)
        rule = LifecycleRule(expiration=days, noncurrent_version_expiration=Duration.days(1))
        bucket = self._private_bucket("journal", rule)
        guards.acknowledge(bucket, guards.JOURNAL_BUCKET)
        return bucket

    def _private_bucket(self, name: str, rule: LifecycleRule) -> Bucket:
        return Bucket(
            self,
            name.capitalize(),
            versioned=True,
            enforce_ssl=True,
            encryption=BucketEncryption.S3_MANAGED,
            block_public_access=BlockPublicAccess.BLOCK_ALL,
            object_ownership=ObjectOwnership.BUCKET_OWNER_ENFORCED,
            removal_policy=self._environment.removal,
            lifecycle_rules=[rule],
        )

    def _make_ledger(self) -> Table:
        return Table(
            self,
            "Ledger",
            partition_key=Attribute(name="pk", type=AttributeType.STRING),
            sort_key=Attribute(name="sk", type=AttributeType.STRING),
            billing_mode=BillingMode.PAY_PER_REQUEST,
            time_to_live_attribute="expiration",
            point_in_time_recovery_specification=PointInTimeRecoverySpecification(point_in_time_recovery_enabled=True),
            removal_policy=self._environment.removal,
        )

    def _make_undelivered(self) -> Queue:
        queue = Queue(
            self,
            "Undelivered",
            encryption=QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=QUEUE_RETENTION,
            removal_policy=self._environment.removal,
        )
        # Rules live in the functions' stacks, which depend on this one: naming each would be a circle, so the
        # statement names the account's rules instead.
        account, region = Stack.of(self).account, Stack.of(self).region
        queue.add_to_resource_policy(
            PolicyStatement(
                principals=[ServicePrincipal("events.amazonaws.com")],
                actions=["sqs:SendMessage"],
                resources=[queue.queue_arn],
                conditions={
                    "StringEquals": {"aws:SourceAccount": account},
                    "ArnLike": {"aws:SourceArn": f"arn:aws:events:{region}:{account}:rule/*"},
                },
            )
        )
        guards.acknowledge(queue, guards.UNDELIVERED)
        return queue

    def _publish_names(self) -> None:
        """Give the command line what it needs as outputs of the stack."""
        outputs = {f"Bucket{name.capitalize()}": bucket.bucket_name for name, bucket in self._buckets.items()}
        outputs |= {f"Topic{name.capitalize()}": topic.topic_arn for name, topic in self._topics.items()}
        outputs |= {"BucketJournal": self.journal.bucket_name}
        outputs |= {"Bus": self.bus.event_bus_name, "Ledger": self.ledger.table_name}
        outputs |= {"Undelivered": self.undelivered.queue_url}
        for name, value in outputs.items():
            CfnOutput(Stack.of(self), name, value=value)
