"""How long a message waits, and what becomes of it meanwhile."""

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
    """Anywhere between nothing and the limit: those that failed together do not come back together."""
    waits = {retry.backoff_seconds(attempt) for _ in range(SAMPLES)}
    assert min(waits) <= most / 4
    assert most * 3 / 4 <= max(waits) <= most


@pytest.mark.parametrize(("receives", "least", "most"), [(1, 1, 2), (3, 4, 6), (50, 90, 101)])
def test_a_busy_run_is_left_alone_longer_each_time_up_to_its_lease(receives: int, least: int, most: int) -> None:
    """From one second, doubling, and never past the moment when the lease lets go."""
    waits = {retry.busy_seconds(receives, now_ms() + 100_000) for _ in range(SAMPLES)}
    assert least <= min(waits)
    assert max(waits) <= most
    assert retry.busy_seconds(50, now_ms() - 5_000) == 1


@pytest.fixture
def hidden(world: World, monkeypatch: pytest.MonkeyPatch) -> list[int]:  # noqa: ARG001 - the AWS of the client
    """Record for how long messages are hidden."""
    seconds: list[int] = []

    def record(**call: Any) -> None:  # noqa: ANN401 - boto3's keywords
        seconds.extend(entry["VisibilityTimeout"] for entry in call["Entries"])

    monkeypatch.setattr(aws.sqs(), "change_message_visibility_batch", record)
    return seconds


def test_a_failed_attempt_hides_its_message_for_the_backoff(
    world: World, hidden: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without it, SQS would wait six timeouts, or not at all."""

    def failing(event: Event, run: Run) -> None:  # noqa: ARG001 - a handler
        raise Transient("later")

    monkeypatch.setattr(retry, "backoff_seconds", lambda attempt: 100 + attempt)
    world.send(body(cloud_event()))
    world.deliver(failing)
    assert hidden == [101]


def test_a_busy_run_hides_its_message_until_its_holder_may_be_done(world: World, hidden: list[int]) -> None:
    """It comes back after about a second, not after six timeouts."""
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
def test_an_attribute_that_is_none_of_ours_reopens_nothing(attribute: dict[str, Any] | None) -> None:
    """Only a whole dead letter has a generation; whatever else a sender attaches is ignored."""
    attributes = {ATTRIBUTE: attribute} if attribute is not None else {}
    assert Carried.of(attributes) == Carried()
