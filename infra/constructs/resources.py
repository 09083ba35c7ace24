"""The resources of infra/resources.toml as constructs: new resources, and references to existing resources."""

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

# Both are the maximum of SQS. The default message size was 256 KiB until August 2025, so every queue sets it. Source:
# SetQueueAttributes, Amazon SQS API Reference.
RETENTION = Duration.days(14)
MESSAGE_BYTES = 1024 * 1024


def make(scope: Construct, resource: PlatformResource, environment: Environment) -> Made:
    """Create a resource, or return a reference to an existing resource."""
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
    """Return the address that a client needs: a name, the ARN of a topic or secret, or the URL of a queue.

    An existing table may be declared by its ARN because it belongs to another account; its name would not suffice.
    """
    if resource.kind == "table" and resource.existing:
        return resource.existing
    return next(attributes(made))


def arn(made: Made) -> str:
    """Return the ARN; for a secret declared by name, it ends in wildcards for the six characters that AWS adds."""
    if hasattr(made, "secret_full_arn"):
        named = cast("ISecret", made)
        return str(named.secret_full_arn or f"{named.secret_arn}-??????")
    names = ("bucket_arn", "table_arn", "queue_arn", "topic_arn")
    (found,) = [getattr(made, name) for name in names if hasattr(made, name)]
    return str(found)


def attributes(made: Made) -> Iterator[str]:
    """Yield the attributes that other stacks may import: the name or URL, if there is one, and the ARN."""
    names = ("bucket_name", "table_name", "queue_url", "secret_arn")
    yield from (str(getattr(made, name)) for name in names if hasattr(made, name))
    yield arn(made)


def private_bucket(
    scope: Construct, construct_id: str, environment: Environment, rules: Sequence[LifecycleRule]
) -> Bucket:
    """Create a versioned bucket without public access that accepts requests only over TLS."""
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
    """Return a reference to an existing resource by its name or ARN."""
    construct_id = resource.construct_id
    by_arn = given.startswith(ARN)
    match resource.kind:
        case "bucket":
            return Bucket.from_bucket_name(scope, construct_id, given.rpartition(":")[2])
        case "table":
            return (Table.from_table_arn if by_arn else Table.from_table_name)(scope, construct_id, given)
        case "topic":
            return Topic.from_topic_arn(scope, construct_id, _arn(scope, "sns", given))
        case "queue":
            return Queue.from_queue_arn(scope, construct_id, _arn(scope, "sqs", given))
        case _:
            if not by_arn:
                return Secret.from_secret_name_v2(scope, construct_id, given)
            return Secret.from_secret_complete_arn(scope, construct_id, given)


def _arn(scope: Construct, service: str, given: str) -> str:
    """Return an ARN unchanged, or the ARN of a name in this account and Region."""
    return given if given.startswith(ARN) else Stack.of(scope).format_arn(service=service, resource=given)


def _bucket(scope: Construct, resource: PlatformResource, environment: Environment) -> Bucket:
    rule = LifecycleRule(
        noncurrent_version_expiration=Duration.days(environment.old_version_days),
        abort_incomplete_multipart_upload_after=Duration.days(7),
        expired_object_delete_marker=True,
    )
    bucket = private_bucket(scope, resource.construct_id, environment, [rule])
    # `event_bridge_enabled` of the construct would deploy a Lambda function that sets this property.
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
    nag.acknowledge(queue, nag.PLATFORM_QUEUE)
    return queue


def secret(scope: Construct, construct_id: str, environment: Environment) -> Secret:
    """Create a secret whose value people set later; the first value is a JSON object with an unused random text."""
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
