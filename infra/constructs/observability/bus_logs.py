"""The log of the bus: errors of EventBridge itself, such as a target that it cannot reach.

It has no place in the storage stack, because the local AWS does not support log deliveries. The level is a property of
the bus (LOG_CONFIG), and a bus with a level but without a delivery logs nothing.
Source: "Configuring logs for Amazon EventBridge event buses", Amazon EventBridge User Guide.
"""

from typing import Final

from aws_cdk import ArnFormat, Stack
from aws_cdk.aws_events import IEventBus, IncludeDetail, Level, LogConfig
from aws_cdk.aws_iam import PolicyStatement, ServicePrincipal
from aws_cdk.aws_logs import CfnDelivery, CfnDeliveryDestination, CfnDeliverySource, LogGroup, RetentionDays
from constructs import Construct

from infra.constructs.environment import Environment
from infra.declarations import naming

# IncludeDetail FULL would copy the data of events into the log. Source: "AWS::Events::EventBus LogConfig", AWS
# CloudFormation Template Reference.
LOG_CONFIG: Final = LogConfig(level=Level.ERROR, include_detail=IncludeDetail.NONE)
# A bus has the log types ERROR_LOGS, INFO_LOGS and TRACE_LOGS, each a delivery source of its own. Source: "Configuring
# logs for Amazon EventBridge event buses", Amazon EventBridge User Guide.
LOG_TYPE: Final = "ERROR_LOGS"


class BusLogs(Construct):
    """Delivers the errors of the bus to a log group."""

    def __init__(self, scope: Construct, construct_id: str, *, environment: Environment, bus: IEventBus) -> None:
        """Create the log group and the delivery for one environment."""
        super().__init__(scope, construct_id)
        name = naming.physical(environment.name, "bus-errors")
        source = CfnDeliverySource(self, "Source", name=name, log_type=LOG_TYPE, resource_arn=bus.event_bus_arn)
        group = _group(self, environment)
        allowed = group.add_to_resource_policy(_delivery_may_write(group, source))
        destination = CfnDeliveryDestination(
            self, "Destination", name=name, destination_resource_arn=_without_wildcard(self, group)
        )
        delivery = CfnDelivery(
            self, "Delivery", delivery_destination_arn=destination.attr_arn, delivery_source_name=source.ref
        )
        if allowed.policy_dependable:
            delivery.node.add_dependency(allowed.policy_dependable)


def _group(scope: Construct, environment: Environment) -> LogGroup:
    """Create the log group.

    AWS recommends the prefix /aws/vendedlogs/ for logs that services deliver. Source: "Logs sent to CloudWatch Logs",
    Amazon CloudWatch Logs User Guide.
    """
    return LogGroup(
        scope,
        "Logs",
        log_group_name=f"/aws/vendedlogs/events/event-bus/{naming.physical(environment.name)}",
        retention=RetentionDays[environment.log_retention],
        removal_policy=environment.removal,
    )


def _without_wildcard(scope: Construct, group: LogGroup) -> str:
    """Return the ARN of a log group without the `:*` at its end, which a delivery destination does not accept."""
    return Stack.of(scope).format_arn(
        service="logs",
        resource="log-group",
        resource_name=group.log_group_name,
        arn_format=ArnFormat.COLON_RESOURCE_NAME,
    )


def _delivery_may_write(group: LogGroup, source: CfnDeliverySource) -> PolicyStatement:
    """Allow the delivery of this source alone to write to the log group.

    Source: "Logs sent to CloudWatch Logs", Amazon CloudWatch Logs User Guide.
    """
    return PolicyStatement(
        principals=[ServicePrincipal("delivery.logs.amazonaws.com")],
        actions=["logs:CreateLogStream", "logs:PutLogEvents"],
        resources=[group.log_group_arn],
        conditions={
            "StringEquals": {"aws:SourceAccount": Stack.of(group).account},
            "ArnLike": {"aws:SourceArn": source.attr_arn},
        },
    )
