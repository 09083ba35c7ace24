"""What each sender may say: the key of one is worth nothing for another."""

import json
import re

import pytest

from functions.receive_webhook.handler import PROVIDERS, handle
from infra.declarations import loader, requests
from tests.front import Front
from tests.webhooks import CRM, SENDERS, signed

pytestmark = pytest.mark.usefixtures("held")


@pytest.mark.parametrize("event_type", ["code.pushed", "build.finished", "policy.remediated", "x" * 500])
def test_a_key_is_good_for_the_types_of_its_sender_alone(front: Front, event_type: str) -> None:
    """The generic key cannot say what GitHub says, whose types this function emits too; the log tells of the try."""
    status, answer = front.send(handle, signed("generic", CRM | {"type": event_type}))
    detail = "'generic' may emit only customer.created"
    assert (status, answer["detail"]) == (422, detail)
    assert front.emitted() == []
    (line,) = front.lines()
    assert (line["level"], line["status"], line["provider"], line["reason"]) == ("WARNING", 422, "generic", detail)
    assert event_type not in front.printed


@pytest.mark.parametrize("system", ["stripe", "github", "Stripe", " STRIPE ", "\uff53\uff54\uff52\uff49\uff50\uff45"])
def test_a_key_cannot_name_the_system_of_another_sender(front: Front, system: str) -> None:
    """`customer.created` comes from two senders: a reader tells whose customer it is by `system`."""
    status, answer = front.send(handle, signed("generic", CRM | {"data": {**CRM["data"], "system": system}}))
    assert status == 422
    assert re.fullmatch("'generic' may not set data.system to '(stripe|github)'", answer["detail"])
    assert front.emitted() == []


@pytest.mark.parametrize(
    ("subject", "owner"), [("customer/cus_1", "stripe"), ("repository/example-shop/checkout", "github")]
)
def test_a_key_cannot_name_a_subject_of_another_sender(front: Front, subject: str, owner: str) -> None:
    """A checklist made for a customer of Stripe's before Stripe tells of them would be theirs."""
    status, answer = front.send(handle, signed("generic", CRM | {"subject": subject}))
    assert (status, answer["detail"]) == (422, f"'generic' may not use this subject: it is reserved for '{owner}'")
    assert front.emitted() == []
    front.lines()
    assert subject not in front.printed


def test_every_provider_is_a_declared_sender() -> None:
    """What the declaration says of each is what these tests go by."""
    (spec,) = [each for each in loader.load() if each.name == "receive_webhook"]
    assert requests.senders(spec.trigger.http).keys() == PROVIDERS.keys()
    assert json.loads(json.dumps(requests.senders(spec.trigger.http))) == SENDERS
