"""The Lambda function of the widget, and the widget on the dashboard."""

from typing import Final

from aws_cdk import Stack
from aws_cdk.aws_cloudwatch import CustomWidget
from aws_cdk.aws_iam import Policy
from aws_cdk.aws_lambda import LayerVersion, Runtime
from constructs import Construct

from infra.constructs import bundle, nag
from infra.constructs.environment import Environment
from infra.constructs.storage import Storage
from infra.constructs.traced_function import Program, TracedFunction
from infra.constructs.widget import widget_bundle
from infra.constructs.widget.widget_role import ANY_REASON, WidgetRole
from infra.declarations import naming

# No function of a team has this name: theirs contain no hyphen.
NAME: Final = "dashboard-widget"
TITLE: Final = "What ran and why"
COLUMNS: Final = 24
HEIGHT: Final = 14
# A week of runs takes 2,688 queries, eight at a time; a redrive of 1,000 messages takes 300 requests.
TIMEOUT_SECONDS: Final = 60
# Lambda gives CPU in proportion to memory: one virtual CPU at 1,769 MB. Source: "Configure Lambda function memory", AWS
# Lambda Developer Guide. The start imports boto3 and reads all declarations.
MEMORY_MB: Final = 1_024


class RunWidget(Construct):
    """Answers the calls of the dashboard; a person who opens it needs lambda:InvokeFunction on the function.

    CloudWatch calls the function with the credentials of that person. Source: "Using custom widgets", Amazon CloudWatch
    User Guide.
    """

    def __init__(self, scope: Construct, construct_id: str, *, environment: Environment, storage: Storage) -> None:
        """Create the function with its layer, which has more services of boto3 than that of the functions."""
        super().__init__(scope, construct_id)
        layer = LayerVersion(
            self,
            "Layer",
            description="The wheels of requirements/lambda.txt with the services that the widget reads",
            code=bundle.layer_code(environment.architecture, widget_bundle.SERVICES),
            compatible_runtimes=[Runtime.PYTHON_3_13],
        )
        role = WidgetRole(Stack.of(self), environment, storage)
        program = Program(
            name=naming.physical(environment.name, NAME),
            description="Show on the dashboard what ran and why, and redrive dead letters.",
            handler="herald.widget.handler.handle",
            code=widget_bundle.code(),
            timeout_seconds=TIMEOUT_SECONDS,
            memory_mb=MEMORY_MB,
            variables={},
            statements=[*role.reading(), *role.redriving()],
        )
        made = TracedFunction(self, "Function", program=program, environment=environment, layer=layer)
        nag.acknowledge(made.role, role.findings())
        listing = Policy(self, "Listing", statements=[role.listing()], roles=[made.role])
        nag.acknowledge(listing, {nag.wildcard("*"): ANY_REASON})
        self._arn = made.function.function_arn

    def widget(self) -> CustomWidget:
        """Return the widget, which is called again when the dashboard is refreshed or its time range changes."""
        return CustomWidget(
            title=TITLE,
            function_arn=self._arn,
            width=COLUMNS,
            height=HEIGHT,
            update_on_refresh=True,
            update_on_resize=False,
            update_on_time_range_change=True,
        )
