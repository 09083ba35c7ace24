"""Messages of the error action of an AWS IoT rule become dead letters."""

import base64
import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from functions.runtime.envelopes.envelope import parse
from herald.dead_letters import iot_error
from herald.deployment.deployment import Deployment
from infra.declarations import loader

SENT_AT = 1_794_441_660_000
DOCUMENT = {
    "ruleName": "herald_dev_ingest_readings",
    "topic": "devices/7/readings",
    "cloudwatchTraceId": "7e146a2c-95b5-6caf-98b9-50e3969734c7",
    "clientId": "N/A",
    "base64OriginalPayload": base64.b64encode(b'[{"n": "a", "v": 1}]').decode(),
    "failures": [
        {"failedAction": "SqsAction", "failedResource": "https://queue", "errorMessage": "The queue does not exist."}
    ],
}


@pytest.fixture
def deployment() -> Deployment:
    """Return the environment dev with the functions of this checkout."""
    session: Any = SimpleNamespace()
    made = Deployment(session, "dev")
    made.__dict__["specs"] = {spec.name: spec for spec in loader.load()}
    return made


def read(deployment: Deployment, document: object = DOCUMENT) -> dict[str, Any]:
    """Return the fields read from a message."""
    return iot_error.read(deployment, json.dumps(document), SENT_AT) or {}


def test_a_failed_message_names_its_function_and_device(deployment: Deployment) -> None:
    """Error and reason come from AWS IoT; the payload is only in the body."""
    dead_letter = read(deployment)
    assert (dead_letter["function"], dead_letter["subject"]) == ("ingest_readings", "device/7")
    assert (dead_letter["error"], dead_letter["reason"]) == ("SqsAction", "The queue does not exist.")
    assert "base64OriginalPayload" not in dead_letter["details"]


def test_a_rule_from_before_a_rename_belongs_to_the_renamed_function(deployment: Deployment) -> None:
    """The function with the new name receives the message."""
    renamed = replace(deployment.specs["ingest_readings"], formerly=("take_readings",))
    deployment.__dict__["specs"] = {renamed.name: renamed}
    assert read(deployment, DOCUMENT | {"ruleName": "herald_dev_take_readings"})["function"] == "ingest_readings"


def test_the_body_is_the_message_that_the_rule_could_not_send(deployment: Deployment) -> None:
    """A redrive delivers it as a normal event; its time is the time of the failure."""
    event = parse(read(deployment)["body"])
    assert event.data == {"payload": [{"n": "a", "v": 1}]}
    assert (event.subject, event.time, event.requester) == ("device/7", "2026-11-12T00:01:00.000+00:00", None)


@pytest.mark.parametrize(
    "document",
    [
        [],
        {},
        {"detail": {}},
        DOCUMENT | {"failures": []},
        DOCUMENT | {"failures": None},
        DOCUMENT | {"ruleName": "another"},
        DOCUMENT | {"topic": "another/7"},
        DOCUMENT | {"topic": 7},
    ],
)
def test_other_messages_are_not_read(deployment: Deployment, document: object) -> None:
    """The same queue holds events that EventBridge could not deliver."""
    assert read(deployment, document) == {}
    assert iot_error.read(deployment, "no JSON", SENT_AT) is None
