"""An alarm that is on during a deployment: composite alarms wait for its end before they notify people.

A rule matches the status changes of the environment's stacks. Its metric Invocations exists only for a rule that has a
target ("Monitoring Amazon EventBridge", Amazon EventBridge User Guide), so the rule writes the events to a log group,
which keeps a record of all deployments.
"""

from typing import TYPE_CHECKING, Final, cast

from aws_cdk import ArnFormat, Stack
from aws_cdk.aws_cloudwatch import Alarm, IAlarm
from aws_cdk.aws_events import CfnRule
from aws_cdk.aws_iam import PolicyDocument, PolicyStatement, ServicePrincipal
from aws_cdk.aws_logs import LogGroup, RetentionDays
from constructs import Construct

from infra.constructs import nag
from infra.constructs.environment import Environment
from infra.constructs.observability import alarm
from infra.constructs.observability.alarm import AlarmDefinition, Condition, Subject, metric
from infra.declarations import naming

if TYPE_CHECKING:
    from aws_cdk.aws_logs import CfnLogGroup

KIND: Final = "deployment"
# CloudFormation reports the beginning and the end of each stack's update. The alarm stays on for this long after an
# event, so that an update of a stack may take this long. One event in the time is enough, so it is not 2 of 3 periods.
MINUTES: Final = 15


class Deployments(Construct):
    """The rule, the log group and the alarm that suppresses notices."""

    def __init__(self, scope: Construct, construct_id: str, *, subject: Subject, environment: Environment) -> None:
        """Create them for one environment; `subject` has the name of the environment."""
        super().__init__(scope, construct_id)
        logs = self._make_logs(f"/aws/events/{subject.name}-deployments", environment)
        rule = self._make_rule(f"{subject.name}-deployments", subject.name, logs)
        definition = AlarmDefinition(
            kind=KIND,
            text=f"A stack of {subject.name} is deployed: notices of alarms wait for the end. Nothing is to be done.",
            metric=metric("AWS/Events", "Invocations", "Sum", {"RuleName": str(rule.name)}),
            when=Condition(threshold=1, periods=MINUTES, needed=1),
        )
        self.names = tuple(alarm.make(self, subject, [definition]))

    def _make_logs(self, name: str, environment: Environment) -> LogGroup:
        logs = LogGroup(
            self,
            "Logs",
            log_group_name=name,
            retention=RetentionDays[environment.log_retention],
            removal_policy=environment.removal,
        )
        # Source: "CloudWatch Logs permissions" of "Using resource-based policies for Amazon EventBridge", Amazon
        # EventBridge User Guide.
        statement = PolicyStatement(
            principals=[ServicePrincipal("events.amazonaws.com"), ServicePrincipal("delivery.logs.amazonaws.com")],
            actions=["logs:CreateLogStream", "logs:PutLogEvents"],
            resources=[f"{_arn(self, name)}:*"],
        )
        # A policy of the log group. An account may have only ten policies that name no log group. Source:
        # "PutResourcePolicy", Amazon CloudWatch Logs API Reference.
        cast("CfnLogGroup", logs.node.default_child).resource_policy_document = PolicyDocument(statements=[statement])
        return logs

    def _make_rule(self, name: str, prefix: str, logs: LogGroup) -> CfnRule:
        stacks = Stack.of(self).format_arn(service="cloudformation", resource="stack", resource_name=f"{prefix}-")
        rule = CfnRule(
            self,
            "Rule",
            name=name,
            description="Record every deployment of the environment's stacks.",
            # Source: "Stack Status Change event detail", AWS CloudFormation User Guide.
            event_pattern={
                "source": ["aws.cloudformation"],
                "detail-type": ["CloudFormation Stack Status Change"],
                "detail": {"stack-id": [{"prefix": stacks}]},
            },
            targets=[CfnRule.TargetProperty(id="logs", arn=_arn(self, logs.log_group_name))],
        )
        nag.acknowledge(rule, nag.DEPLOYMENTS)
        return rule


def suppressor(scope: Construct, construct_id: str, environment: str) -> IAlarm:
    """Return a reference to the alarm, by its name, for stacks that are deployed after it."""
    name = f"{naming.physical(environment)}-{KIND}"
    arn = Stack.of(scope).format_arn(
        service="cloudwatch", resource="alarm", resource_name=name, arn_format=ArnFormat.COLON_RESOURCE_NAME
    )
    return Alarm.from_alarm_arn(scope, construct_id, arn)


def _arn(scope: Construct, log_group: str) -> str:
    return Stack.of(scope).format_arn(
        service="logs", resource="log-group", resource_name=log_group, arn_format=ArnFormat.COLON_RESOURCE_NAME
    )
