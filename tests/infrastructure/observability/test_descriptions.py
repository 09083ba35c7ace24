"""The description of an alarm names its owner and links to a section of the runbook that exists."""

import re
from pathlib import Path
from typing import Any, Final

from infra.declarations import loader
from tests.infrastructure.conftest import Synthesized, synthesize
from tests.infrastructure.observability.alarms import composites, metric_alarms

RUNBOOK: Final = (loader.ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
SECTIONS: Final = set(re.findall(r"^## ([a-z-]+)$", RUNBOOK, re.MULTILINE))
END: Final = re.compile(r"Owner: ([a-z0-9-]+)\. Runbook: (\S+)#([a-z-]+)$")
MOST_CHARACTERS: Final = 1_024  # "PutMetricAlarm", Amazon CloudWatch API Reference


def all_alarms(app: Synthesized) -> dict[str, dict[str, Any]]:
    """Return the properties of all alarms by name."""
    return metric_alarms(app) | composites(app)


def described(alarm: dict[str, Any]) -> str:
    """Return the description of an alarm, with each reference as text."""
    text = alarm["AlarmDescription"]
    parts = [text] if isinstance(text, str) else text["Fn::Join"][1]
    return "".join(each if isinstance(each, str) else "<reference>" for each in parts)


def ending(alarm: dict[str, Any]) -> tuple[str, str, str]:
    """Return the owner, the address of the runbook and the section that end a description."""
    found = END.search(described(alarm))
    assert found, described(alarm)
    return found[1], found[2], found[3]


def test_each_alarm_links_to_a_section_of_the_runbook(dev: Synthesized) -> None:
    """The section has the kind of the alarm as its title."""
    for name, alarm in all_alarms(dev).items():
        _, address, section = ending(alarm)
        assert address == "docs/runbook.md"
        assert section in SECTIONS
        assert name in composites(dev) or name.endswith(f"-{section}")
        assert len(described(alarm)) <= MOST_CHARACTERS


def test_each_section_of_a_kind_has_an_alarm(dev: Synthesized) -> None:
    """A section without an alarm is out of date."""
    assert {ending(alarm)[2] for alarm in all_alarms(dev).values()} == SECTIONS


def test_each_alarm_names_its_owner(dev: Synthesized) -> None:
    """The owner of a function is that of its declaration."""
    owners = {spec.name: spec.owner for spec in loader.load()}
    for name, alarm in metric_alarms(dev).items():
        assert ending(alarm)[0] == owners.get(name.split("-")[2], "platform")


def test_each_alarm_says_what_to_do(dev: Synthesized) -> None:
    """What happened stands before a colon, and what to do after it."""
    for alarm in all_alarms(dev).values():
        happened, _, remedy = described(alarm).partition(": ")
        assert len(happened) > 20
        assert len(remedy.partition("Owner: ")[0]) > 20


def test_the_address_of_the_runbook_is_a_setting(tmp_path: Path) -> None:
    """An environment may have its runbook on a web site."""
    app = synthesize(tmp_path, "dev", loader.load()[:1], runbook="https://wiki.example.com/herald")
    assert {ending(alarm)[1] for alarm in all_alarms(app).values()} == {"https://wiki.example.com/herald"}


def test_the_quota_of_lambda_is_a_setting(tmp_path: Path) -> None:
    """The alarm is raised at 80 % of the account's quota."""
    app = synthesize(tmp_path, "dev", loader.load()[:1], lambda_concurrency=5_000)
    assert metric_alarms(app)["herald-dev-lambda-quota"]["Threshold"] == 4_000
