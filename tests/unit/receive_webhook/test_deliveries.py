"""Deliveries that come again: repeated, with another body, captured, or of long ago."""

import json
from datetime import UTC, datetime
from typing import Any, Final

import pytest

from functions.receive_webhook.handler import handle
from functions.runtime.core import aws
from tests.front import Front
from tests.webhooks import CRM, CUSTOMER, NOW, PUSH, RUN, SIGNERS, body, generic, github, request, sent_at, signed

DAYS: Final = 86_400
pytestmark = pytest.mark.usefixtures("held")
each_provider = pytest.mark.parametrize("provider", list(SIGNERS))


@each_provider
def test_a_repeated_delivery_is_answered_and_dropped(front: Front, provider: str) -> None:
    """200 with the id of the event that left the first time, and no second event."""
    _, first = front.send(handle, signed(provider))
    assert front.send(handle, signed(provider)) == (200, {"status": "repeated", "id": first["id"]})
    assert len(front.emitted()) == 1


def test_a_repetition_may_be_signed_anew(front: Front) -> None:
    """Stripe signs each attempt with its own time, and counts attempts in the body; the event's id stays."""
    front.send(handle, signed("stripe"))
    later = signed("stripe", CUSTOMER | {"pending_webhooks": 2}, at=NOW + 5)
    assert front.send(handle, later)[0] == 200


@pytest.mark.parametrize("provider", ["stripe", "generic"])
def test_an_id_that_comes_again_with_another_body_is_refused(front: Front, provider: str) -> None:
    """422, never "repeated": what the second body says would be lost. The first one stays a repetition."""
    other = {
        "stripe": CUSTOMER | {"data": {"object": CUSTOMER["data"]["object"] | {"id": "cus_2"}}},
        "generic": CRM | {"subject": "customer/43", "data": {**CRM["data"], "id": "43"}},
    }
    assert front.send(handle, signed(provider))[0] == 202
    front.lines()
    status, answer = front.send(handle, signed(provider, other[provider]))
    detail = "this delivery id was used before with another body: send the new body with another id"
    assert (status, answer["detail"]) == (422, detail)
    (line,) = front.lines()
    assert (line["level"], line["status"], line["reason"]) == ("WARNING", 422, detail)
    assert front.send(handle, signed(provider))[0] == 200
    assert len(front.emitted()) == 1


def test_a_repetition_may_be_written_otherwise(front: Front) -> None:
    """Another time of signing, other headers, other blanks: the body says the same."""
    assert front.send(handle, signed("generic"))[0] == 202
    content = json.dumps(dict(reversed(CRM.items())), indent=1).encode()
    again = request("/generic", {**generic(content, at=NOW + 9), "user-agent": "other"}, content)
    assert front.send(handle, again)[0] == 200


@pytest.mark.parametrize("body_of_now", [CRM, CRM | {"timestamp": "2026-11-12T00:00:01Z"}])
def test_an_id_that_was_answered_before_bodies_were_compared_is_repeated(front: Front, body_of_now: Any) -> None:  # noqa: ANN401 - JSON
    """Its row, which lives for months, says nothing of a body."""
    _, first = front.send(handle, signed("generic"))
    (row,) = aws.dynamodb().scan(TableName="ledger")["Items"]
    before = row | {"data": {"S": '"generic/msg_1"'}}
    aws.dynamodb().put_item(TableName="ledger", Item=before)
    assert front.send(handle, signed("generic", body_of_now)) == (200, {"status": "repeated", "id": first["id"]})


def test_senders_that_name_a_delivery_alike_mean_two(front: Front) -> None:
    """Ids are unique to who gives them."""
    assert front.send(handle, signed("stripe"))[0] == 202
    assert front.send(handle, signed("generic", message_id="evt_1"))[0] == 202
    assert len({event["id"] for event in front.emitted()}) == 2


def test_what_a_request_costs(front: Front) -> None:
    """Two calls of DynamoDB for a new delivery, one for a repeated or a refused one; the secret is read once."""
    calls: list[str] = []
    aws.dynamodb().meta.events.register("before-call.dynamodb", lambda model, **_: calls.append(model.name))
    costs = []
    for payload in (CRM, CRM, CRM | {"subject": "customer/43"}, CRM | {"type": "code.pushed"}):
        front.send(handle, signed("generic", payload))
        costs.append(calls[:])
        calls.clear()
    assert costs == [["PutItem", "UpdateItem"], ["PutItem"], ["PutItem"], []]


@pytest.mark.parametrize(
    ("age", "status"), [(0, 202), (-300, 202), (3 * DAYS + 300, 202), (3 * DAYS + 301, 400), (-301, 400), (9**9, 400)]
)
def test_what_github_told_of_long_ago_is_refused(front: Front, age: int, status: int) -> None:
    """It signs no time but its bodies tell one; people can have a delivery sent again for three days."""
    when = datetime.fromtimestamp(NOW - age, UTC).isoformat()
    texted = PUSH | {"repository": PUSH["repository"] | {"pushed_at": when}}
    requests = [
        signed("github", sent_at(PUSH, NOW - age), guid="fresh"),
        signed("github", texted),
        signed("github", sent_at(RUN, NOW - age), event="workflow_run"),
    ]
    for each in requests:
        got, answer = front.send(handle, each)
        assert got == status
        assert status == 202 or answer["detail"] == "the time in the body is more than 259,200 s ago, or in the future"


def test_a_captured_delivery_of_github_is_not_a_new_one_under_other_headers(front: Front) -> None:
    """Neither its GUID nor its kind is signed: under another GUID it is repeated, under another kind no message."""
    content = body(PUSH)
    answers = [
        front.send(handle, request("/github", github(content, **headers), content))[0]
        for headers in ({}, {"guid": "another"}, {"event": "workflow_run"}, {"event": "ping"})
    ]
    assert answers == [202, 200, 400, 204]
    assert len(front.emitted()) == 1


def test_a_ping_of_any_age_is_ignored(front: Front) -> None:
    """It tells of the webhook, has no effect and leaves no row: sent again, it does no harm."""
    ping = {"zen": "Speak like a human.", "hook": {"updated_at": "2019-03-01T04:05:04Z"}, "repository": {}}
    assert front.send(handle, signed("github", ping, event="ping")) == (204, None)
    assert aws.dynamodb().scan(TableName="ledger")["Items"] == []
