"""[trigger]: exactly one kind of trigger, a valid pattern or topic, and samples that match."""

from pathlib import Path
from typing import Final

import pytest

from infra.declarations import loader
from infra.declarations.spec import IotTrigger
from tests.unit.infra.declared import changed, declare, refusal

ONE_TRIGGER: Final = "trigger needs exactly one of [trigger.pattern], [trigger.iot], [trigger.http]; it has"
SAMPLES: Final = '["customer.created/ada"]'
PATTERN: Final = 'detail-type = ["customer.created"]'
ON_TOPIC: Final = """
description = "Take readings."
owner = "telemetry"

[trigger]
samples = ["aws.iot/reading"]
[trigger.iot]
topic = "devices/+/readings"
"""


@pytest.mark.parametrize(
    ("find", "put", "reason"),
    [
        (SAMPLES, "[]", "trigger.samples is empty; it needs at least one entry, which must name a file below events/"),
        (SAMPLES, '"customer.created/ada"', "trigger.samples must be a list, not 'customer.created/ada'"),
        (SAMPLES, '["customer.created/bob"]', "events/customer.created/bob.json does not exist"),
        (SAMPLES, '["../../etc/passwd"]', "trigger.samples: '../../etc/passwd' must name a file below events/"),
        (SAMPLES, '["/etc/passwd"]', "trigger.samples: '/etc/passwd' must name a file below events/"),
        (SAMPLES, '["a/../../b"]', "trigger.samples: 'a/../../b' must name a file below events/"),
        (
            PATTERN,
            'detail-type = ["customer.lost"]',
            "trigger.samples: events/customer.created/ada.json does not match the pattern: detail-type: 'customer.",
        ),
        (PATTERN, "", f"{ONE_TRIGGER} none, or an empty pattern"),
        (
            PATTERN,
            f'{PATTERN}\n"$or" = [{{ detail-type = ["a"] }}, {{ source = ["b"] }}]',
            "trigger.pattern: detail-type: the pattern has two conditions for this field",
        ),
        (PATTERN, "detail-type = []", "trigger.pattern: detail-type: an empty list"),
        (
            '["customer.created"]\n',
            '["${bucket.output}"]\n',
            "trigger.pattern: ${bucket.output} is an unknown bucket; did you mean 'outputs'?",
        ),
        (
            '["customer.created"]\n',
            '["${outputs}"]\n',
            "trigger.pattern: ${outputs} is not a resource; did you mean 'buck",
        ),
    ],
)
def test_a_wrong_pattern_or_sample_is_refused(root: Path, find: str, put: str, reason: str) -> None:
    """The message names the file, the key and the fault."""
    declare(root, "welcome", changed(find, put))
    assert refusal(root).startswith(f"functions/welcome/function.toml: {reason}")


def test_a_topic_is_a_trigger(root: Path) -> None:
    """The function then has no rule on a bus, and `asked` is the topic."""
    declare(root, "take", ON_TOPIC)
    (spec,) = loader.load(root)
    assert (spec.trigger.iot, spec.trigger.pattern, spec.buses) == (IotTrigger(topic="devices/+/readings"), {}, ())
    assert spec.trigger.asked == {"topic": ["devices/+/readings"]}


@pytest.mark.parametrize(
    ("find", "put", "reason"),
    [
        ('[trigger.iot]\ntopic = "devices/+/readings"', "", f"{ONE_TRIGGER} none, or an empty pattern"),
        (
            "[trigger.iot]",
            'pattern.detail-type = ["a"]\n[trigger.iot]',
            f"{ONE_TRIGGER} [trigger.pattern] and [trigger.iot]",
        ),
        ('topic = "devices/+/readings"', "", "trigger.iot.topic is missing"),
        ('topic = "devices/+/readings"', 'topic = ""', "trigger.iot.topic is empty"),
        ('topic = "devices/+/readings"', "topic = 7", "trigger.iot.topic must be a text, not 7"),
        ("topic =", "topics =", "unknown key 'topics' in [trigger.iot]; did you mean 'topic'?"),
        ("[trigger.iot]", "[trigger.iott]", "unknown key 'iott' in [trigger]; did you mean 'iot'?"),
        ("devices/+/readings", "$aws/+/readings", "trigger.iot.topic: '$aws/+/readings': topics that begin with '$'"),
        ("devices/+/readings", "devices/#/+", "trigger.iot.topic: 'devices/#/+': '#' may only be the last level"),
        (
            "devices/+/readings",
            "machines/+/readings",
            "trigger.samples: the topic of events/aws.iot/reading.json does not match 'machines/+/readings'",
        ),
        (
            "devices/+/readings",
            "+/7/readings",
            "trigger.samples: events/aws.iot/reading.json must have 'device' = 'devices', as in its topic",
        ),
        (
            "aws.iot/reading",
            "customer.created/ada",
            "trigger.samples: the topic of events/customer.created/ada.json does not match 'devices/+/readings'",
        ),
        ('["aws.iot/reading"]', "[]", "trigger.samples is empty"),
    ],
)
def test_a_wrong_topic_is_refused_with_file_and_key(root: Path, find: str, put: str, reason: str) -> None:
    """No trigger or several, an invalid filter, or a sample that does not match it."""
    assert find in ON_TOPIC
    declare(root, "take", ON_TOPIC.replace(find, put))
    assert refusal(root).startswith(f"functions/take/function.toml: {reason}")
