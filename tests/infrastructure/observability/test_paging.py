"""One composite alarm of each owner notifies people, and a deployment delays it."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from infra.constructs.observability import paging_alarm  # before aws_cdk: infra.constructs sets the path of Node.js
from infra.constructs.observability.alarm import Subject
from infra.constructs.observability.paging_alarm import PagingAlarm

from aws_cdk import App, Stack  # isort: skip
from aws_cdk.aws_cloudwatch import Alarm, IAlarm  # isort: skip
from aws_cdk.aws_sns import Topic  # isort: skip

from infra.declarations import loader
from infra.declarations.spec import SpecError
from tests.infrastructure.conftest import Synthesized, synthesize
from tests.infrastructure.observability.alarms import COMPOSITE, SUPPRESSOR, composites, metric_alarms

ARN = "arn:aws:cloudwatch:eu-central-1:111122223333:alarm"


def children(composite: dict[str, Any]) -> list[str]:
    """Return the names of the alarms in the rule of a composite alarm."""
    return re.findall(r'ALARM\("([^"]+)"\)', composite["AlarmRule"])


def test_each_alarm_notifies_through_one_composite_alarm(dev: Synthesized) -> None:
    """The alarm that is on during a deployment notifies nobody."""
    named = [child for composite in composites(dev).values() for child in children(composite)]
    assert sorted(named) == sorted(metric_alarms(dev).keys() - {SUPPRESSOR})


def test_an_alarm_has_no_action_of_its_own(dev: Synthesized) -> None:
    """Otherwise ten alarms of one fault would send ten notices."""
    for alarm in metric_alarms(dev).values():
        assert not {"AlarmActions", "OKActions", "InsufficientDataActions"} & alarm.keys()


def test_each_owner_has_a_composite_alarm_that_publishes_to_notices(dev: Synthesized) -> None:
    """The platform has one too."""
    owners = {spec.owner for spec in loader.load()}
    assert composites(dev).keys() == {"herald-dev", *(f"herald-dev-{owner}" for owner in owners)}
    for composite in composites(dev).values():
        (action,) = composite["AlarmActions"]
        assert "Notices" in json.dumps(action)


def test_a_composite_alarm_has_the_alarms_of_its_owner_only(dev: Synthesized) -> None:
    """An owner is not notified about the functions of others."""
    for spec in loader.load():
        own = [name for name in metric_alarms(dev) if name.startswith(f"herald-dev-{spec.name}-")]
        assert set(own) <= set(children(composites(dev)[f"herald-dev-{spec.owner}"]))


def test_a_deployment_delays_the_notice(dev: Synthesized) -> None:
    """The suppressor is the alarm of the same environment; periods are needed with it."""
    for composite in composites(dev).values():
        assert json.dumps(composite["ActionsSuppressor"]).endswith(f':alarm:{SUPPRESSOR}"]]}}')
        assert (composite["ActionsSuppressorWaitPeriod"], composite["ActionsSuppressorExtensionPeriod"]) == (120, 120)


def test_a_change_of_a_stack_of_the_environment_is_a_deployment(dev: Synthesized) -> None:
    """The metric Invocations needs a target: the log group, which only EventBridge may write to."""
    rules = [each["Properties"] for each in dev.resources("AWS::Events::Rule").values()]
    (rule,) = [each for each in rules if each["Name"] == "herald-dev-deployments"]
    assert rule["EventPattern"]["detail-type"] == ["CloudFormation Stack Status Change"]
    (prefix,) = rule["EventPattern"]["detail"]["stack-id"]
    assert json.dumps(prefix).endswith(':stack/herald-dev-"]]}}')
    (group,) = [
        each
        for each in dev.resources("AWS::Logs::LogGroup", "alarms").values()
        if each["Properties"]["LogGroupName"] == "/aws/events/herald-dev-deployments"
    ]
    (statement,) = group["Properties"]["ResourcePolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": ["delivery.logs.amazonaws.com", "events.amazonaws.com"]}
    assert json.dumps(statement["Resource"]).endswith(':log-group:/aws/events/herald-dev-deployments:*"]]}')
    metric = metric_alarms(dev)[SUPPRESSOR]
    assert (metric["MetricName"], metric["Dimensions"]) == (
        "Invocations",
        [{"Name": "RuleName", "Value": "herald-dev-deployments"}],
    )


def test_a_composite_alarm_is_created_after_its_parts(dev: Synthesized) -> None:
    """The rule names them, and CloudWatch refuses a rule with an unknown alarm."""
    for template in dev.templates.values():
        for composite in (each for each in template["Resources"].values() if each["Type"] == COMPOSITE):
            made = [template["Resources"][each]["Properties"]["AlarmName"] for each in composite["DependsOn"]]
            assert sorted(made) == sorted(children(composite["Properties"]))


def test_the_suppressor_is_deployed_before_the_alarms_of_owners(dev: Synthesized) -> None:
    """The stacks refer to it by name only, so they depend on its stack explicitly."""
    manifest = json.loads((dev.directory / "manifest.json").read_bytes())["artifacts"]
    for owner in {spec.owner for spec in loader.load()}:
        assert "herald-dev-alarms" in manifest[f"herald-dev-alarms-{owner}"]["dependencies"]


@pytest.mark.parametrize("owner", ["deployment", "undelivered"])
def test_two_alarms_of_one_name_are_refused(tmp_path: Path, owner: str) -> None:
    """CloudFormation would report at the deployment that the alarm exists already."""
    specs = [replace(loader.load()[0], owner=owner)]
    with pytest.raises(SpecError, match=f"2 alarms have the name herald-dev-{owner}: rename the owner"):
        synthesize(tmp_path, "dev", specs)


def test_an_owner_with_many_alarms_still_has_one_alarm_that_notifies(tmp_path: Path) -> None:
    """A rule has at most 100 alarms and 10,240 characters; parts without actions divide them."""
    app = App(outdir=str(tmp_path))
    stack = Stack(app, "s")
    names = [f"herald-{'e' * 16}-{'f' * 37}{number:03}-failed-invocations" for number in range(250)]
    alarms: dict[str, IAlarm] = {name: Alarm.from_alarm_arn(stack, name, f"{ARN}:{name}") for name in names}
    subject = Subject(name="herald-e-o", owner="o", runbook="r")
    PagingAlarm(stack, "P", subject=subject, environment="e", alarms=alarms, topic=Topic(stack, "T"))
    template = app.synth().get_stack_by_name("s").template
    made = [each["Properties"] for each in template["Resources"].values() if each["Type"] == COMPOSITE]
    (page,) = [each for each in made if "AlarmActions" in each]
    parts = {each["AlarmName"]: each for each in made if each is not page}
    assert sorted(children(page)) == sorted(parts)
    assert [child for name in sorted(parts) for child in children(parts[name])] == names
    assert max(len(each["AlarmRule"]) for each in made) <= 10_240
    assert max(len(children(each)) for each in made) <= paging_alarm.CHILDREN
