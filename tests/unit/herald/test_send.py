"""What `herald send --event` puts on the bus or publishes, and what it refuses before it does."""

import base64
import json
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import boto3
import pytest
from moto import mock_aws

from herald import send, webhook
from herald.deployment import Deployment
from herald.errors import CommandError
from infra import catalog
from infra.catalog import ROOT, sample
from infra.spec import OWN_SECRET, FunctionSpec, Trigger


def listener(pattern: dict[str, Any]) -> FunctionSpec:
    """Return a function that its pattern runs."""
    trigger = Trigger(samples=(), pattern=pattern)
    return FunctionSpec(name="listen", description="It listens.", owner="team", trigger=trigger)


class Bus:
    """Stands in for a deployment: keeps what is put on its bus, and what is published."""

    resolved = Deployment.resolved

    def __init__(self) -> None:
        """Begin empty."""
        self.names = {"bucket.outputs": "outputs", "secret.webhooks": "webhooks"}
        self.outputs = {"Bus": "bus"}
        self.endpoint: str | None = None
        self.held = "not JSON, as it is made"
        listens = listener({"source": ["shop", "sensor"], "detail-type": [{"prefix": "cart."}]})
        self.specs = {spec.name: spec for spec in (*catalog.load(), listens)}
        self.queues = {name: {"queue": name} for name in self.specs}
        self.handed: list[tuple[str, dict[str, Any]]] = []
        self.events: list[dict[str, Any]] = []
        self.published: list[tuple[str, bytes]] = []

    def client(self, _service: str) -> "Bus":
        """Return EventBridge, AWS IoT or Secrets Manager."""
        return self

    def get_secret_value(self, **_call: str) -> dict[str, str]:
        """Return the one secret."""
        return {"SecretString": self.held}

    def publish(self, *, topic: str, qos: int, payload: bytes) -> None:
        """Take any message."""
        assert qos == 1
        self.published.append((topic, payload))

    def send_message_batch(self, **call: Any) -> dict[str, Any]:  # noqa: ANN401 - boto3's keywords
        """Take any message, but of a queue that is full."""
        if call["QueueUrl"] == "full":
            return {}
        self.handed += [(call["QueueUrl"], json.loads(entry["MessageBody"])) for entry in call["Entries"]]
        return {"Successful": [{"Id": entry["Id"]} for entry in call["Entries"]]}

    def put_events(self, **call: Any) -> dict[str, Any]:  # noqa: ANN401 - boto3's keywords
        """Take any event."""
        self.events += [json.loads(entry["Detail"]) for entry in call["Entries"]]
        return {"Entries": [{} for _ in call["Entries"]]}


def sent(tmp_path: Path, event: dict[str, Any], tell: send.Tell = print) -> list[dict[str, Any]]:
    """Send an event from a file; return what is on the bus."""
    bus, file = Bus(), tmp_path / "event.json"
    file.write_text(json.dumps(event), encoding="utf-8")
    send.send_event(cast("Deployment", bus), file, tell)
    return bus.events


def test_a_sample_is_sent_as_it_stands(tmp_path: Path) -> None:
    """With real names in place of those of its resources."""
    (event,) = sent(tmp_path, sample("report.published/red", ROOT))
    assert event["dataschema"] == "herald:report.published/1"
    assert event["subject"].startswith("s3://outputs/")


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
    subject = send.send_event(cast("Deployment", bus), ROOT / "events" / f"{name}.json", told.append)
    return bus, [*told, subject]


def test_an_event_of_aws_is_handed_to_who_takes_it_on_the_local_aws() -> None:
    """As the target of its rule would: the event as it stands, with real names; nothing is put on a bus."""
    name = "aws.s3/aws_api_call_via_cloudtrail.acl_opened"
    bus, (told, subject) = handed(name)
    assert bus.handed == [("close_public_bucket", sample(name))]
    assert (bus.events, subject) == ([], "s3://herald-example-website")
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
        assert send.send_event(cast("Deployment", bus), file, print) == "outputs"
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
        ({"test": 2}, "report.published/1: data.test is no field of it"),
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
        ({"dataschema": "herald:report.published/9"}, "report.published/9 is unknown here"),
        ({"dataschema": "1"}, "dataschema '1' is not herald:report.published/<version>"),
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
    return send.send_event(cast("Deployment", bus), file, print), bus.published


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


def test_a_request_nobody_has_among_its_samples_is_refused(tmp_path: Path) -> None:
    """There is no telling whose key signs it."""
    with pytest.raises(CommandError, match=r"message.json is a request, and no function with \[trigger.http\] has it"):
        published(tmp_path, sample("http/generic.customer_created", ROOT))


