"""What is read from the document that an IoT rule's error action leaves."""

import base64
import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from functions.runtime.envelopes.envelope import parse
from herald.dead_letters import iot_error
from herald.deployment import functions
from herald.deployment.deployment import Deployment
from herald.errors import CommandError
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
    """Return dev with this checkout's functions, of which nothing is asked."""
    session: Any = SimpleNamespace()
    made = Deployment(session, "dev")
    made.__dict__["specs"] = {spec.name: spec for spec in loader.load()}
    made.__dict__["all_queues"] = {name: {"queue": name} for name in made.specs}
    return made


def read(deployment: Deployment, document: object = DOCUMENT) -> dict[str, Any]:
    """Return what is read of a document."""
    return iot_error.read(deployment, json.dumps(document), SENT_AT) or {}


def test_a_failed_message_is_known_by_its_function_and_device(deployment: Deployment) -> None:
    """In AWS IoT's words; the payload is in the body alone."""
    letter = read(deployment)
    assert (letter["function"], letter["subject"]) == ("ingest_readings", "device/7")
    assert (letter["error"], letter["reason"]) == ("SqsAction", "The queue does not exist.")
    assert "base64OriginalPayload" not in letter["said"]


def test_a_rule_of_before_a_rename_is_the_function_of_today(deployment: Deployment) -> None:
    """What it could not send is for whoever takes those messages now."""
    renamed = replace(deployment.specs["ingest_readings"], formerly=("take_readings",))
    deployment.__dict__["specs"] = {renamed.name: renamed}
    assert read(deployment, DOCUMENT | {"ruleName": "herald_dev_take_readings"})["function"] == "ingest_readings"


def test_its_body_is_the_message_that_was_to_be_sent(deployment: Deployment) -> None:
    """Redriven, it is an event like any other; it was received when it failed."""
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
def test_what_is_no_such_document_is_left_to_others(deployment: Deployment, document: object) -> None:
    """An event of EventBridge lies in the same queue."""
    assert read(deployment, document) == {}
    assert iot_error.read(deployment, "no JSON", SENT_AT) is None


def test_the_journal_cannot_replay_what_it_never_saw(deployment: Deployment) -> None:
    """An empty pattern would match every event there is."""
    with pytest.raises(CommandError, match="ingest_readings is not run by events of a bus"):
        functions.pattern(deployment, "ingest_readings")
    for function in ("page_on_alarm", "close_public_bucket"):
        with pytest.raises(
            CommandError, match=f"the journal has nothing that runs {function}: of AWS's events it keeps"
        ):
            functions.pattern(deployment, function)
    deployment.__dict__["outputs"] = {"BucketOutputs": "outputs-1"}
    assert functions.pattern(deployment, "summarise_test_report")["detail"]["bucket"]["name"] == ["outputs-1"]
