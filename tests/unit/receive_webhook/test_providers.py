"""From providers' payloads to our contracts, or to the name of the field that is wrong."""

from typing import Any

import pytest

from functions.receive_webhook.providers import generic, github, stripe
from functions.runtime import payload
from functions.runtime.payload import MalformedError
from functions.runtime.signing import Call
from tests.webhooks import CRM, CUSTOMER, NOW, PUSH, body

PUSHED = Call(headers={"x-github-event": "push", "x-github-delivery": "72d3"}, body=b"{}")
NAMED = Call(headers={"webhook-id": "msg_1"}, body=b"{}")


def changed(whole: Any, path: str, value: object) -> Any:  # noqa: ANN401 - JSON
    """Return a payload with one field replaced."""
    name, _, rest = path.partition(".")
    return whole | {name: changed(whole[name], rest, value) if rest else value}


def test_a_push_becomes_code_pushed() -> None:
    """The subject is the ref that moved."""
    message = github.read(PUSHED, PUSH)
    assert message
    assert (message.type, message.subject) == ("code.pushed", "repository/example-shop/checkout/refs/heads/main")
    assert message.data["after"] == PUSH["after"]
    assert message.data["pusher"] == "ada"
    assert message.happened is None


def test_a_push_is_known_by_its_body() -> None:
    """The GUID is not signed: a recorded call under a new one is the same message."""
    again = Call(headers={**PUSHED.headers, "x-github-delivery": "new"}, body=PUSHED.body)
    other = Call(headers=PUSHED.headers, body=b"{ }")
    keys = [message.key for call in (PUSHED, again, other) if (message := github.read(call, PUSH))]
    assert keys[0] == keys[1] != keys[2]


def test_a_customer_of_stripe_becomes_ours() -> None:
    """Null is left out, and the event's own time is when it happened."""
    message = stripe.read(NAMED, CUSTOMER)
    assert message
    assert (message.type, message.subject, message.key) == ("customer.created", "customer/cus_1", "evt_1")
    created = "2026-11-12T00:00:00+00:00"
    assert message.data == {"system": "stripe", "id": "cus_1", "created_at": created, "name": "Ada"}
    assert message.happened == created


def test_a_generic_body_says_it_in_our_words() -> None:
    """Type, subject and data are taken as they are; without a time it happened when it came."""
    message = generic.read(NAMED, CRM)
    assert message
    assert (message.type, message.subject, message.key) == ("customer.created", "customer/42", "msg_1")
    assert (message.data, message.happened) == (CRM["data"], "2026-11-12T00:00:00Z")
    timeless = generic.read(NAMED, {**CRM, "timestamp": None})
    assert timeless
    assert timeless.happened is None


def test_kinds_that_are_none_of_our_business_are_no_messages() -> None:
    """A provider sends what it likes."""
    assert github.read(Call(headers={"x-github-event": "ping"}, body=b""), {}) is None
    assert stripe.read(NAMED, CUSTOMER | {"type": "customer.deleted"}) is None


@pytest.mark.parametrize(
    ("provider", "whole", "path", "value"),
    [
        (github, PUSH, "repository.full_name", None),
        (github, PUSH, "repository", "text"),
        (github, PUSH, "ref", ""),
        (github, PUSH, "after", ["a"]),
        (github, PUSH, "pusher.name", "x" * 501),
        (github, PUSH, "forced", 1),
        (stripe, CUSTOMER, "type", 1),
        (stripe, CUSTOMER, "id", None),
        (stripe, CUSTOMER, "created", "today"),
        (stripe, CUSTOMER, "created", True),
        (stripe, CUSTOMER, "created", 10**30),
        (stripe, CUSTOMER, "data.object.created", -(10**30)),
        (stripe, CUSTOMER, "data.object.id", {}),
        (stripe, CUSTOMER, "data.object.name", []),
        (generic, CRM, "type", None),
        (generic, CRM, "subject", " " * 501),
        (generic, CRM, "data", []),
        (generic, CRM, "timestamp", "yesterday"),
        (generic, CRM, "timestamp", "2026-11-12T00:00:00"),
        (generic, CRM, "timestamp", 5),
    ],
)
def test_a_field_that_is_wrong_is_named(provider: Any, whole: object, path: str, value: object) -> None:  # noqa: ANN401 - a module
    """Missing, empty, too long or of another kind: the sender reads which."""
    call = PUSHED if provider is github else NAMED
    with pytest.raises(MalformedError) as refused:
        provider.read(call, changed(whole, path, value))
    assert str(refused.value).startswith(path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'"text"',
        b"\xff",
        b'{"a": NaN}',
        b'{"a": 1e999}',
        b'{"a": "\\ud800"}',
        b'{"a": ' + b"9" * 5_000 + b"}",
        b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    ],
    ids=lambda content: content[:14].decode(errors="replace"),
)
def test_a_body_that_cannot_be_sent_on_is_refused(content: bytes) -> None:
    """What is no JSON object, and what only Python takes for JSON."""
    with pytest.raises(MalformedError, match="the body is not "):
        payload.parse(content)


def test_a_good_body_is_read() -> None:
    """The test above would pass if all were refused."""
    assert payload.parse(body({"a": NOW})) == {"a": NOW}
