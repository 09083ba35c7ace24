"""`herald send --event` with events from `aws.*`: which it sends to queues, and which it refuses."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from herald.errors import CommandError
from infra.declarations.loader import ROOT, sample
from tests.unit.herald.bus import Bus, happen, listener


@pytest.mark.parametrize("endpoint", [None, "http://localhost"])
def test_an_event_that_s3_sends_of_a_write_is_refused(endpoint: str | None) -> None:
    """The write of an object runs its functions, on the local AWS as on AWS."""
    words = "events from aws.s3 cannot be put on a bus; .*write an object with `herald send OBJECT --to"
    with pytest.raises(CommandError, match=words):
        handed("aws.s3/object_created.report", endpoint)


def test_an_event_that_aws_alone_can_put_is_refused_there() -> None:
    """EventBridge refuses it too; the message names another way to run its functions."""
    with pytest.raises(
        CommandError, match=r"events from aws\.cloudwatch cannot .*; send it on the local AWS, .*`herald test"
    ):
        handed("aws.cloudwatch/cloudwatch_alarm_state_change.alarm", None)


def handed(name: str, endpoint: str | None = "http://localhost", **deployed: Any) -> tuple[Bus, list[str]]:  # noqa: ANN401 - attributes of a deployment
    """Send a sample; return the deployment, the printed messages and the subject."""
    messages: list[str] = []
    bus = Bus()
    bus.endpoint = endpoint
    vars(bus).update(deployed)
    subject = happen(bus, ROOT / "events" / f"{name}.json", messages.append)
    return bus, [*messages, subject]


def test_an_event_of_aws_is_sent_to_matching_functions_on_the_local_aws() -> None:
    """A queue receives the unchanged event with real resource names, as from a rule; nothing is put on a bus."""
    name = "aws.s3/aws_api_call_via_cloudtrail.acl_opened"
    bus, (message, subject) = handed(name)
    assert bus.handed == [("close_public_bucket", sample(name))]
    assert (bus.events, subject) == ([], "s3://herald-dev-website")
    assert message == (
        "sent to close_public_bucket, as a rule does: events from aws.s3 cannot be put on a bus; it keeps its id: "
        "sent again, it is a duplicate"
    )


def test_a_pattern_with_a_resource_that_is_not_deployed_matches_nothing() -> None:
    """Other functions receive the event all the same."""
    undeployed = replace(listener({"source": ["aws.s3"], "detail": {"bucket": ["${bucket.new}"]}}), name="new")
    specs = {"new": undeployed} | Bus().specs
    bus, _ = handed("aws.s3/aws_api_call_via_cloudtrail.acl_opened", specs=specs, queues={"new": {}} | Bus().queues)
    assert [name for name, _ in bus.handed] == ["close_public_bucket"]


def test_an_event_of_aws_without_an_id_is_new_each_time(tmp_path: Path) -> None:
    """A CloudEvent without an id is new too; the names of resources become their physical names."""
    named = listener({"source": ["aws.ec2"], "resources": ["${bucket.outputs}"]})
    file = tmp_path / "event.json"
    given = {"source": "aws.ec2", "detail-type": "State", "resources": ["${bucket.outputs}"], "detail": {}}
    file.write_text(json.dumps(given), encoding="utf-8")
    bus = Bus()
    bus.endpoint, bus.specs = "http://localhost", {"listen": named}
    for _ in range(2):
        assert happen(bus, file) == "outputs"
    (_, first), (_, second) = bus.handed
    assert first["id"] != second["id"]
    assert second == given | {"resources": ["outputs"], "id": second["id"], "time": second["time"]}


@pytest.mark.parametrize(
    ("deployed", "words"),
    [
        ({"queues": {}}, "no deployed function has a pattern that matches this event from aws.cloudwatch"),
        ({"queues": {"page_on_alarm": {"queue": "full"}}}, "SQS did not accept the event for page_on_alarm"),
    ],
)
def test_an_event_of_aws_that_reaches_no_function_is_refused(deployed: dict[str, Any], words: str) -> None:
    """No deployed rule matches it, or SQS does not accept it."""
    with pytest.raises(CommandError, match=words):
        handed("aws.cloudwatch/cloudwatch_alarm_state_change.alarm", **deployed)
