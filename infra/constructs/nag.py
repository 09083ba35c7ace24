"""What must hold of every template: cdk-nag's rules and a stack's size. Each exception stands with its reason."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from aws_cdk import Acknowledgment, App, CfnResource, Stack, Validations
from cdk_nag import AwsSolutionsChecks, ServerlessChecks
from constructs import IConstruct

from infra.declarations import resources
from infra.declarations.spec import FunctionSpec, Resource, SpecError

if TYPE_CHECKING:
    from infra.constructs.storage import Storage

WILDCARD: Final = "AwsSolutions::AwsSolutions-IAM5"
RESOURCES_PER_STACK: Final = 400  # CloudFormation refuses 500; an owner should hear of it before that

BUCKET: Final = {
    "AwsSolutions::AwsSolutions-S1": "Every event names its requester and source address, and the ledger keeps them; "
    "server access logs would say the same again, hours later.",
}
JOURNAL_BUCKET: Final = {
    "AwsSolutions::AwsSolutions-S1": "Only Herald's functions write to it: its objects are the record.",
}
DEAD_LETTERS: Final = {
    "Serverless::Serverless-SQSRedrivePolicy": "It is a dead-letter queue: messages stay here until people decide.",
}
UNDELIVERED: Final = DEAD_LETTERS | {
    "AwsSolutions::AwsSolutions-SQS3": "It is the dead-letter queue of all rules, which the rule of thumb cannot see.",
}
OUTWARD_QUEUE: Final = {
    "AwsSolutions::AwsSolutions-SQS3": "Functions send to it; who reads it, and what he cannot read, is not Herald's.",
    "Serverless::Serverless-SQSRedrivePolicy": "As above: its reader decides when a message is given up.",
}
SECRET: Final = {
    "AwsSolutions::AwsSolutions-SMG4": "Its value is somebody else's key: people rotate it where it was issued.",
}
FUNCTION: Final = {
    "AwsSolutions::AwsSolutions-L1": "Python 3.13 is what the layer is locked for; the runtime moves with it.",
    "Serverless::Serverless-LambdaLatestVersion": "As above: the runtime moves with the layer.",
    "Serverless::Serverless-LambdaDLQ": "It is invoked from its queue or its URL alone, never asynchronously: a "
    "dead-letter target of the function would never receive anything.",
}
EVENT_SOURCE: Final = {
    "Serverless::Serverless-LambdaEventSourceMappingDestination": "SQS sources take no failure "
    "destination: the queue's own dead-letter queue is it.",
}
ROLE: Final = {
    f"{WILDCARD}[Resource::*]": "X-Ray's actions know no resources; nothing else has *.",
}


def check(app: App) -> None:
    """Check the whole app at synthesis with cdk-nag's packs for AWS solutions and for serverless ones."""
    Validations.of(app).add_plugins(AwsSolutionsChecks(app), ServerlessChecks(app))


def acknowledge(construct: IConstruct, reasons: Mapping[str, str]) -> None:
    """Accept findings on one construct, each for its reason."""
    Validations.of(construct).acknowledge(*(Acknowledgment(id=rule, reason=why) for rule, why in reasons.items()))


def declared_prefixes(spec: FunctionSpec, storage: "Storage") -> dict[str, str]:
    """Return the findings on `<prefix>*` in a function's grants: a prefix is what its team declared."""
    file = f"functions/{spec.name}/function.toml"
    return {
        f"{WILDCARD}[Resource::{_as_cdk_nag_prints(storage, resource)}/{resource.path}]": f"Declared by the function's "
        f"team: {resource} in [access] of {file}."
        for resource in {resource for _, resource in spec.access.named()}
        if resource.path.endswith("*")
    }


def _as_cdk_nag_prints(storage: "Storage", resource: Resource) -> str:
    """Return a bucket of ours as the export through which the function's stack sees it, another by its ARN."""
    existing = resources.load()[resource.id].existing
    if existing:
        return f"arn:<AWS::Partition>:s3:::{existing.rpartition(':')[2]}"
    stack = Stack.of(storage)
    export: str = stack.resolve(stack.export_value(storage.arn(resource)))["Fn::ImportValue"]
    return export


def declared_buckets(spec: FunctionSpec) -> dict[str, str]:
    """Return the findings on beginnings of bucket names in `block_public`: a scope is what its team declared."""
    return {
        f"AwsSolutions::AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:s3:::{pattern}]": "Declared by the function's "
        f"team, and only within the account: {pattern} in [access] of functions/{spec.name}/function.toml."
        for pattern in spec.access.block_public
        if pattern.endswith("*")
    }


def journal_prefix(storage: "Storage", prefix: str, reason: str) -> dict[str, str]:
    """Return the finding on a prefix of the journal's bucket that a role may write to."""
    stack = Stack.of(storage)
    export = stack.resolve(stack.export_value(storage.journal.bucket_arn))["Fn::ImportValue"]
    return {f"{WILDCARD}[Resource::{export}/{prefix}]": reason}


def limit_resources(stack: Stack) -> None:
    """Refuse a stack near CloudFormation's limit, in words that say what to do."""
    resources = [child for child in stack.node.find_all() if CfnResource.is_cfn_resource(child)]
    if len(resources) > RESOURCES_PER_STACK:
        raise SpecError(
            f"{stack.stack_name} has {len(resources)} resources, more than {RESOURCES_PER_STACK}: split its owner"
        )
