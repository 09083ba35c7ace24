"""A run has the times of its event, its attempts and its decision, and the range of its next attempt."""

from typing import Any, Final

import pytest

from herald.investigate.run_times import times
from herald.terminal import time_lines
from infra.declarations.spec import DeliverySpec, FunctionSpec, Trigger

NOW: Final = 1_764_331_200_000  # 2025-11-28 12:00:00 UTC
MINUTE: Final = 60_000
SPEC: Final = FunctionSpec(
    name="f",
    description="d",
    owner="o",
    trigger=Trigger(samples=("s",)),
    delivery=DeliverySpec(backoff_base_seconds=4, backoff_cap_seconds=100),
)


def row(decision: str = "processed", **fields: Any) -> dict[str, Any]:  # noqa: ANN401 - a row's
    """Return a row that was claimed ten minutes ago and settled three minutes ago, after 500 ms."""
    settled = {"settled_at": NOW - 3 * MINUTE, "duration_ms": 500, "attempt": 1}
    facts = {"time": "2025-11-28T11:00:00Z"}
    return {"decision": decision, "facts": facts, "first_at": NOW - 10 * MINUTE} | settled | fields


def lines(found: dict[str, Any]) -> list[str]:
    """Return the lines of a row in an answer."""
    return [f"{label} {text}" for label, text in time_lines.facts(times(found, SPEC), found["attempt"], NOW)]


def test_the_times_of_a_processed_run() -> None:
    """The last attempt of a row without the time of its claim began before its duration."""
    assert times(row(), SPEC) == {
        "event": "2025-11-28T11:00:00Z",
        "started": "2025-11-28T11:50:00.000+00:00",
        "last_attempt": "2025-11-28T11:56:59.500+00:00",
        "settled": "2025-11-28T11:57:00.000+00:00",
        "lease_until": None,
        "next_attempt_by": None,
    }
    assert times(row(claimed_at=NOW), SPEC)["last_attempt"] == "2025-11-28T12:00:00.000+00:00"
    (when,) = lines(row())
    assert when == (
        "when event 2025-11-28 11:00:00 (1 h ago), started 2025-11-28 11:50:00 (10 min ago), "
        "settled 2025-11-28 11:57:00 (3 min ago)"
    )
    assert "last attempt 2025-11-28 11:56:59 (3 min ago), settled" in lines(row(attempt=2))[0]


@pytest.mark.parametrize(("attempt", "latest"), [(1, 8), (2, 16), (5, 100)])
def test_the_next_attempt_has_a_latest_time(attempt: int, latest: int) -> None:
    """The backoff doubles, up to its cap; the delay is random, so the ledger has no exact time."""
    found = row("retrying", attempt=attempt, settled_at=NOW)
    assert lines(found)[1].endswith(f"in at most {latest}.0 s (the delay is random)".replace("100.0 s", "1 min"))
    assert lines(found | {"settled_at": NOW - 200_000})[1].endswith("it waits in the queue, or it runs now")
    assert times(found, None)["next_attempt_by"] is None


def test_a_running_attempt_has_the_end_of_its_lease() -> None:
    """After it, the attempt crashed; the decision of the attempt before does not count."""
    found = row("running", in_progress_expiration=NOW + MINUTE, claimed_at=NOW)
    assert times(found, SPEC)["settled"] is None
    assert lines(found)[1].startswith("next the attempt has time until 2025-11-28 12:01:00;")
    over = lines(found | {"in_progress_expiration": NOW - MINUTE})[1]
    assert over == "next the attempt ended without a result by 2025-11-28 11:59:00 (1 min ago): the next one is due"
