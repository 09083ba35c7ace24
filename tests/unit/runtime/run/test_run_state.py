"""What a run with an order keeps for the next run of its subject."""

import pytest

from functions.runtime import Event, Permanent, Run
from functions.runtime.batch.attempt import Handler
from tests.events import body, cloud_event, object_created
from tests.unit.runtime.conftest import World
from tests.unit.runtime.run.test_run import outcome, put


def versions(
    world: World, monkeypatch: pytest.MonkeyPatch, handle: Handler, *contents: bytes
) -> list[dict[str, object]]:
    """Let an ordered function handle versions of one object, one after the other; return the rows, oldest first."""
    monkeypatch.setenv("HERALD_ORDER", "newest")
    for number, content in enumerate(contents):
        world.send(body(object_created("reports/a", version=put("reports/a", content))))
        world.deliver(handle, request_id=f"version-{number}")
    return sorted((row for row in world.rows() if "facts" in row), key=lambda row: row["first_at"])


def test_an_ordered_run_knows_what_was_processed_before(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """`run.previous` can be read in its version; a failed run is not the previous one."""
    seen: list[tuple[bytes | None, bytes]] = []

    def compare(event: Event, run: Run) -> None:
        content = run.read(event)
        if content == b"broken":
            raise Permanent("broken")
        seen.append((run.read(run.previous) if run.previous else None, content))

    versions(world, monkeypatch, compare, b"1", b"broken", b"2", b"3")
    assert seen == [(None, b"1"), (b"1", b"2"), (b"2", b"3")]


def test_an_ordered_run_keeps_state(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next run gets the state that a processed run kept; a failed run does not change it."""
    seen = []

    def count(event: Event, run: Run) -> None:
        seen.append(dict(run.state))
        run.state["count"] = run.state.get("count", 0) + 1
        if run.read(event) == b"broken":
            raise Permanent("broken")

    versions(world, monkeypatch, count, b"1", b"broken", b"2")
    assert seen == [{}, {"count": 1}, {"count": 1}]


@pytest.mark.parametrize(
    ("value", "reason"),
    [("x" * 5_000, "run.state has 5,009 bytes, more than 4,096"), ({1, 2}, "run.state is not valid JSON")],
)
def test_state_that_cannot_be_kept_is_refused(
    world: World, monkeypatch: pytest.MonkeyPatch, value: object, reason: str
) -> None:
    """The run is rejected before any event is sent."""

    def keep(event: Event, run: Run) -> None:
        run.state["x"] = value
        run.emit("a.b", {}, subject=event.subject)

    (row,) = versions(world, monkeypatch, keep, b"1")
    assert (row["decision"], str(row["reason"])[: len(reason)]) == ("rejected", reason)
    assert world.emitted() == []


def test_state_needs_an_order(world: World) -> None:
    """Without an order two runs of a subject could write the state at once."""
    assert outcome(world, lambda e, r: r.log.info("state", state=r.state, event=e.id), body(cloud_event())) == (
        "retrying",
        "run.state needs order = 'newest' in [delivery] of function.toml",
    )
