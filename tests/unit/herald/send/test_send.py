"""What `herald send` puts into the bucket, on the bus or on a topic, and what it refuses before it does."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from herald.errors import CommandError
from herald.progress import Progress
from infra.declarations.loader import ROOT, sample
from tests.unit.herald.bus import Bus, happen


def sent(
    tmp_path: Path, event: dict[str, Any], progress: Progress = print, endpoint: str | None = "http://localhost"
) -> list[dict[str, Any]]:
    """Send an event from a file; return what is on the bus, which is AWS's where there is no endpoint."""
    bus, file = Bus(), tmp_path / "event.json"
    bus.endpoint = endpoint
    file.write_text(json.dumps(event), encoding="utf-8")
    happen(bus, file, progress)
    return bus.events


def test_a_sample_is_sent_as_it_stands(tmp_path: Path) -> None:
    """With real names in place of those of its resources."""
    (event,) = sent(tmp_path, sample("report.published/red", ROOT))
    assert event["dataschema"] == "herald:report.published/1"
    assert event["subject"].startswith("s3://outputs/")


def test_an_event_that_the_bus_would_not_take_is_refused(tmp_path: Path) -> None:
    """With its size; the local bus takes any."""
    event = {"specversion": "1.0", "source": "shop", "type": "cart.left", "data": {"text": "x" * 1_000_000}}
    with pytest.raises(CommandError, match=r"makes an event of 1,000,\d+ bytes; the bus takes 1,000,000"):
        sent(tmp_path, event)


def test_on_aws_the_event_of_a_function_is_its_own(tmp_path: Path) -> None:
    """The bus denies its source to everybody else; the sentence says what to do, and others' events are sent."""
    with pytest.raises(CommandError, match=r"takes source 'herald\.summarise_test_report' .* `herald replay`"):
        sent(tmp_path, sample("report.published/red", ROOT), endpoint=None)
    assert len(sent(tmp_path, sample("customer.created/person", ROOT), endpoint=None)) == 1


def test_a_type_without_a_contract_is_sent_to_who_takes_it(tmp_path: Path) -> None:
    """Nobody promised anything of it, and whoever sends it is told so."""
    told: list[str] = []
    event = {"specversion": "1.0", "source": "shop", "type": "cart.left", "data": {}}
    assert len(sent(tmp_path, event, told.append)) == 1
    assert told == ["cart.left has no contract here: its data was not checked. Who takes it: listen"]


@pytest.mark.parametrize(
    ("event_type", "source", "words"),
    [
        ("report.publishd", "x", r"did you mean 'report\.published'\?"),
        ("cart.left", "elsewhere", r"there are build\.finished, .*report\.published"),
    ],
)
def test_a_type_that_nobody_knows_is_refused(tmp_path: Path, event_type: str, source: str, words: str) -> None:
    """With the nearest that has a contract, else with what has; a function takes a type by its source too."""
    event = {"specversion": "1.0", "source": source, "type": event_type, "data": {}}
    reason = f"there is no contract of '{event_type}' from '{source}', and no function takes it; {words}"
    with pytest.raises(CommandError, match=reason):
        sent(tmp_path, event)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"tests": "2"}, 'report.published/1: data.tests breaks type: "integer"'),
        ({"test": 2}, "report.published/1: data.test is not a field of the contract"),
    ],
)
def test_what_breaks_its_contract_is_refused(tmp_path: Path, changes: dict[str, Any], reason: str) -> None:
    """With the file and the field, as `run.emit` would refuse it; nothing is sent."""
    event = sample("report.published/red", ROOT)["detail"]
    event["data"] |= changes
    with pytest.raises(CommandError) as refused:
        sent(tmp_path, event)
    assert str(refused.value) == f"{tmp_path / 'event.json'}: {reason}"


@pytest.mark.parametrize(
    ("attributes", "reason"),
    [
        ({"dataschema": "herald:report.published/9"}, "report.published/9 does not exist"),
        ({"dataschema": "1"}, "dataschema is not herald:report.published/<version>"),
        ({"subject": 7}, "detail.subject is int, not str"),
    ],
)
def test_what_no_function_would_take_is_refused(tmp_path: Path, attributes: dict[str, Any], reason: str) -> None:
    """An event is read as functions read it before it is sent."""
    with pytest.raises(CommandError, match=reason):
        sent(tmp_path, sample("report.published/red", ROOT)["detail"] | attributes)


def published(tmp_path: Path, message: dict[str, Any]) -> tuple[str, list[tuple[str, bytes]]]:
    """Send the message of a device from a file; return its subject, and what was published."""
    bus, file = Bus(), tmp_path / "message.json"
    file.write_text(json.dumps(message), encoding="utf-8")
    return happen(bus, file), bus.published


def test_a_devices_message_is_published_as_the_device_did(tmp_path: Path) -> None:
    """On its topic, byte for byte, be it JSON or not; nothing goes to the bus."""
    message = sample("aws.iot/iot_message.climate", ROOT)
    payload = base64.b64decode(message["payload"])
    assert published(tmp_path, message) == ("device/greenhouse-7", [("devices/greenhouse-7/readings", payload)])
    assert published(tmp_path, message | {"payload": "/wA="})[1] == [("devices/greenhouse-7/readings", b"\xff\x00")]


def test_the_topic_says_which_device_it_is(tmp_path: Path) -> None:
    """As the rule will, whatever the file says."""
    message = sample("aws.iot/iot_message.climate", ROOT) | {"topic": "devices/9/readings"}
    subject, published_ = published(tmp_path, message)
    assert (subject, published_[0][0]) == ("device/9", "devices/9/readings")


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"payload": "no base64!"}, "payload is not Base64"),
        ({"topic": ""}, "topic is empty"),
        ({"topic": "devices/7/reading"}, "no function listens to the topic 'devices/7/reading'; did you mean"),
    ],
)
def test_a_message_that_no_rule_sends_is_refused(tmp_path: Path, fields: dict[str, Any], reason: str) -> None:
    """With the file and the field."""
    with pytest.raises(CommandError, match=f"message.json: {reason}"):
        published(tmp_path, sample("aws.iot/iot_message.climate", ROOT) | fields)


def test_what_is_nested_too_deeply_is_refused(tmp_path: Path) -> None:
    """As what is no JSON at all."""
    file = tmp_path / "deep.json"
    file.write_text("[" * 100_000, encoding="utf-8")
    with pytest.raises(CommandError, match=r"deep.json is not JSON that can be read: "):
        happen(Bus(), file)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"data": []}, "event.json: detail.data is list, not dict"),
        ({"data": None}, "event.json: the CloudEvent has no data"),
        ({"source": ""}, "event.json: the CloudEvent has no source"),
    ],
)
def test_a_field_that_is_missing_is_told_from_one_of_another_kind(
    tmp_path: Path, change: dict[str, Any], reason: str
) -> None:
    """By its name."""
    with pytest.raises(CommandError, match=reason):
        sent(tmp_path, sample("report.published/red", ROOT)["detail"] | change)


def test_a_sample_that_must_be_refused_says_why(tmp_path: Path) -> None:
    """It is no event, but what is said about one."""
    with pytest.raises(
        CommandError, match=r"event.json is a sample of what is refused, and says why: it lacks a number"
    ):
        sent(tmp_path, {"reason": "it lacks a number", "event": {}})
