"""From [access] and [secrets] to IAM statements and environment variables; nobody writes IAM for a function by hand."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from aws_cdk import Stack
from aws_cdk.aws_iam import PolicyStatement

from infra.constructs.storage import Storage
from infra.declarations.spec import OWN_SECRET, FunctionSpec, Resource

READ_ITEMS: Final = ("dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query")
WRITE_ITEMS: Final = ("dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem")
# What it takes to see how far a bucket is open, to find its exception, and to close it.
CLOSE: Final = (
    "s3:GetBucketPublicAccessBlock",
    "s3:GetBucketTagging",
    "s3:GetBucketPolicyStatus",
    "s3:GetBucketAcl",
    "s3:PutBucketPublicAccessBlock",
)


def environment(spec: FunctionSpec, storage: Storage, own: str) -> dict[str, str]:
    """Return the variables that name the resources it declares, such as HERALD_BUCKET_OUTPUTS, and its settings.

    `own` is the ARN of its own secret, where it has one.
    """
    used = {resource for _, resource in spec.access.named()}
    variables = {f"HERALD_{each.kind}_{each.name}".upper(): storage.address(each) for each in used}
    if spec.access.block_public:
        variables["HERALD_BLOCK_PUBLIC"] = ",".join(spec.access.block_public)
    for name, each in spec.secrets.items():
        variables[f"HERALD_SECRET_{name}".upper()] = own if each == OWN_SECRET else storage.address(each)
    return variables | ({"HERALD_SETTINGS": json.dumps(spec.settings)} if spec.settings else {})


def statements(spec: FunctionSpec, storage: Storage, own: str) -> Iterator[PolicyStatement]:
    """Yield what the declaration grants, and nothing else; `own` as above."""
    access = spec.access
    read, written = _of("bucket", access.read), _of("bucket", access.write)
    if read:
        yield _allow(["s3:GetObject", "s3:GetObjectVersion"], _objects(read, storage))
        # Without it S3 answers AccessDenied for a deleted object, which cannot be told from a missing grant.
        buckets = {each.id: storage.bucket(each).bucket_arn for each in read}
        yield _allow(["s3:ListBucket"], buckets.values())
    if written:
        # A repeated attempt looks at what the first one wrote, and leaves it.
        yield _allow(["s3:PutObject", "s3:GetObject"], _objects(written, storage))
    for actions, resources in (
        (READ_ITEMS, _of("table", access.read)),
        (WRITE_ITEMS, _of("table", access.write)),
        (("sns:Publish",), access.publish),
        (("sqs:SendMessage",), access.send),
        (("secretsmanager:GetSecretValue",), spec.secrets.values()),
    ):
        if resources:
            yield _allow(actions, [own if each == OWN_SECRET else storage.arn(each) for each in resources])
    if access.block_public:
        yield _close(access.block_public, Stack.of(storage))
    if access.emit:
        yield _emit(spec, storage)


def _close(names: Sequence[str], stack: Stack) -> PolicyStatement:
    """Allow to block public access to the account's buckets of these names.

    Names of buckets are global: one that begins alike may belong to another account. A bucket that is deleted has no
    account; without IfExists S3 would answer AccessDenied for it, and not NoSuchBucket. Of a bucket that exists S3
    always gives the account. Sources: "AWS global condition context keys" (Availability of aws:ResourceAccount) and
    "IAM JSON policy elements: Condition operators" (...IfExists), IAM User Guide.
    """
    return PolicyStatement(
        actions=list(CLOSE),
        resources=[stack.format_arn(service="s3", region="", account="", resource=name) for name in names],
        conditions={"StringEqualsIfExists": {"aws:ResourceAccount": stack.account}},
    )


def _emit(spec: FunctionSpec, storage: Storage) -> PolicyStatement:
    """Allow to put events of the declared types under the function's own source.

    One call has several entries, so both keys may have several values: all must match, and there must be one, for
    ForAllValues alone is true where there is none. Source: "Using IAM policy conditions in Amazon EventBridge", Amazon
    EventBridge User Guide.
    """
    return PolicyStatement(
        actions=["events:PutEvents"],
        resources=[storage.bus.event_bus_arn],
        conditions={
            "ForAllValues:StringEquals": {"events:source": [spec.source], "events:detail-type": list(spec.access.emit)},
            "Null": {"events:source": "false", "events:detail-type": "false"},
        },
    )


def _of(kind: str, resources: Iterable[Resource]) -> list[Resource]:
    return [each for each in resources if each.kind == kind]


def _objects(resources: Iterable[Resource], storage: Storage) -> list[str]:
    return [storage.bucket(each).arn_for_objects(each.path) for each in resources]


def _allow(actions: Iterable[str], resources: Iterable[str]) -> PolicyStatement:
    return PolicyStatement(actions=list(actions), resources=list(resources))
