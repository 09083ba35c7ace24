"""The log of the bus: errors of EventBridge itself, such as a target that it cannot reach.

It is not in the storage stack, because the local AWS does not support log deliveries. The bus has the level
(LOG_CONFIG); without a delivery it logs nothing. The default bus belongs to the account and is not changed.
Source: "Configuring logs for Amazon EventBridge event buses", Amazon EventBridge User Guide.
"""

from typing import TYPE_CHECKING, Final, cast

from aws_cdk import ArnFormat, Stack
from aws_cdk.aws_events import IEventBus, IncludeDetail, Level, LogConfig
from aws_cdk.aws_iam import PolicyDocument, PolicyStatement, ServicePrincipal
from aws_cdk.aws_logs import CfnDelivery, CfnDeliveryDestination, CfnDeliverySource, LogGroup, RetentionDays
from constructs import Construct

from infra.constructs.environment import Environment
from infra.declarations import naming

if TYPE_CHECKING:
    from aws_cdk.aws_logs import CfnLogGroup

# IncludeDetail FULL would copy the data of events into the log. Source: "AWS::Events::EventBus LogConfig", AWS
# CloudFormation Template Reference.
LOG_CONFIG: Final = LogConfig(level=Level.ERROR, include_detail=IncludeDetail.NONE)
# A bus has the log types ERROR_LOGS, INFO_LOGS and TRACE_LOGS, each with its own delivery source. Source:
# "aws_cloudwatch_event_bus", the documentation of Terraform's AWS provider.
LOG_TYPE: Final = "ERROR_LOGS"


class BusLogs(Construct):
    """Delivers the errors of the bus to a log group."""

    def __init__(self, scope: Construct, construct_id: str, *, environment: Environment, bus: IEventBus) -> None:
        """Create the log group and the delivery for one environment."""
        super().__init__(scope, construct_id)
        name = naming.physical(environment.name, "bus-errors")
        source = CfnDeliverySource(self, "Source", name=name, log_type=LOG_TYPE, resource_arn=bus.event_bus_arn)
        # AWS recommends the prefix /aws/vendedlogs/ for logs that services deliver. Source: "Logs sent to CloudWatch
        # Logs", Amazon CloudWatch Logs User Guide.
        group = LogGroup(
            self,
            "Logs",
            log_group_name=f"/aws/vendedlogs/events/event-bus/{naming.physical(environment.name)}",
            retention=RetentionDays[environment.log_retention],
            removal_policy=environment.removal,
        )
        _let_delivery_write(group, source)
        destination = CfnDeliveryDestination(
            self, "Destination", name=name, destination_resource_arn=_arn(self, group.log_group_name)
        )
        CfnDelivery(self, "Delivery", delivery_destination_arn=destination.attr_arn, delivery_source_name=source.ref)


def _let_delivery_write(group: LogGroup, source: CfnDeliverySource) -> None:
    """Allow only the deliveries of this source to write to the log group.

    The policy is one of the log group, because an account may have only ten policies that name no log group. Sources:
    "Logs sent to CloudWatch Logs", Amazon CloudWatch Logs User Guide; "PutResourcePolicy", Amazon CloudWatch Logs API
    Reference.
    """
    made = cast("CfnLogGroup", group.node.default_child)
    statement = PolicyStatement(
        principals=[ServicePrincipal("delivery.logs.amazonaws.com")],
        actions=["logs:CreateLogStream", "logs:PutLogEvents"],
        resources=[f"{_arn(group, str(made.log_group_name))}:log-stream:*"],
        conditions={
            "StringEquals": {"aws:SourceAccount": Stack.of(group).account},
            "ArnLike": {"aws:SourceArn": source.attr_arn},
        },
    )
    made.resource_policy_document = PolicyDocument(statements=[statement])


def _arn(scope: Construct, log_group: str) -> str:
    """Return the ARN of a log group without `:*` at its end."""
    return Stack.of(scope).format_arn(
        service="logs", resource="log-group", resource_name=log_group, arn_format=ArnFormat.COLON_RESOURCE_NAME
    )
