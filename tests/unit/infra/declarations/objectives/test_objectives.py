"""[objectives]: durations and percentages with units and bounds, and the triggers and delivery that they suit."""

import json
from pathlib import Path
from typing import Any, Final

import jsonschema
import pytest

from infra.declarations import loader, schema
from infra.declarations.objectives import quantities
from infra.declarations.objectives.objectives import Objectives
from tests.unit.infra.declared import GOOD, changed, declare, refusal

SCHEMA: Final[dict[str, Any]] = json.loads(schema.text())["properties"]["objectives"]
HTTP: Final = """
description = "Receive."
owner = "o"
[trigger]
samples = ["http/good"]
[trigger.http]
[secrets]
keys = "secret.webhooks"
"""
REQUEST: Final = {
    "version": "2.0",
    "rawPath": "/",
    "headers": {},
    "requestContext": {},
    "body": "",
    "isBase64Encoded": False,
}


def test_objectives_are_read_with_their_units(root: Path) -> None:
    """A space before % is optional."""
    declare(root, "welcome", GOOD + '[objectives]\nstart_within = "5m"\nsuccess = "99.5%"\nexpect_every = "1d"')
    (spec,) = loader.load(root)
    found = spec.objectives
    assert (found.start_within_seconds, found.success_percent, found.expect_every_seconds) == (300, 99.5, 86_400)


def test_a_function_without_objectives_promises_a_rate_only() -> None:
    """The failure rate has an alarm on every function."""
    assert (Objectives().start_within_seconds, Objectives().expect_every_seconds) == (None, None)
    assert Objectives().success_percent == 95


@pytest.mark.parametrize(
    ("objective", "reason"),
    [
        (
            'start_within = "5 minutes"',
            "start_within: '5 minutes' must be a whole number with one of the units s, m, h, d",
        ),
        (
            'start_within = "0m"',
            "start_within: '0m' must be a whole number with one of the units s, m, h, d, such as 5m",
        ),
        ('start_within = "59s"', "start_within: '59s' must be between 1m and 7d"),
        ('start_within = "169h"', "start_within: '169h' must be between 1m and 7d"),
        ("start_within = 300", "start_within must be a text, not 300"),
        ('start_within = ""', "start_within is empty"),
        ('success = "99"', "success: '99' must be a percentage with at most two decimals, such as 99.5 %"),
        ('success = "100 %"', "success: '100 %' must be a percentage with at most two decimals, such as 99.5 %"),
        ('success = "99.999 %"', "success: '99.999 %' must be a percentage with at most two decimals"),
        ('success = "49.99 %"', "success: '49.99 %' must be between 50 % and 99.99 %"),
        ("success = 0.99", "success must be a text, not 0.99"),
        ('expect_every = "4m"', "expect_every: '4m' must be between 5m and 7d"),
        ('expect_every = "8d"', "expect_every: '8d' must be between 5m and 7d"),
        ('expect_evry = "1d"', "unknown key 'expect_evry' in [objectives]; did you mean 'expect_every'?"),
    ],
)
def test_a_wrong_objective_is_refused(root: Path, objective: str, reason: str) -> None:
    """The message names the file, the key, the form and the bounds."""
    declare(root, "welcome", changed("GOOD", f"[objectives]\n{objective}"))
    where = "" if reason.startswith("unknown") else "objectives."
    assert refusal(root).startswith(f"functions/welcome/function.toml: {where}{reason}")


def test_a_request_does_not_wait_in_a_queue(root: Path) -> None:
    """The sender waits for the answer."""
    (root / "events" / "http").mkdir()
    (root / "events" / "http" / "good.json").write_text(json.dumps(REQUEST), encoding="utf-8")
    declare(root, "receive", HTTP + '[objectives]\nstart_within = "5m"')
    assert "objectives.start_within: a function with [trigger.http] has no queue" in refusal(root)


def test_a_wake_waits_on_purpose(root: Path) -> None:
    """Its message is in the queue until it is due."""
    declare(root, "welcome", GOOD + '[delivery]\norder = "newest"\nwakes = true\n[objectives]\nstart_within = "5m"')
    assert "objectives.start_within: with wakes = true" in refusal(root)


@pytest.mark.parametrize(
    ("key", "good", "bad"),
    [("start_within", "5m", "5 m"), ("success", "99.5 %", "100 %"), ("expect_every", "7d", "weekly")],
)
def test_an_editor_marks_a_wrong_form(key: str, good: str, bad: str) -> None:
    """The schema has the forms; the loader checks the bounds too."""
    validator = jsonschema.Draft4Validator(SCHEMA)
    assert validator.is_valid({key: good})
    assert not validator.is_valid({key: bad})


@pytest.mark.parametrize("text", ["5", "m", "-5m", "5 %", ""])
def test_a_text_that_is_not_a_duration_has_no_seconds(text: str) -> None:
    """The same for a percentage."""
    with pytest.raises(ValueError, match="is not a duration"):
        quantities.seconds(text)
    with pytest.raises(ValueError, match="is not a percentage"):
        quantities.percent(text.replace("%", ""))
