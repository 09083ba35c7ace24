"""The composite alarm of one owner, which notifies people when any of the owner's alarms is raised."""

from collections.abc import Iterator, Sequence
from itertools import batched
from typing import Final

from aws_cdk import Duration
from aws_cdk.aws_cloudwatch import Alarm, AlarmRule, CompositeAlarm
from aws_cdk.aws_cloudwatch_actions import SnsAction
from aws_cdk.aws_sns import ITopic
from constructs import Construct

from infra.constructs.observability.alarm import Subject
from infra.constructs.observability.deployments import suppressor

# A rule has at most 100 underlying alarms and 10,240 characters. Source: "PutCompositeAlarm", Amazon CloudWatch API
# Reference. With names of at most 90 characters, 100 alarms would exceed the characters.
CHILDREN: Final = 90
# EventBridge reports its metrics once a minute, and CloudWatch evaluates an alarm once a minute. A page waits this long
# for the suppressor, and for children to return to OK after a deployment.
WAIT: Final = Duration.minutes(2)


class PagingAlarm(Construct):
    """Publishes to a topic when it enters ALARM, except during a deployment.

    A deployment only delays the notice: CloudWatch sends it afterwards if the alarm is still on. While the alarm is on,
    further alarms of the owner send no notice of their own. Source: "Composite alarms" and "Suppressing composite alarm
    actions", Amazon CloudWatch User Guide.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        subject: Subject,
        environment: str,
        alarms: Sequence[Alarm],
        topic: ITopic,
    ) -> None:
        """Create the alarm of an owner; more alarms than a rule can have are divided among alarms without actions."""
        super().__init__(scope, construct_id)
        groups = list(batched(alarms, CHILDREN, strict=False))
        children: Sequence[Alarm | CompositeAlarm] = alarms
        if len(groups) > 1:
            children = list(self._parts(subject, groups))
        page = CompositeAlarm(
            self,
            "Alarm",
            composite_alarm_name=subject.name,
            alarm_description=f"At least one alarm of {subject.owner} is on: open it in the list of children, and "
            f"follow its description. Owner: {subject.owner}. Runbook: {subject.runbook}#paging",
            alarm_rule=AlarmRule.any_of(*(_rule(each) for each in children)),
            actions_suppressor=suppressor(self, "Deployments", environment),
            actions_suppressor_wait_period=WAIT,
            actions_suppressor_extension_period=WAIT,
        )
        page.add_alarm_action(SnsAction(topic))

    def _parts(self, subject: Subject, groups: Sequence[Sequence[Alarm]]) -> Iterator[CompositeAlarm]:
        for number, group in enumerate(groups, start=1):
            yield CompositeAlarm(
                self,
                f"Part{number}",
                composite_alarm_name=f"{subject.name}-part-{number}",
                alarm_description=f"A part of {subject.name}, which notifies. Owner: {subject.owner}. Runbook: "
                f"{subject.runbook}#paging",
                alarm_rule=AlarmRule.any_of(*(_rule(each) for each in group)),
            )


def _rule(alarm: Alarm | CompositeAlarm) -> Alarm | CompositeAlarm:
    return alarm
