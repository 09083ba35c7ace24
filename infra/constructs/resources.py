"""The resources of infra/resources.toml as constructs: new ones private and kept, existing ones by their names."""

from collections.abc import Iterator, Sequence
from typing import cast

from aws_cdk import Duration, Stack
from aws_cdk.aws_dynamodb import Attribute, AttributeType, BillingMode, ITable, PointInTimeRecoverySpecification, Table
from aws_cdk.aws_iam import PolicyStatement, ServicePrincipal
from aws_cdk.aws_s3 import (
    BlockPublicAccess,
    Bucket,
    BucketEncryption,
    CfnBucket,
    IBucket,
    LifecycleRule,
    ObjectOwnership,
)
from aws_cdk.aws_secretsmanager import ISecret, Secret, SecretStringGenerator
from aws_cdk.aws_sns import ITopic, Topic
from aws_cdk.aws_sqs import IQueue, Queue, QueueEncryption
from constructs import Construct

from infra.constructs import nag
from infra.constructs.environment import Environment
from infra.declarations.resources import ARN, PlatformResource

type Made = IBucket | ITable | ITopic | IQueue | ISecret

RETENTION = Duration.days(14)  # the longest SQS has
# The largest SQS has. The default was 256 KiB until August 2025, so each queue says it. Source: SetQueueAttributes,
# Amazon SQS API Reference.
MESSAGE_BYTES = 1024 * 1024


def make(scope: Construct, resource: PlatformResource, environment: Environment) -> Made:
    """Return the construct of one resource: a new one, or one that is there already."""
    if resource.existing:
        return _existing(scope, resource, resource.existing)
    match resource.kind:
        case "bucket":
            return _bucket(scope, resource, environment)
        case "table":
            return _table(scope, resource, environment)
        case "topic":
            return _topic(scope, resource)
        case "queue":
            return _queue(scope, resource, environment)
        case _:
            return secret(scope, resource.construct_id, environment)


def address(made: Made, resource: PlatformResource) -> str:
    """Return what a client needs to use it: a name, the ARN of a topic or a secret, the URL of a queue.

    A table that is known by its ARN may be another account's, where a name would not find it.
    """
    if resource.kind == "table" and resource.existing:
        return resource.existing
    return next(attributes(made))


def arn(made: Made) -> str:
    """Return its ARN; that of a secret known by its name ends in six characters that Secrets Manager chose."""
    if hasattr(made, "secret_full_arn"):
        named = cast("ISecret", made)
        return str(named.secret_full_arn or f"{named.secret_arn}-??????")
    names = ("bucket_arn", "table_arn", "queue_arn", "topic_arn")
    (found,) = [getattr(made, name) for name in names if hasattr(made, name)]
    return str(found)


def attributes(made: Made) -> Iterator[str]:
    """Yield what other stacks may refer to: what clients call it, and its ARN."""
    names = ("bucket_name", "table_name", "queue_url", "secret_arn")
    yield from (str(getattr(made, name)) for name in names if hasattr(made, name))
    yield arn(made)


def private_bucket(
    scope: Construct, construct_id: str, environment: Environment, rules: Sequence[LifecycleRule]
) -> Bucket:
    """Make a bucket that only this account's roles reach, over TLS, with all its versions."""
    return Bucket(
        scope,
        construct_id,
        versioned=True,
        enforce_ssl=True,
        encryption=BucketEncryption.S3_MANAGED,
        block_public_access=BlockPublicAccess.BLOCK_ALL,
        object_ownership=ObjectOwnership.BUCKET_OWNER_ENFORCED,
        removal_policy=environment.removal,
        lifecycle_rules=rules,
    )


def _existing(scope: Construct, resource: PlatformResource, given: str) -> Made:
    """Return the construct of a resource that Herald does not make, known by its name or by its ARN."""
    construct_id, stack = resource.construct_id, Stack.of(scope)
    by_arn = given.startswith(ARN)
    match resource.kind:
        case "bucket":
            return Bucket.from_bucket_name(scope, construct_id, given.rpartition(":")[2])
        case "table":
            return (Table.from_table_arn if by_arn else Table.from_table_name)(scope, construct_id, given)
        case "topic":
            arn = given if by_arn else stack.format_arn(service="sns", resource=given)
            return Topic.from_topic_arn(scope, construct_id, arn)
        case "queue":
            arn = given if by_arn else stack.format_arn(service="sqs", resource=given)
            return Queue.from_queue_arn(scope, construct_id, arn)
        case _:
            if not by_arn:
                return Secret.from_secret_name_v2(scope, construct_id, given)
            return Secret.from_secret_complete_arn(scope, construct_id, given)


def _bucket(scope: Construct, resource: PlatformResource, environment: Environment) -> Bucket:
    rule = LifecycleRule(
        noncurrent_version_expiration=Duration.days(environment.old_version_days),
        abort_incomplete_multipart_upload_after=Duration.days(7),
        expired_object_delete_marker=True,
    )
    bucket = private_bucket(scope, resource.construct_id, environment, [rule])
    # The construct's own `event_bridge_enabled` would deploy a Lambda function to set this one property.
    template = cast("CfnBucket", bucket.node.default_child)
    template.notification_configuration = CfnBucket.NotificationConfigurationProperty(
        event_bridge_configuration=CfnBucket.EventBridgeConfigurationProperty(event_bridge_enabled=True)
    )
    nag.acknowledge(bucket, nag.BUCKET)
    return bucket


def _table(scope: Construct, resource: PlatformResource, environment: Environment) -> Table:
    keys = [
        Attribute(name=each, type=AttributeType.STRING) for each in (resource.partition_key, resource.sort_key) if each
    ]
    return Table(
        scope,
        resource.construct_id,
        partition_key=keys[0],
        sort_key=keys[1] if len(keys) > 1 else None,
        billing_mode=BillingMode.PAY_PER_REQUEST,
        point_in_time_recovery_specification=PointInTimeRecoverySpecification(point_in_time_recovery_enabled=True),
        removal_policy=environment.removal,
    )


def _topic(scope: Construct, resource: PlatformResource) -> Topic:
    topic = Topic(scope, resource.construct_id, enforce_ssl=True)
    topic.add_to_resource_policy(
        PolicyStatement(
            principals=[ServicePrincipal("cloudwatch.amazonaws.com")],
            actions=["sns:Publish"],
            resources=[topic.topic_arn],
            conditions={"StringEquals": {"aws:SourceAccount": Stack.of(topic).account}},
        )
    )
    return topic


def _queue(scope: Construct, resource: PlatformResource, environment: Environment) -> Queue:
    queue = Queue(
        scope,
        resource.construct_id,
        encryption=QueueEncryption.SQS_MANAGED,
        enforce_ssl=True,
        retention_period=RETENTION,
        max_message_size_bytes=MESSAGE_BYTES,
        removal_policy=environment.removal,
    )
    nag.acknowledge(queue, nag.OUTWARD_QUEUE)
    return queue


def secret(scope: Construct, construct_id: str, environment: Environment) -> Secret:
    """Make a secret for people to fill: until then a JSON object with a random text that nothing asks for."""
    made = Secret(
        scope,
        construct_id,
        generate_secret_string=SecretStringGenerator(
            secret_string_template="{}",  # noqa: S106 - it is empty
            generate_string_key="placeholder",
        ),
        removal_policy=environment.removal,
    )
    nag.acknowledge(made, nag.SECRET)
    return made
