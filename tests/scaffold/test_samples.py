"""The events that `herald new` and `herald new-event` make up are such as may come."""

import json
from pathlib import Path
from typing import Any

import pytest

from herald.scaffold import contract
from tests import checkout
from tests.scaffold.test_new import REDDEST, add


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Copy the repository."""
    return checkout.copy(tmp_path)


def read(root: Path, name: str) -> dict[str, Any]:
    """Return the event in a file below events/."""
    event: dict[str, Any] = json.loads((root / "events" / f"{name}.json").read_bytes())
    return event


def test_no_two_samples_are_one_event(root: Path) -> None:
    """A function that takes both would refuse the second: the same id with other content."""
    for event_type in ("sprout.counted", "sprout.measured"):
        contract.new(root, event_type)
    add(root, "sprout_on_reddest", REDDEST, [])
    samples = [read(root, f"sprout.{kind}/example") for kind in ("counted", "measured")]
    samples += [read(root, f"sprout.{kind}/invalid/no_summary")["event"] for kind in ("counted", "measured")]
    samples += [read(root, f"report.published/{name}") for name in ("sprout_on_reddest", "green")]
    assert len({sample["detail"]["id"] for sample in samples}) == len(samples)


def test_a_sample_after_another_is_an_event_of_its_own(root: Path) -> None:
    """What AWS sends has its id in the envelope."""
    kind = {"source": ["aws.cloudwatch"], "detail-type": ["CloudWatch Alarm State Change"]}
    add(root, "sprout_alarms", kind | {"detail": {"alarmName": ["sprout"]}}, [])
    names = ("alarm", "composite", "ok", "sprout_alarms")
    ids = {read(root, f"aws.cloudwatch/cloudwatch_alarm_state_change.{name}")["id"] for name in names}
    assert len(ids) == len(names)


def test_a_sample_keeps_its_id(root: Path) -> None:
    """Written again it is the same event."""
    written = []
    for _ in range(2):
        files = contract.new(root, "sprout.counted")
        written.append([(root / file).read_bytes() for file in files])
        for file in files:
            (root / file).unlink()
        for folder in ("invalid", "."):
            (root / "events/sprout.counted" / folder).rmdir()
    assert written[0] == written[1]
