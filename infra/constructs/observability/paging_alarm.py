"""The composite alarm of one owner, which notifies people when any of the owner's alarms is on."""

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import batched
from typing import Any, Final

from aws_cdk import Duration
from aws_cdk.aws_cloudwatch import AlarmRule, CompositeAlarm, IAlarm
from aws_cdk.aws_cloudwatch_actions import SnsAction
from aws_cdk.aws_sns import ITopic
from constructs import Construct

from infra.constructs.observability.alarm import Subject
from infra.constructs.observability.deployments import suppressor
from infra.declarations.spec import SpecError

SECTION: Final = "paging"
# A rule has at most 100 underlying alarms and 10,240 characters. 100 alarms have at most 9,600 characters by their
# names, and more by their ARNs. Source: "PutCompositeAlarm", Amazon CloudWatch API Reference.
CHILDREN: Final = 100
# EventBridge reports its metrics once a minute, and CloudWatch evaluates an alarm once a minute. A notice waits this
# long for the suppressor, and after a deployment for the children to return to OK.
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
        alarms: Mapping[str, IAlarm],
        topic: ITopic,
    ) -> None:
        """Create the alarm of an owner; more alarms than a rule can have are divided among alarms without actions."""
        super().__init__(scope, construct_id)
        self._subject = subject
        self.names = (subject.name, *alarms)
        groups = [dict(group) for group in batched(alarms.items(), CHILDREN, strict=False)]
        if len(groups) > 1:
            alarms = {
                f"{subject.name}-part-{number}": self._any_of(f"Part{number}", f"{subject.name}-part-{number}", group)
                for number, group in enumerate(groups, start=1)
            }
        page = self._any_of(
            "Alarm",
            subject.name,
            alarms,
            actions_suppressor=suppressor(self, "Deployments", environment),
            actions_suppressor_wait_period=WAIT,
            actions_suppressor_extension_period=WAIT,
        )
        page.add_alarm_action(SnsAction(topic))

    def _any_of(
        self,
        construct_id: str,
        name: str,
        alarms: Mapping[str, IAlarm],
        **options: Any,  # noqa: ANN401 - CompositeAlarm's own keywords
    ) -> CompositeAlarm:
        """Return an alarm that is on while any of these alarms is on; it is created after them."""
        made = CompositeAlarm(
            self,
            construct_id,
            composite_alarm_name=name,
            alarm_description=f"An alarm of {self._subject.owner} is on: open the list of its children, and follow the "
            f"description of each child that is on. {self._subject.reference(SECTION)}",
            alarm_rule=AlarmRule.from_string(" OR ".join(f'ALARM("{each}")' for each in alarms)),
            **options,
        )
        made.node.add_dependency(*alarms.values())
        return made


def refuse_equal_names(names: Iterable[str]) -> None:
    """Raise SpecError for two alarms of one name; CloudFormation would fail at the deployment."""
    for name, number in Counter(names).items():
        if number > 1:
            raise SpecError(f"{number} alarms have the name {name}: rename the owner or the function in it")
