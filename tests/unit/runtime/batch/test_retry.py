"""Backoff, waiting for busy runs, and the attribute that messages carry."""

from typing import Any

import pytest

from functions.runtime import Event, Run, Transient
from functions.runtime.batch import retry
from functions.runtime.batch.carried import ATTRIBUTE, Carried
from functions.runtime.core import aws
from functions.runtime.core.clock import now_ms
from tests.events import body, cloud_event
from tests.unit.runtime.conftest import World

SAMPLES = 300


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(("attempt", "most"), [(1, 4), (2, 8), (5, 64), (9, 900), (40, 900)])
def test_backoff_doubles_with_full_jitter_up_to_its_cap(attempt: int, most: int) -> None:
    """A wait is between zero and the limit, so that runs that failed together are not retried together."""
    waits = {retry.backoff_seconds(attempt) for _ in range(SAMPLES)}
    assert min(waits) <= most / 4
    assert most * 3 / 4 <= max(waits) <= most


@pytest.mark.parametrize(("receives", "least", "most"), [(1, 1, 2), (3, 4, 6), (50, 90, 101)])
def test_the_wait_for_a_busy_run_doubles_up_to_its_lease(receives: int, least: int, most: int) -> None:
    """It begins with one second and never exceeds the end of the lease."""
    waits = {retry.busy_seconds(receives, now_ms() + 100_000) for _ in range(SAMPLES)}
    assert least <= min(waits)
    assert max(waits) <= most
    assert retry.busy_seconds(50, now_ms() - 5_000) == 1


@pytest.fixture
def hidden(world: World, monkeypatch: pytest.MonkeyPatch) -> list[int]:  # noqa: ARG001 - the AWS of the client
    """Record for how many seconds messages are hidden."""
    seconds: list[int] = []

    def record(**call: Any) -> None:  # noqa: ANN401 - boto3's keywords
        seconds.extend(entry["VisibilityTimeout"] for entry in call["Entries"])

    monkeypatch.setattr(aws.sqs(), "change_message_visibility_batch", record)
    return seconds


def test_a_failed_attempt_hides_its_message_for_the_backoff(
    world: World, hidden: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise SQS would deliver it after the visibility timeout of the queue."""

    def failing(event: Event, run: Run) -> None:  # noqa: ARG001 - a handler
        raise Transient("later")

    monkeypatch.setattr(retry, "backoff_seconds", lambda attempt: 100 + attempt)
    world.send(body(cloud_event()))
    world.deliver(failing)
    assert hidden == [101]


def test_the_message_of_a_busy_run_is_hidden_for_a_short_time(world: World, hidden: list[int]) -> None:
    """It is delivered again after one or two seconds, not after the visibility timeout of the queue."""
    event = body(cloud_event())
    world.held_by("other", event)
    world.send(event)
    world.deliver(lambda _event, _run: None)
    assert hidden in ([1], [2])


@pytest.mark.parametrize(
    "attribute",
    [
        None,
        {},
        {"stringValue": "no json"},
        {"stringValue": "{}"},
        {"stringValue": "[]"},
        {"stringValue": '{"replay":1}'},
    ],
)
def test_a_foreign_attribute_is_ignored(attribute: dict[str, Any] | None) -> None:
    """A value that Herald did not write has no generation, so it reopens no run."""
    attributes = {ATTRIBUTE: attribute} if attribute is not None else {}
    assert Carried.of(attributes) == Carried()
