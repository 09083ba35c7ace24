"""From providers' payloads to our contracts, or to the name of the field that is wrong."""

from typing import Any

import pytest

from functions.receive_webhook.providers import generic, github, stripe
from functions.runtime.core.errors import MalformedError
from functions.runtime.http import payload
from functions.runtime.http.signatures import RawRequest
from infra.declarations import loader
from tests.webhooks import CRM, CUSTOMER, NOW, PUSH, RUN, body

PUSHED = RawRequest(headers={"x-github-event": "push", "x-github-delivery": "72d3"}, body=b"{}")
RAN = RawRequest(headers={"x-github-event": "workflow_run"}, body=b"{}")
NAMED = RawRequest(headers={"webhook-id": "msg_1"}, body=b"{}")


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
    again = RawRequest(headers={**PUSHED.headers, "x-github-delivery": "new"}, body=PUSHED.body)
    other = RawRequest(headers=PUSHED.headers, body=b"{ }")
    keys = [message.key for call in (PUSHED, again, other) if (message := github.read(call, PUSH))]
    assert keys[0] == keys[1] != keys[2]


def test_a_workflow_run_that_is_over_becomes_build_finished() -> None:
    """The subject is the run; it happened when the run ended, not when it was told."""
    message = github.read(RAN, RUN)
    assert message
    assert (message.type, message.subject) == ("build.finished", "repository/example-shop/checkout/runs/30433642")
    assert message.happened == message.data["finished_at"] == "2026-11-11T23:59:58Z"
    assert message.data == {
        "system": "github",
        "repository": "example-shop/checkout",
        "workflow": "Build",
        "run": "30433642",
        "attempt": 2,
        "trigger": "push",
        "branch": "main",
        "branch_repository": "example-shop/checkout",
        "commit": "0d1a26e67d8f5eaf1f6ba5c57fc3c7d91ac0fd1c",
        "conclusion": "timed_out",
        "url": "https://github.com/example-shop/checkout/actions/runs/30433642",
        "started_at": "2026-11-11T17:59:58Z",
        "finished_at": "2026-11-11T23:59:58Z",
    }


def test_a_run_without_a_name_a_branch_or_its_fork_is_told_too() -> None:
    """A workflow without a name is called by its file; what there is not is left out."""
    bare = {"name": None, "head_branch": None, "head_repository": None}
    message = github.read(RAN, {**RUN, "workflow_run": RUN["workflow_run"] | bare})
    assert message
    assert message.data["workflow"] == ".github/workflows/build.yml"
    assert not {"branch", "branch_repository"} & message.data.keys()


def test_a_branch_of_a_fork_is_told_as_the_forks() -> None:
    """Its `main` is not ours: who deploys `main` can tell them apart."""
    message = github.read(RAN, changed(RUN, "workflow_run.head_repository.full_name", "bob/checkout"))
    assert message
    assert (message.data["branch"], message.data["branch_repository"]) == ("main", "bob/checkout")
    assert message.data["repository"] == "example-shop/checkout"


def test_the_sample_of_github_is_what_becomes_the_sample_of_the_contract() -> None:
    """One run, as GitHub tells it and as subscribers read it."""
    request, event = loader.sample("http/github.workflow_run"), loader.sample("build.finished/main")["detail"]
    content = request["body"].encode()
    message = github.read(RawRequest(headers=request["headers"], body=content), payload.parse(content))
    assert message
    assert (message.subject, message.data, message.happened) == (event["subject"], event["data"], event["time"])


def test_a_customer_of_stripe_becomes_ours() -> None:
    """Null is left out, and the event's own time is when it happened."""
    message = stripe.read(NAMED, CUSTOMER)
    assert message
    assert (message.type, message.subject, message.key) == ("customer.created", "customer/cus_1", "evt_1")
    created = "2026-11-12T00:00:00+00:00"
    assert message.data == {"system": "stripe", "id": "cus_1", "created_at": created, "name": "Ada"}
    assert message.happened == created


def of_stripe(**fields: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of Stripe's customer
    """Return Stripe's event of a new customer with other fields."""
    return CUSTOMER | {"data": {"object": CUSTOMER["data"]["object"] | fields}}


@pytest.mark.parametrize("blank", [" ", "", "\u00a0", "\t\n", None])
def test_what_is_blank_at_stripe_is_not_known(blank: str | None) -> None:
    """It is left out as null is."""
    message = stripe.read(NAMED, of_stripe(name=blank, email=blank))
    assert message
    assert message.data.keys() == {"system", "id", "created_at"}


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
    assert github.read(RawRequest(headers={"x-github-event": "ping"}, body=b""), {}) is None
    assert stripe.read(NAMED, CUSTOMER | {"type": "customer.deleted"}) is None


@pytest.mark.parametrize("action", ["requested", "in_progress"])
def test_a_run_that_is_not_over_is_no_message(action: str) -> None:
    """GitHub tells of its beginning under the same kind, with no conclusion yet."""
    unfinished = changed(RUN, "workflow_run.conclusion", None)
    assert github.read(RAN, unfinished | {"action": action}) is None


@pytest.mark.parametrize(
    ("provider", "whole", "path", "value"),
    [
        (github, PUSH, "repository.full_name", None),
        (github, PUSH, "repository", "text"),
        (github, PUSH, "ref", ""),
        (github, PUSH, "after", ["a"]),
        (github, PUSH, "pusher.name", "x" * 501),
        (github, PUSH, "forced", 1),
        (github, RUN, "action", None),
        (github, RUN, "workflow_run", []),
        (github, RUN, "workflow_run.id", "30433642"),
        (github, RUN, "workflow_run.run_attempt", True),
        (github, RUN, "workflow_run.run_attempt", 2**53 + 1),
        (github, RUN, "workflow_run.conclusion", None),
        (github, RUN, "workflow_run.name", 1),
        (github, RUN, "workflow_run.head_sha", ""),
        (github, RUN, "workflow_run.updated_at", "2026-11-12T00:00:00"),
        (github, RUN, "workflow_run.run_started_at", "a while ago"),
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
        (generic, CRM, "timestamp", "2026-W01-1T00:00:00Z"),
        (generic, CRM, "timestamp", "2026-13-01T00:00:00Z"),
        (generic, CRM, "timestamp", 5),
    ],
)
def test_a_field_that_is_wrong_is_named(provider: Any, whole: object, path: str, value: object) -> None:  # noqa: ANN401 - a module
    """Missing, empty, too long or of another kind: the sender reads which."""
    call = RAN if whole is RUN else PUSHED if provider is github else NAMED
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
