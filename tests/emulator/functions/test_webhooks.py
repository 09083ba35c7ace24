"""Real HTTP requests to the deployed Function URL: good, repeated, forged, expired, malformed and too large ones."""

import json
import re
import shutil
import ssl
import subprocess
import textwrap
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from typing import Any, Final

import pytest

from herald.deployment.queues import Hold
from herald.local import emulator
from infra.declarations.loader import ROOT
from tests.emulator.conftest import Aws
from tests.webhooks import CRM, CUSTOMER, KEYS, PUSH, RUN, SIGNERS, body, github, sent_at

# The clock of the local AWS is real, and a delivery of GitHub's is refused when its body tells of long ago.
PUSHED: Final = sent_at(PUSH, time.time())
RAN: Final = sent_at(RUN, time.time())
NEW_KEY: Final = "a key that was added later"


class Sender:
    """Sends to the endpoint as a provider does, and reads what left for the bus."""

    def __init__(self, aws: Aws, queue: str, trust: ssl.SSLContext | None = None) -> None:
        """Listen with a rule of its own; `trust` is what an endpoint over TLS needs."""
        self.url = aws.deployment.endpoint_of(aws.deployment.specs["receive_webhook"])
        self._aws, self._queue, self._trust = aws, queue, trust

    def post(self, path: str, content: bytes, headers: Mapping[str, str], method: str = "POST") -> tuple[int, Any]:
        """Return the status of the answer and its body."""
        asked = urllib.request.Request(  # noqa: S310 - a loopback address
            f"{self.url}{path}", content, {"Content-Type": "application/json", **headers}, method=method
        )
        try:
            with urllib.request.urlopen(asked, timeout=30, context=self._trust) as reply:  # noqa: S310 - as above
                return reply.status, json.loads(reply.read() or b"null")
        except urllib.error.HTTPError as refused:
            return refused.code, json.loads(refused.read())

    def sign_and_post(self, provider: str, payload: object, **options: Any) -> tuple[int, Any]:  # noqa: ANN401 - the signers'
        """Send a payload signed now."""
        content = body(payload)
        options = options if provider == "github" else {"at": int(time.time())} | options
        return self.post(f"/{provider}", content, SIGNERS[provider](content, **options))

    def emitted(self, event_id: str) -> list[dict[str, Any]]:
        """Return the CloudEvents with an id that reached the bus, as soon as there is one."""
        found: list[dict[str, Any]] = []

        def arrived() -> bool:
            with Hold(self._aws.deployment.client("sqs"), self._queue) as hold:
                messages = [message for batch in hold.batches() for message in batch]
            found[:] = [json.loads(message["Body"])["detail"] for message in messages]
            return any(event["id"] == event_id for event in found)

        assert emulator.wait_until(arrived, 30), found
        return [event for event in found if event["id"] == event_id]


@pytest.fixture(scope="module")
def sender(aws: Aws) -> Iterator[Sender]:
    """Put the published keys into the secret, and a queue behind a rule for what the endpoint emits."""
    events, sqs, bus = aws.deployment.client("events"), aws.deployment.client("sqs"), aws.deployment.outputs["Bus"]
    url: str = sqs.create_queue(QueueName="received")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    pattern = json.dumps({"source": ["herald.receive_webhook"]})
    events.put_rule(Name="received", EventBusName=bus, EventPattern=pattern)
    events.put_targets(Rule="received", EventBusName=bus, Targets=[{"Id": "queue", "Arn": arn}])
    put_keys(aws, KEYS)
    yield Sender(aws, url)
    events.remove_targets(Rule="received", EventBusName=bus, Ids=["queue"])
    events.delete_rule(Name="received", EventBusName=bus)
    sqs.delete_queue(QueueUrl=url)


def put_keys(aws: Aws, keys: Mapping[str, Any]) -> None:
    """Change the secret as people do."""
    secret = aws.deployment.names["secret.webhooks"]
    aws.deployment.client("secretsmanager").put_secret_value(SecretId=secret, SecretString=json.dumps(keys))


@pytest.mark.parametrize(
    ("provider", "payload", "event_type", "subject"),
    [
        ("github", PUSHED, "code.pushed", "repository/example-shop/checkout/refs/heads/main"),
        ("stripe", CUSTOMER, "customer.created", "customer/cus_1"),
        ("generic", CRM, "customer.created", "customer/42"),
    ],
)
def test_a_delivery_becomes_one_event(
    sender: Sender, provider: str, payload: object, event_type: str, subject: str
) -> None:
    """202 with the id of the event on the bus; sent again, 200 with the same id and no other event."""
    status, answer = sender.sign_and_post(provider, payload)
    assert status == 202, answer
    assert sender.sign_and_post(provider, payload) == (200, {"status": "repeated", "id": answer["id"]})
    (event,) = sender.emitted(answer["id"])
    assert (event["type"], event["subject"]) == (event_type, subject)
    assert (event["source"], event["correlationid"]) == ("herald.receive_webhook", answer["id"])


def test_an_id_that_comes_again_with_another_body_is_refused(sender: Sender) -> None:
    """422, never "repeated"; the delivery itself stays one that was answered."""
    status, answer = sender.sign_and_post("generic", CRM, message_id="msg_reused")
    assert status == 202, answer
    other = {**CRM, "subject": "customer/43", "data": {**CRM["data"], "id": "43"}}
    status, refused = sender.sign_and_post("generic", other, message_id="msg_reused")
    assert (status, refused["detail"]) == (
        422,
        "this delivery id was used before with another body: send the new body with another id",
    )
    assert sender.sign_and_post("generic", CRM, message_id="msg_reused")[0] == 200
    assert len(sender.emitted(answer["id"])) == 1


