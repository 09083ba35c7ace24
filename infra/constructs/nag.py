"""The checks on every template: cdk-nag's rules, with a reason for each exception, and the number of resources."""

from collections.abc import Mapping
from typing import Final

from aws_cdk import Acknowledgment, App, CfnResource, Stack, Validations
from cdk_nag import AwsSolutionsChecks, ServerlessChecks
from constructs import IConstruct

from infra.declarations.spec import SpecError

WILDCARD: Final = "AwsSolutions::AwsSolutions-IAM5"
# CloudFormation refuses more than 500. Source: "Understand CloudFormation quotas", AWS CloudFormation User Guide.
RESOURCES_PER_STACK: Final = 400

BUCKET: Final = {
    "AwsSolutions::AwsSolutions-S1": "Every S3 event contains the requester and the source IP address, and the journal "
    "keeps it. Server access logs would repeat this hours later.",
}
JOURNAL_BUCKET: Final = {
    "AwsSolutions::AwsSolutions-S1": "Only Herald's functions write to this bucket, and its objects are the record of "
    "all events.",
}
DEAD_LETTERS: Final = {
    "Serverless::Serverless-SQSRedrivePolicy": "It is a dead-letter queue: messages stay until an operator redrives or "
    "deletes them.",
}
UNDELIVERED: Final = DEAD_LETTERS | {
    "AwsSolutions::AwsSolutions-SQS3": "It is the dead-letter queue of all rules, which cdk-nag does not detect.",
}
PLATFORM_QUEUE: Final = {
    "AwsSolutions::AwsSolutions-SQS3": "Functions only send to this queue; its consumer is outside Herald and handles "
    "messages that it cannot process.",
    "Serverless::Serverless-SQSRedrivePolicy": "Functions only send to this queue; its consumer is outside Herald and "
    "chooses the redrive policy.",
}
SECRET: Final = {
    "AwsSolutions::AwsSolutions-SMG4": "Its value is a key that another service issued: the key is rotated there.",
}
FUNCTION: Final = {
    "AwsSolutions::AwsSolutions-L1": "The wheels of the layer are locked for Python 3.13; runtime and layer are "
    "upgraded together.",
    "Serverless::Serverless-LambdaLatestVersion": "The wheels of the layer are locked for Python 3.13; runtime and "
    "layer are upgraded together.",
    "Serverless::Serverless-LambdaDLQ": "Only its queue, its Function URL or a dashboard invokes the function, never "
    "asynchronously: a dead-letter queue of the function would receive nothing.",
}
EVENT_SOURCE: Final = {
    "Serverless::Serverless-LambdaEventSourceMappingDestination": "An event source mapping for SQS has no on-failure "
    "destination: the queue has a dead-letter queue instead.",
}
DEPLOYMENTS: Final = {
    "Serverless::Serverless-EventBusDLQ": "The events are a record of deployments, which CloudFormation keeps as well; "
    "the queue `undelivered` is for events of functions.",
}
ROLE: Final = {
    f"{WILDCARD}[Resource::*]": "The actions of X-Ray support no resource-level permissions; no other statement has *.",
}


def check(app: App) -> None:
    """Check the app at synthesis with the rules of cdk-nag's packs AwsSolutions and Serverless."""
    Validations.of(app).add_plugins(AwsSolutionsChecks(app), ServerlessChecks(app))


def acknowledge(construct: IConstruct, reasons: Mapping[str, str]) -> None:
    """Accept findings on a construct, each with its reason."""
    Validations.of(construct).acknowledge(*(Acknowledgment(id=rule, reason=why) for rule, why in reasons.items()))


def wildcard(arn: str) -> str:
    """Return the finding on a grant whose ARN contains a wildcard."""
    return f"{WILDCARD}[Resource::{arn}]"


def wildcard_import(exporter: Stack, arn: str, path: str) -> str:
    """Return the finding on `<arn>/<path>` in a stack that imports the ARN; cdk-nag prints the name of the export."""
    export = exporter.resolve(exporter.export_value(arn))["Fn::ImportValue"]
    return wildcard(f"{export}/{path}")


def limit_resources(stack: Stack) -> None:
    """Raise SpecError for a stack that comes near CloudFormation's limit of resources."""
    resources = [child for child in stack.node.find_all() if CfnResource.is_cfn_resource(child)]
    if len(resources) > RESOURCES_PER_STACK:
        raise SpecError(
            f"{stack.stack_name} has {len(resources)} resources, more than {RESOURCES_PER_STACK}: give some of its "
            "functions another owner"
        )
