"""Requests through the whole handler: answers, events, log lines."""

import json
from typing import Any

import pytest

from functions.onboard_customer.handler import handle as onboard
from functions.receive_webhook.handler import handle
from functions.runtime.core import clock
from functions.runtime.envelopes.envelope import parse
from functions.runtime.run import contracts
from tests.doubles import RecordingRun, run_handler
from tests.events import body as events_body
from tests.events import cloud_event
from tests.front import Front
from tests.webhooks import CRM, CUSTOMER, KEYS, NOW, PAYLOADS, PUSH, RUN, SIGNERS, body, request, signed

pytestmark = pytest.mark.usefixtures("held")
each_provider = pytest.mark.parametrize("provider", list(SIGNERS))


@each_provider
def test_a_new_delivery_is_accepted_and_its_event_leaves(front: Front, provider: str) -> None:
    """202 with the id of the CloudEvent on the bus, which begins a chain of its own."""
    status, answer = front.send(handle, signed(provider))
    (event,) = front.emitted()
    assert (status, answer) == (202, {"status": "accepted", "id": event["id"]})
    assert event["source"] == "herald.f"
    assert (event["correlationid"], event["depth"]) == (event["id"], 0)
    assert event["type"] == {"github": "code.pushed"}.get(provider, "customer.created")


def test_a_build_that_is_over_leaves_once_for_each_attempt(front: Front) -> None:
    """Two attempts of a run are two events of one subject; a redelivery is none."""
    again = RUN | {"workflow_run": RUN["workflow_run"] | {"run_attempt": 3}}
    requests = [signed("github", each, event="workflow_run") for each in (RUN, again, RUN)]
    assert [front.send(handle, each)[0] for each in requests] == [202, 202, 200]
    first, second = front.emitted()
    assert first["type"] == second["type"] == "build.finished"
    assert first["subject"] == second["subject"]
    assert (first["data"]["attempt"], second["data"]["attempt"]) == (2, 3)


@each_provider
def test_a_forgery_an_unknown_key_and_no_key_look_the_same(front: Front, provider: str) -> None:
    """The answer does not tell whether the provider is set up here."""
    forged = signed(provider, key="whsec_" + "A" * 32)
    answers = [front.send(handle, forged)]
    front.put_secret("{}")
    answers.append(front.send(handle, forged))
    assert answers[0] == answers[1]
    assert answers[0] == (
        403,
        {"type": "about:blank", "title": "Forbidden", "status": 403, "detail": "the signature does not match"},
    )
    assert front.emitted() == []


@pytest.mark.parametrize("provider", ["stripe", "generic"])
def test_an_expired_signature_is_refused(front: Front, provider: str) -> None:
    """A recorded call cannot be sent again; one that is forged too is told the latter alone."""
    status, answer = front.send(handle, signed(provider, at=NOW - 301))
    assert (status, answer["detail"]) == (400, "the signature was made more than 300 s before or after now")
    forged = signed(provider, at=NOW - 301, key="whsec_" + "A" * 32)
    assert front.send(handle, forged)[0] == 403


def test_a_provider_nobody_knows_is_not_found(front: Front) -> None:
    """The answer names those there are."""
    status, answer = front.send(handle, request("/gitlab", {}, b"{}"))
    assert (status, answer["detail"]) == (404, "unknown provider; the providers are generic, github, stripe")


def test_a_kind_nobody_wants_is_ignored(front: Front) -> None:
    """204: the provider need not send it again, and no event leaves."""
    assert front.send(handle, signed("github", event="ping")) == (204, None)
    assert front.send(handle, signed("github", RUN | {"action": "requested"}, event="workflow_run")) == (204, None)
    assert front.send(handle, signed("stripe", CUSTOMER | {"type": "invoice.paid"})) == (204, None)
    assert front.emitted() == []


@pytest.mark.parametrize(
    ("data", "detail"),
    [
        ({"id": "42"}, "data.created_at is missing"),
        ({"id": "a b", "created_at": "2026-11-12"}, 'data.id breaks pattern: "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"'),
        ({"id": "42", "created_at": "2026-11-12", "hidden": "value"}, "data.hidden is not a field of the contract"),
    ],
)
def test_a_body_that_breaks_its_contract_is_refused(front: Front, data: object, detail: str) -> None:
    """The sender reads which field and which rule; no consumer gets it, and nothing of it stands in the log."""
    status, answer = front.send(handle, signed("generic", CRM | {"data": data}))
    assert (status, answer["detail"]) == (422, f"customer.created/3: {detail}")
    assert front.emitted() == []
    (line,) = front.lines()
    assert (line["status"], line["error"]) == (422, "ContractError")
    assert "hidden" not in front.printed


