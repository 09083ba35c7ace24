"""HTTP requests to the deployed Function URL: valid, repeated, forged, expired, malformed and too large ones."""

import json
import re
import shutil
import subprocess
import textwrap
import time
from collections.abc import Iterator
from typing import Final

import pytest

from herald.local import emulator
from infra.declarations.loader import ROOT
from tests.emulator.functions.sender import PUSHED, Sender, put_keys
from tests.emulator.support.deployed import Aws
from tests.webhooks import CRM, CUSTOMER, KEYS, PUSH, RUN, github, sent_at

RAN: Final = sent_at(RUN, time.time())
NEW_KEY: Final = "a key that was added later"


@pytest.fixture(scope="module")
def sender(aws: Aws) -> Iterator[Sender]:
    """Put the published keys into the secret, and create a rule and a queue for the events of the function."""
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


@pytest.mark.parametrize(
    ("provider", "payload", "event_type", "subject"),
    [
        ("github", PUSHED, "code.pushed", "repository/example-shop/checkout/refs/heads/main"),
        ("stripe", CUSTOMER, "customer.created", "customer/cus_1"),
        ("generic", CRM, "customer.created", "customer/42"),
    ],
)
def test_a_webhook_becomes_one_event(
    sender: Sender, provider: str, payload: object, event_type: str, subject: str
) -> None:
    """The answer is 202 with the id of the event; a repeated request gets 200 with the same id and causes no event."""
    status, answer = sender.sign_and_post(provider, payload)
    assert status == 202, answer
    assert sender.sign_and_post(provider, payload) == (200, {"status": "repeated", "id": answer["id"]})
    (event,) = sender.emitted(answer["id"])
    assert (event["type"], event["subject"]) == (event_type, subject)
    assert (event["source"], event["correlationid"]) == ("herald.receive_webhook", answer["id"])


def test_a_reused_id_with_another_body_is_rejected(sender: Sender) -> None:
    """The answer is 422; the first request still counts as processed."""
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


def test_a_finished_workflow_run_becomes_one_event(sender: Sender) -> None:
    """A header names the kind of webhook; the role allows its event type."""
    _, answer = sender.sign_and_post("github", RAN, event="workflow_run")
    (event,) = sender.emitted(answer["id"])
    assert (event["type"], event["data"]["conclusion"]) == ("build.finished", "timed_out")


def test_a_customer_of_the_crm_is_onboarded(aws: Aws, sender: Sender) -> None:
    """The request causes an event, and the event runs the next function."""
    subject = "customer/from-webhook"
    payload = {**CRM, "subject": subject, "data": {**CRM["data"], "id": "from-webhook"}}
    _, answer = sender.sign_and_post("generic", payload, message_id="msg_welcome")
    (decision,) = aws.decisions(subject)
    assert (decision["function"], decision["decision"]) == ("onboard_customer", "processed")
    assert decision["correlation_id"] == answer["id"]
    assert decision["who"]["requester"] == "herald.receive_webhook"


@pytest.mark.skipif(not (shutil.which("curl") and shutil.which("openssl")), reason="curl or openssl is missing")
def test_the_request_in_the_documentation_is_accepted(sender: Sender) -> None:
    """The key is typed where no history and no list of processes has it; what it signs is an event."""
    page = (ROOT / "docs" / "webhooks.md").read_text(encoding="utf-8")
    (typed,) = re.findall(r"Then, in bash:\n\n((?:    .+\n)+)", page)
    assert "`read -rs key`" in page
    script = "read -rs key\n" + textwrap.dedent(typed).replace("<its URL>", sender.url)
    done = subprocess.run(
        ["bash", "-eu", "-c", script],  # noqa: S607 - the shell that the page names
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


def test_an_added_key_and_the_old_key_are_both_valid(aws: Aws, sender: Sender) -> None:
    """A rotation has no gap. This test precedes the forged requests: the function reads the secret once a minute."""
    put_keys(aws, {**KEYS, "github": [*KEYS["github"], NEW_KEY]})
    assert sender.sign_and_post("github", {**PUSHED, "ref": "refs/tags/2"}, key=NEW_KEY)[0] == 202
    assert sender.sign_and_post("github", {**PUSHED, "ref": "refs/tags/3"})[0] == 202


def test_forged_expired_malformed_and_too_large_requests_are_rejected(sender: Sender) -> None:
    """Each answer has a status and a reason."""
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


def test_an_unused_kind_of_webhook_is_acknowledged(sender: Sender) -> None:
    """GitHub sends a ping for each new webhook."""
    assert sender.sign_and_post("github", {"zen": "Keep it logically awesome."}, event="ping") == (204, None)


def test_the_log_has_each_request_and_no_key(aws: Aws, sender: Sender) -> None:
    """The line of a request has path, status, provider and delivery."""
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