def test_a_workflow_run_that_is_over_becomes_one_event(sender: Sender) -> None:
    """The kind stands in a header; the role may emit what is made of it."""
    _, answer = sender.sign_and_post("github", RAN, event="workflow_run")
    (event,) = sender.emitted(answer["id"])
    assert (event["type"], event["data"]["conclusion"]) == ("build.finished", "timed_out")


def test_a_customer_of_the_crm_is_welcomed(aws: Aws, sender: Sender) -> None:
    """From the request to the checklist: one chain, that begins with the webhook's event."""
    subject = "customer/from-webhook"
    told = {**CRM, "subject": subject, "data": {**CRM["data"], "id": "from-webhook"}}
    _, answer = sender.sign_and_post("generic", told, message_id="msg_welcome")
    (decision,) = aws.decisions(subject)
    assert (decision["function"], decision["decision"]) == ("onboard_customer", "processed")
    assert decision["correlation_id"] == answer["id"]
    assert decision["who"]["requester"] == "herald.receive_webhook"


@pytest.mark.skipif(not (shutil.which("curl") and shutil.which("openssl")), reason="what the README types is not here")
def test_what_the_readme_types_is_taken(sender: Sender) -> None:
    """The key is typed where no history and no list of processes has it; what it signs is an event."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (typed,) = re.findall(r"Then, in bash:\n\n((?:    .+\n)+)", readme)
    assert "`read -rs key`" in readme
    script = "read -rs key\n" + textwrap.dedent(typed).replace("<its URL>", sender.url)
    done = subprocess.run(
        ["bash", "-eu", "-c", script],  # noqa: S607 - the shell that the README names
        input=KEYS["generic"][0] + "\n",
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    answer = json.loads(done.stdout)
    assert answer["status"] == "accepted", done
    (event,) = sender.emitted(answer["id"])
    assert (event["type"], event["subject"]) == ("customer.created", "customer/42")


def test_an_added_key_works_at_once_and_the_old_one_still(aws: Aws, sender: Sender) -> None:
    """Keys are rotated without a gap; forgeries, which come later here, use up the one look a minute at the secret."""
    put_keys(aws, {**KEYS, "github": [*KEYS["github"], NEW_KEY]})
    assert sender.sign_and_post("github", {**PUSHED, "ref": "refs/tags/2"}, key=NEW_KEY)[0] == 202
    assert sender.sign_and_post("github", {**PUSHED, "ref": "refs/tags/3"})[0] == 202


def test_what_is_forged_expired_malformed_or_too_large_is_refused(sender: Sender) -> None:
    """Each with its status and its sentence; nothing of it reaches the bus."""
    now, big = int(time.time()), b'{"a": "' + b"x" * 1_100_000 + b'"}'
    foreign = "whsec_" + "A" * 32
    cases = [
        (sender.sign_and_post("github", {**PUSHED, "ref": "forged"}, key=foreign), 403, "the signature does not match"),
        (sender.sign_and_post("stripe", CUSTOMER, key=foreign), 403, "the signature does not match"),
        (sender.sign_and_post("generic", CRM, key=foreign), 403, "the signature does not match"),
        (
            sender.sign_and_post("stripe", CUSTOMER, at=now - 400),
            400,
            "the signature was made more than 300 s before or after now",
        ),
        (
            sender.sign_and_post("generic", CRM, at=now - 400),
            400,
            "the signature was made more than 300 s before or after now",
        ),
        (
            sender.sign_and_post("github", sent_at(PUSH, now - 3 * 86_400 - 400)),
            400,
            "the time in the body is more than 259,200 s ago, or in the future",
        ),
        (
            sender.sign_and_post("generic", {**CRM, "type": "code.pushed"}),
            422,
            "'generic' may emit only customer.created",
        ),
        (sender.post("/github", b"{}", {}), 400, "the header X-Hub-Signature-256 is missing"),
        (sender.post("/github", b"{", github(b"{")), 400, "the body is not JSON"),
        (
            sender.sign_and_post("github", {"ref": "x"}),
            400,
            "repository.full_name is missing",
        ),
        (sender.post("/github", big, github(big)), 413, "the body has 1,100,009 bytes, more than 1,048,576"),
        (sender.post("/gitlab", b"{}", {}), 404, "unknown provider; the providers are generic, github, stripe"),
        (sender.post("/github", b"{}", github(b"{}"), method="PUT"), 405, "only POST is allowed"),
    ]
    for (status, answer), expected, detail in cases:
        assert (status, answer["status"], answer["detail"]) == (expected, expected, detail)


def test_a_kind_nobody_wants_is_acknowledged(sender: Sender) -> None:
    """GitHub greets each new webhook with a ping."""
    assert sender.sign_and_post("github", {"zen": "Keep it logically awesome."}, event="ping") == (204, None)


def test_the_log_tells_each_request_and_no_key(aws: Aws, sender: Sender) -> None:
    """One line a request: who, which delivery, what became of it."""
    sender.sign_and_post("generic", CRM, message_id="msg_logged")
    logs, lines = aws.deployment.client("logs"), list[str]()

    def logged() -> bool:
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName="/aws/lambda/herald-dev-receive_webhook")
        lines[:] = [event["message"] for page in pages for event in page["events"]]
        return any("msg_logged" in line for line in lines)

    assert emulator.wait_until(logged, 30)
    (line,) = [json.loads(line) for line in lines if '"delivery":"msg_logged"' in line]
    assert (line["path"], line["status"], line["provider"]) == ("/generic", 202, "generic")
    everything = "\n".join(lines)
    assert not [key for keys in KEYS.values() for key in keys if key in everything]
    assert "whsec_" not in everything
