"""What of AWS's own events `herald send --event` hands over, and what it refuses."""

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
    """Its functions are run by the write, here as on AWS."""
    words = "is an event of aws.s3, .*: write such an object, with `herald send OBJECT --to"
    with pytest.raises(CommandError, match=words):
        handed("aws.s3/object_created.report", endpoint)


def test_an_event_that_aws_alone_can_put_is_refused_there() -> None:
    """As EventBridge would, and the sentence says how its functions are run all the same."""
    with pytest.raises(CommandError, match=r"is an event of aws\.cloudwatch, .*: the local AWS runs .*`herald test"):
        handed("aws.cloudwatch/cloudwatch_alarm_state_change.alarm", None)


def handed(name: str, endpoint: str | None = "http://localhost", **deployed: Any) -> tuple[Bus, list[str]]:  # noqa: ANN401 - what a deployment has
    """Send a sample; return the deployment, and what was said beside the subject, and the subject."""
    told: list[str] = []
    bus = Bus()
    bus.endpoint = endpoint
    vars(bus).update(deployed)
    subject = happen(bus, ROOT / "events" / f"{name}.json", told.append)
    return bus, [*told, subject]


def test_an_event_of_aws_is_handed_to_who_takes_it_on_the_local_aws() -> None:
    """As the target of its rule would: the event as it stands, with real names; nothing is put on a bus."""
    name = "aws.s3/aws_api_call_via_cloudtrail.acl_opened"
    bus, (told, subject) = handed(name)
    assert bus.handed == [("close_public_bucket", sample(name))]
    assert (bus.events, subject) == ([], "s3://herald-dev-website")
    assert told == (
        "handed to close_public_bucket, as a rule would: only AWS puts an event of aws.s3 on a bus; it keeps its id: "
        "sent again, it is a duplicate"
    )


def test_a_pattern_of_what_is_not_deployed_takes_nothing() -> None:
    """Nor does it keep others from what they take."""
    undeployed = replace(listener({"source": ["aws.s3"], "detail": {"bucket": ["${bucket.new}"]}}), name="new")
    specs = {"new": undeployed} | Bus().specs
    bus, _ = handed("aws.s3/aws_api_call_via_cloudtrail.acl_opened", specs=specs, queues={"new": {}} | Bus().queues)
    assert [name for name, _ in bus.handed] == ["close_public_bucket"]


def test_an_event_of_aws_without_an_id_is_new_each_time(tmp_path: Path) -> None:
    """As a CloudEvent without one is; the names of its resources are those they have on AWS."""
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
        ({"queues": {}}, "is an event of aws.cloudwatch, and no function that is deployed has a pattern it matches"),
        ({"queues": {"page_on_alarm": {"queue": "full"}}}, "SQS did not take the event for page_on_alarm"),
    ],
)
def test_an_event_of_aws_that_reaches_nobody_is_refused(deployed: dict[str, Any], words: str) -> None:
    """Nobody's rule matches it, or SQS is not there for it."""
    with pytest.raises(CommandError, match=words):
        handed("aws.cloudwatch/cloudwatch_alarm_state_change.alarm", **deployed)
