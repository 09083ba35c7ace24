"""What must hold of every template: cdk-nag's rules, and a stack's size. Each exception says why."""

from aws_cdk import App, Stack, Validations
from aws_cdk.aws_lambda import Function
from cdk_nag import AwsSolutionsChecks, ServerlessChecks


def guard(app: App) -> None:
    """Check the whole app at synthesis with cdk-nag's packs for AWS solutions and serverless ones."""
    Validations.of(app).add_plugins(AwsSolutionsChecks(app), ServerlessChecks(app))


def limit_resources(stack: Stack, most: int) -> None:
    pass


def acknowledge_storage(stack: Stack) -> None:
    pass


def acknowledge_functions(stack: Stack) -> None:
    pass