@pytest.mark.parametrize(
    ("fields", "contact"),
    [
        ({"name": "n" * 201, "email": "ada@example.com"}, {"name": "n" * 201, "email": "ada@example.com"}),
        ({"name": "é" * 256}, {"name": "é" * 256}),
        ({"email": "a" * 500 + "@example.com"}, {"email": "a" * 500 + "@example.com"}),
        ({"name": " ", "email": "ada@example.com"}, {"email": "ada@example.com"}),
        ({"name": "\u00a0", "email": ""}, {}),
    ],
)
@pytest.mark.parametrize("provider", ["stripe", "generic"])
def test_whatever_name_a_provider_allows_becomes_a_checklist(
    front: Front, provider: str, fields: dict[str, str], contact: dict[str, str]
) -> None:
    """The webhook is accepted, and the event that leaves is one that onboard_customer takes."""
    stripes = CUSTOMER | {"data": {"object": CUSTOMER["data"]["object"] | {"name": None} | fields}}
    crms = CRM | {"data": {"id": "42", "created_at": "2026-11-12T00:00:00Z"} | fields}
    assert front.send(handle, signed(provider, {"stripe": stripes, "generic": crms}[provider]))[0] == 202
    (event,) = front.emitted()
    received = parse(events_body(cloud_event(**event)))
    contracts.accept(received)
    run = RecordingRun()
    run_handler(onboard, received, run)
    assert [json.loads(content)["contact"] for content in run.written.values()] == [contact]
    assert [each.type for each in run.emitted] == ["customer.onboarded"]


def test_a_name_longer_than_any_provider_allows_is_refused(front: Front) -> None:
    """Stripe's own limit is 256 characters."""
    longer = CUSTOMER | {"data": {"object": CUSTOMER["data"]["object"] | {"name": "n" * 257}}}
    status, answer = front.send(handle, signed("stripe", longer))
    assert (status, answer["detail"]) == (400, "data.object.name must be a text of 1 to 256 characters")


@each_provider
def test_a_genuine_but_malformed_body_is_named(front: Front, provider: str) -> None:
    """Its sender is who they say: they may know which field is wrong."""
    status, answer = front.send(handle, signed(provider, {"type": "customer.created", "id": "evt_1"}))
    assert status == 400
    assert " is missing" in answer["detail"]


@each_provider
def test_a_body_in_base64_is_the_same_body(front: Front, provider: str) -> None:
    """Lambda decides by the content type how it hands a body over; what was signed are its bytes."""
    content = body(PAYLOADS[provider])
    headers = SIGNERS[provider](content)
    assert front.send(handle, request(f"/{provider}", headers, content, in_base64=True))[0] == 202
    assert front.send(handle, request(f"/{provider}", headers, content))[0] == 200


def test_a_key_that_was_just_added_works_at_once(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    """What fails by the secret that is kept is looked at again by the secret as it is, once a minute."""
    now = [1_800_000_000_000]
    monkeypatch.setattr(clock, "now_ms", lambda: now[0])
    front.send(handle, signed("github"))
    new = "a new key"
    front.put_secret(json.dumps(KEYS | {"github": [*KEYS["github"], new]}))
    assert front.send(handle, signed("github", PUSH | {"ref": "refs/tags/1"}, key=new))[0] == 202
    front.put_secret(json.dumps(KEYS | {"github": [new, "newer"]}))
    second = signed("github", PUSH | {"ref": "refs/tags/2"}, key="newer")
    now[0] += 59_000
    assert front.send(handle, second)[0] == 403
    now[0] += 1_000
    assert front.send(handle, second)[0] == 202


@pytest.mark.parametrize("secret", ["not json", "[]", '{"github": "a text"}', '{"github": ["a", "b", "c"]}'])
def test_a_secret_that_is_wrong_is_the_operators_to_see(front: Front, secret: str) -> None:
    """The sender is told to send again; the log says what is wrong with the secret, and nothing of what is in it."""
    front.put_secret(secret)
    status, answer = front.send(handle, signed("github"))
    assert (status, answer["detail"]) == (503, "the request could not be handled; send it again later")
    (line,) = front.lines()
    assert line["error"] == "SettingsError"
    assert line["reason"] in {
        "secret.webhooks is not a JSON object",
        "the keys of github are not a list of at most 2 texts",
    }


@pytest.mark.parametrize("secret", ["not json", "[]", '{"github": "a text"}', '{"github": ["a", "b", "c"]}'])
def test_a_secret_that_was_mended_works_within_a_minute(
    front: Front, monkeypatch: pytest.MonkeyPatch, secret: str
) -> None:
    """The one that is kept is wrong for minutes yet; it is read again once a minute, as for a new key."""
    now = [1_800_000_000_000]
    monkeypatch.setattr(clock, "now_ms", lambda: now[0])
    front.put_secret(secret)
    assert front.send(handle, signed("github"))[0] == 503
    front.put_secret(json.dumps(KEYS))
    now[0] += 59_000
    assert front.send(handle, signed("github"))[0] == 503
    now[0] += 1_000
    assert front.send(handle, signed("github"))[0] == 202


@each_provider
def test_a_request_is_one_line_without_body_or_signature(front: Front, provider: str) -> None:
    """Who, which delivery, what became of it; no key, no signature, no personal data."""
    event = signed(provider)
    front.send(handle, event)
    (line,) = front.lines()
    delivery = {"github": "72d3", "stripe": "evt_1", "generic": "msg_1"}[provider]
    assert (line["method"], line["path"], line["status"]) == ("POST", f"/{provider}", 202)
    assert (line["provider"], line["delivery"]) == (provider, delivery)
    assert line["event_id"] == line["correlation_id"]
    for hidden in (*KEYS[provider], event["body"], "Ada", *_signatures(event)):
        assert hidden not in front.printed


def _signatures(event: dict[str, Any]) -> list[str]:
    return [value[-40:] for name, value in event["headers"].items() if "signature" in name]
