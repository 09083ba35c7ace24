"""Turns [access] and [secrets] of function.toml into IAM statements, environment variables and cdk-nag reasons."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from aws_cdk import Stack
from aws_cdk.aws_iam import PolicyStatement

from functions.runtime.core import variables
from infra.constructs import nag
from infra.constructs.storage import Storage
from infra.declarations import resources
from infra.declarations.spec import OWN_SECRET, FunctionSpec, Resource

READ_ITEMS: Final = ("dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query")
WRITE_ITEMS: Final = ("dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem")
# Read a bucket's public access and its tags, which can exempt it, and block public access.
BLOCK_PUBLIC: Final = (
    "s3:GetBucketPublicAccessBlock",
    "s3:GetBucketTagging",
    "s3:GetBucketPolicyStatus",
    "s3:GetBucketAcl",
    "s3:PutBucketPublicAccessBlock",
)


def environment_variables(spec: FunctionSpec, storage: Storage, own_secret: str) -> dict[str, str]:
    """Return the variables with the addresses of the declared resources, such as HERALD_BUCKET_OUTPUTS.

    `own_secret` is the ARN of the function's own secret, or "".
    """
    used = {resource for _, resource in spec.access.named()}
    found = {variables.resource(each.kind, each.name): storage.address(each) for each in used}
    if spec.access.block_public:
        found[variables.BLOCK_PUBLIC] = ",".join(spec.access.block_public)
    for name, each in spec.secrets.items():
        found[variables.resource("secret", name)] = own_secret if each == OWN_SECRET else storage.address(each)
    return found


def statements(spec: FunctionSpec, storage: Storage, own_secret: str) -> Iterator[PolicyStatement]:
    """Yield the statements that the declaration needs; `own_secret` is the ARN of the function's own secret, or ""."""
    access = spec.access
    yield from _object_statements(access.read, access.write, storage)
    for actions, granted in (
        (READ_ITEMS, _of_kind("table", access.read)),
        (WRITE_ITEMS, _of_kind("table", access.write)),
        (("sns:Publish",), access.publish),
        (("sqs:SendMessage",), access.send),
        (("secretsmanager:GetSecretValue",), spec.secrets.values()),
    ):
        if granted:
            yield _allow(actions, [own_secret if each == OWN_SECRET else storage.arn(each) for each in granted])
    if access.block_public:
        yield _block_public(access.block_public, Stack.of(storage))
    if access.emit:
        yield _emit(spec, storage)


def wildcards(spec: FunctionSpec, storage: Storage) -> dict[str, str]:
    """Return the cdk-nag findings on the declared prefixes of objects and of bucket names, each with its reason."""
    file = f"functions/{spec.name}/function.toml"
    prefixes = {resource for _, resource in spec.access.named() if resource.path.endswith("*")}
    found = {
        _finding_on_prefix(resource, storage): f"The function's team declares this prefix: {resource} in [access] of "
        f"{file}."
        for resource in prefixes
    }
    return found | {
        nag.wildcard(f"arn:<AWS::Partition>:s3:::{pattern}"): "The function's team declares this prefix: "
        f"{pattern} in [access] of {file}. A condition limits the grant to the account."
        for pattern in spec.access.block_public
        if pattern.endswith("*")
    }


def _object_statements(
    read: Sequence[Resource], write: Sequence[Resource], storage: Storage
) -> Iterator[PolicyStatement]:
    readable, writable = _of_kind("bucket", read), _of_kind("bucket", write)
    if readable:
        yield _allow(["s3:GetObject", "s3:GetObjectVersion"], _objects(readable, storage))
        # Without s3:ListBucket, S3 returns AccessDenied instead of NoSuchKey for a deleted object. Source: "GetObject",
        # Amazon S3 API Reference.
        buckets = {each.id: storage.bucket(each).bucket_arn for each in readable}
        yield _allow(["s3:ListBucket"], buckets.values())
    if writable:
        # A repeated attempt reads the object that the first attempt wrote, and keeps it.
        yield _allow(["s3:PutObject", "s3:GetObject"], _objects(writable, storage))


def _block_public(names: Sequence[str], stack: Stack) -> PolicyStatement:
    """Allow to block public access to buckets with these names, if they belong to the account.

    Bucket names are global: a bucket with a matching name may belong to another account. A deleted bucket has no
    account, so S3 would return AccessDenied instead of NoSuchBucket without `IfExists`. For every bucket that exists,
    S3 sets aws:ResourceAccount. Sources: "AWS global condition context keys" (Availability of aws:ResourceAccount) and
    "IAM JSON policy elements: Condition operators" (...IfExists), IAM User Guide.
    """
    return PolicyStatement(
        actions=list(BLOCK_PUBLIC),
        resources=[stack.format_arn(service="s3", region="", account="", resource=name) for name in names],
        conditions={"StringEqualsIfExists": {"aws:ResourceAccount": stack.account}},
    )


def _emit(spec: FunctionSpec, storage: Storage) -> PolicyStatement:
    """Allow to put events of the declared types with the function's own source.

    One PutEvents call has several entries, so both keys can have several values. ForAllValues requires that every
    value matches, but it also allows a request without values; the Null condition denies that. Source: "Using IAM
    policy conditions in Amazon EventBridge", Amazon EventBridge User Guide.
    """
    return PolicyStatement(
        actions=["events:PutEvents"],
        resources=[storage.bus.event_bus_arn],
        conditions={
            "ForAllValues:StringEquals": {"events:source": [spec.source], "events:detail-type": list(spec.access.emit)},
            "Null": {"events:source": "false", "events:detail-type": "false"},
        },
    )


def _finding_on_prefix(resource: Resource, storage: Storage) -> str:
    """Return the finding on a prefix in a bucket; cdk-nag prints an imported ARN as the name of the export."""
    existing = resources.load()[resource.id].existing
    if existing:
        return nag.wildcard(f"arn:<AWS::Partition>:s3:::{existing.rpartition(':')[2]}/{resource.path}")
    return nag.wildcard_import(Stack.of(storage), storage.arn(resource), resource.path)


def _of_kind(kind: str, found: Iterable[Resource]) -> list[Resource]:
    return [each for each in found if each.kind == kind]


def _objects(buckets: Iterable[Resource], storage: Storage) -> list[str]:
    return [storage.bucket(each).arn_for_objects(each.path) for each in buckets]


def _allow(actions: Iterable[str], arns: Iterable[str]) -> PolicyStatement:
    return PolicyStatement(actions=list(actions), resources=list(arns))