@pytest.mark.parametrize(
    ("name", "secret", "reason"),
    [
        ("github.push", "{}", "is signed in a scheme of its sender's own: only Standard Webhooks can be signed here"),
        (
            "generic.customer_created",
            "[]",
            "secret.webhooks of receive_webhook has no key for 'generic': put a list of one there",
        ),
        ("generic.customer_created", "?", "secret.webhooks of receive_webhook has no key for 'generic'"),
        (
            "generic.customer_created",
            '{"generic": "a text"}',
            "secret.webhooks of receive_webhook has no key for 'generic'",
        ),
        ("generic.customer_created", '{"generic": ["short"]}', "a key of generic is not what Standard Webhooks wants"),
    ],
)
def test_a_request_that_cannot_be_signed_is_refused(name: str, secret: str, reason: str) -> None:
    """On AWS keys are people's to make; `herald send` makes none there."""
    deployment = Bus()
    deployment.held = secret
    with pytest.raises(CommandError, match=reason):
        send.send_event(cast("Deployment", deployment), ROOT / "events" / "http" / f"{name}.json", print)


def test_a_secret_of_its_own_is_looked_into(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the address that its stack names; where it has no key on AWS, the sentence names it."""
    deployment, asked = Bus(), list[dict[str, str]]()

    def held(**call: str) -> dict[str, str]:
        asked.append(call)
        return {"SecretString": "{}"}

    spec = replace(deployment.specs["receive_webhook"], secrets={"webhooks": OWN_SECRET})
    deployment.specs["receive_webhook"] = spec
    monkeypatch.setattr(deployment, "own_secret", lambda each: f"of {each.name}", raising=False)
    monkeypatch.setattr(deployment, "get_secret_value", held)
    with pytest.raises(CommandError, match=r"secret.own of receive_webhook has no key for 'generic'"):
        send.send_event(cast("Deployment", deployment), ROOT / "events/http/generic.customer_created.json", print)
    assert asked == [{"SecretId": "of receive_webhook"}]


@pytest.mark.parametrize("path", ["@example.com/generic", ".example.com/generic", "generic", "/gen eric", "/é", ""])
def test_a_request_goes_to_no_other_host(tmp_path: Path, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A path that is none would name one, or a key for it."""
    deployment, file = Bus(), tmp_path / "generic.customer_created.json"
    deployment.held = '{"generic": ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]}'
    monkeypatch.setattr("herald.webhook.urllib.request.urlopen", pytest.fail)
    file.write_text(json.dumps(sample("http/generic.customer_created", ROOT) | {"rawPath": path}), encoding="utf-8")
    with pytest.raises(CommandError, match=r"rawPath .* is not the path of a URL, such as /crm"):
        send.send_event(cast("Deployment", deployment), file, print)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"body": None}, "body is NoneType, not str"),
        ({"body": "no base64!", "isBase64Encoded": True}, "body cannot be read: "),
        ({"headers": None}, "is signed in a scheme of its sender's own"),
        ({"headers": 5}, "is signed in a scheme of its sender's own"),
    ],
)
def test_a_request_that_cannot_be_read_is_refused(tmp_path: Path, fields: dict[str, Any], reason: str) -> None:
    """With the file and the field."""
    deployment, file = Bus(), tmp_path / "generic.customer_created.json"
    file.write_text(json.dumps(sample("http/generic.customer_created", ROOT) | fields), encoding="utf-8")
    with pytest.raises(CommandError, match=reason):
        send.send_event(cast("Deployment", deployment), file, print)


@pytest.mark.parametrize(
    ("body", "answer", "subject"),
    [
        ('{"subject": "reading/42"}', {"id": "1"}, "reading/42"),
        ('{"type": "ping"}', {"id": "1"}, "1"),
        ("[]", {}, ""),
    ],
)
def test_a_request_is_known_by_its_subject_else_by_its_event(
    tmp_path: Path, body: str, answer: dict[str, str], subject: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is answered without an event has neither."""
    deployment, file = Bus(), tmp_path / "generic.customer_created.json"
    deployment.held = '{"generic": ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]}'
    monkeypatch.setattr(deployment, "endpoint_of", lambda _spec: "http://localhost", raising=False)
    monkeypatch.setattr(webhook, "_post", lambda *_: answer)
    file.write_text(json.dumps(sample("http/generic.customer_created", ROOT) | {"body": body}), encoding="utf-8")
    assert send.send_event(cast("Deployment", deployment), file, print) == subject


def test_what_is_nested_too_deeply_is_refused(tmp_path: Path) -> None:
    """As what is no JSON at all."""
    file = tmp_path / "deep.json"
    file.write_text("[" * 100_000, encoding="utf-8")
    with pytest.raises(CommandError, match=r"deep.json is not JSON that can be read: "):
        send.send_event(cast("Deployment", Bus()), file, print)


def test_an_object_that_s3_does_not_take_is_one_sentence(tmp_path: Path) -> None:
    """Whatever boto3 calls it."""
    file = tmp_path / "a.txt"
    file.write_bytes(b"a")
    with mock_aws():
        made = Deployment(boto3.Session("test", "test", region_name="eu-west-1"), "dev")
        made.__dict__["outputs"] = {"BucketOutputs": "gone"}
        with pytest.raises(CommandError, match=r"Failed to upload .*a.txt to gone/reports/a.txt: .*NoSuchBucket"):
            send.send_file(made, file, "reports/")


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
