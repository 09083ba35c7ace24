"""`herald why` says that a function was deployed after the event, and does not wait for it."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest

from herald.deployment import functions
from herald.deployment.deployment import Deployment
from tests.unit.herald.investigate.installation import FILE, enqueue, journalled, not_run, now_ms, run, totalled

DEPLOYED_SINCE: Final = functions.deployed_since
MINUTE_MS: Final = 60_000


@pytest.fixture(autouse=True)
def real_times(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read the times of the queues, which SQS created now."""
    assert deployment.queues
    monkeypatch.setattr(functions, "deployed_since", DEPLOYED_SINCE)


def later(at: datetime) -> str:
    """Return a time as the reason shows it."""
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def test_a_younger_function_did_not_receive_the_event(deployment: Deployment) -> None:
    """The reason has the time of the deployment, and the command that sends the event."""
    ended = now_ms() - MINUTE_MS
    totalled(deployment, settled_at=ended)
    journalled(deployment, 1)
    created = functions.deployed_since(deployment, "book")
    assert created
    since = later(datetime.fromtimestamp(ended / 1000, UTC) - timedelta(minutes=15))
    command = f"herald replay --function book --subject invoice/7 --from {since}"
    assert not_run() == {
        "book": f"its pattern matches, but it was deployed at {later(created)}, after this event; "
        f"earlier events do not reach it: `{command}` sends this event from the journal"
    }


def test_messages_of_a_younger_function_are_those_of_later_events_or_a_replay(deployment: Deployment) -> None:
    """They are counted, because a replay may have sent the event."""
    totalled(deployment, settled_at=now_ms() - MINUTE_MS)
    enqueue(deployment, "book")
    assert "sends this event from the journal; its queue holds 1 message: errors before a run" in not_run()["book"]


def test_a_younger_function_is_not_left_at_the_deadline(deployment: Deployment) -> None:
    """Its queue holds other events; for an event after the deployment, the function counts."""
    totalled(deployment, settled_at=now_ms() - MINUTE_MS)
    enqueue(deployment, "book")
    assert run("why", FILE, "--wait").exit_code == 0
    totalled(deployment, settled_at=now_ms() + MINUTE_MS)
    assert "still waiting for book (its queue is not empty)" in str(run("why", FILE, "--wait").exception)


def test_a_write_before_the_deployment_is_not_awaited(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    """The object ran nothing: only functions from before the write may still begin."""
    deployment.client("s3").put_object(Bucket="invoices", Key="in/7.json", Body=b"7")
    assert "waiting for total (no run has begun)" in run("why", FILE, "--wait").stderr
    tomorrow = datetime.fromtimestamp(time.time(), UTC) + timedelta(days=1)
    monkeypatch.setattr(functions, "deployed_since", lambda *_: tomorrow)
    asked = run("why", FILE, "--wait")
    assert (asked.exit_code, "waiting for" in asked.stderr) == (0, False)
    assert f"total: its pattern matches, but it was deployed at {later(tomorrow)}, after this event" in asked.stdout


def test_a_renamed_function_received_events_under_its_former_name(deployment: Deployment) -> None:
    """Its oldest queue counts; if a queue of a former name is deleted, the age is unknown."""
    specs = deployment.__dict__["specs"]
    specs["book"] = replace(specs["book"], formerly=("ledger_book",))
    assert functions.deployed_since(deployment, "book") is None
    deployment.all_queues["ledger_book"] = deployment.all_queues["greet"]
    assert functions.deployed_since(deployment, "book") == functions.deployed_since(deployment, "greet")
