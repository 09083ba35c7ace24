"""From [access] to IAM statements and environment variables; nobody writes IAM for a function by hand."""

from collections.abc import Iterable, Iterator

from aws_cdk.aws_iam import PolicyStatement

from infra.spec import FunctionSpec, Resource
from infra.storage import Storage


def environment(spec: FunctionSpec, storage: Storage) -> dict[str, str]:
    """Return the variables that name the resources it declares, such as HERALD_BUCKET_OUTPUTS."""
    used = {*spec.access.read, *spec.access.write, *spec.access.publish}
    return {f"HERALD_{each.kind}_{each.name}".upper(): storage.address(each) for each in used}


def statements(spec: FunctionSpec, storage: Storage) -> Iterator[PolicyStatement]:
    """Yield what the declaration grants, and nothing else."""
    access = spec.access
    if access.read:
        yield _allow(["s3:GetObject", "s3:GetObjectVersion"], _objects(access.read, storage))
        # Without it S3 answers AccessDenied for a deleted object, which cannot be told from a missing grant.
        buckets = {each.id: storage.bucket(each).bucket_arn for each in access.read}
        yield _allow(["s3:ListBucket"], buckets.values())
    if access.write:
        # A repeated attempt looks at what the first one wrote, and leaves it.
        yield _allow(["s3:PutObject", "s3:GetObject"], _objects(access.write, storage))
    if access.publish:
        yield _allow(["sns:Publish"], [storage.address(each) for each in access.publish])
    if access.emit:
        yield PolicyStatement(
            actions=["events:PutEvents"],
            resources=[storage.bus.event_bus_arn],
            conditions={
                "StringEquals": {"events:source": f"herald.{spec.name}", "events:detail-type": list(access.emit)}
            },
        )


def _objects(resources: Iterable[Resource], storage: Storage) -> list[str]:
    return [storage.bucket(each).arn_for_objects(each.path) for each in resources]


def _allow(actions: list[str], resources: Iterable[str]) -> PolicyStatement:
    return PolicyStatement(actions=actions, resources=list(resources))
