"""Functions with `order = "newest"`: any order of arrival and any number of copies, against a simple model."""

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from functions.runtime import Event, Permanent, Run
from tests.events import body, cloud_event, object_created
from tests.stage import Stage, install

VERSIONS = 6


def written(number: int) -> str:
    """Return the event of a write of one object; each third event is a deletion."""
    event = object_created("inventories/a.json", f"v{number}", sequencer=f"{number:04X}")
    event["detail-type"] = "Object Deleted" if number % 3 == 0 else "Object Created"
    return body(event)


class Changes:
    """A handler that records each version with the one that was processed before it."""

    def __init__(self, refused: frozenset[str] = frozenset()) -> None:
        """Reject the events with these sequences."""
        self.refused = refused
        self.pairs: list[tuple[str | None, str | None]] = []

    def __call__(self, event: Event, run: Run) -> None:
        """Record the previous and the current sequence."""
        if event.sequence in self.refused:
            raise Permanent("this one cannot be read")
        self.pairs.append((run.previous.sequence if run.previous else None, event.sequence))


@given(
    order=st.permutations(range(1, VERSIONS + 1)),
    sizes=st.lists(st.integers(1, 4), min_size=VERSIONS, max_size=VERSIONS),
    again=st.lists(st.integers(1, VERSIONS), max_size=4),
    refused=st.sets(st.integers(1, VERSIONS), max_size=3),
)
@example(order=[6, 1, 2, 3, 4, 5], sizes=[6] * 6, again=[], refused={6})
@example(order=[6, 5, 4, 3, 2, 1], sizes=[1] * 6, again=[6, 1], refused=set())
@settings(max_examples=150, deadline=None)
def test_changes_add_up_in_any_order(order: list[int], sizes: list[int], again: list[int], refused: set[int]) -> None:
    """Each change starts at the version where the last one ended, and the last one ends at the newest valid version.

    The model: a valid version is processed unless a newer one was processed before.
    """
    with pytest.MonkeyPatch.context() as patch:
        handle = Changes(frozenset(f"{number:04X}" for number in refused))
        stage = install(Stage(handle), patch, ORDER="newest")
        stage.send(*(written(number) for number in [*order, *again]))
        waiting = list(stage.queue)
        for count in sizes:
            batch, waiting = waiting[:count], waiting[count:]
            if batch:
                stage.deliver(*batch)
        stage.drain()
    good = [number for number in order if number not in refused]
    expected = [f"{number:04X}" for number in good]
    chain = [pair[1] for pair in handle.pairs]
    assert [pair[0] for pair in handle.pairs] == [None, *chain[:-1]][: len(chain)]
    assert chain == sorted(chain, key=str)
    if good:
        assert chain[-1] == max(expected)
    decided = {row["facts"]["sequence"]: str(row["decision"]) for row in stage.rows()}
    assert len(decided) == VERSIONS
    for number in range(1, VERSIONS + 1):
        name = f"{number:04X}"
        assert decided[name] in ({"rejected", "stale"} if number in refused else {"processed", "stale"})
        assert (decided[name] == "processed") == (name in chain)


def test_a_newest_that_dies_gives_way_to_an_older_good_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The subject is not blocked: the older event waits, and runs when the newest one is rejected."""
    handle = Changes(frozenset({"0002"}))
    stage = install(Stage(handle), monkeypatch, ORDER="newest")
    stage.send(written(1), written(2))
    stage.drain()
    assert handle.pairs == [(None, "0001")]
    assert sorted(stage.decisions()) == ["processed", "rejected"]


def test_an_older_one_waits_while_the_newest_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The older event returns to the queue, and is stale when the newest one succeeds."""
    tries = []

    def fail_once(event: Event, run: Run) -> None:  # noqa: ARG001 - a handler
        tries.append(event.sequence)
        if len(tries) == 1:
            raise TimeoutError

    stage = install(Stage(fail_once), monkeypatch, ORDER="newest")
    stage.send(written(2))
    stage.deliver()
    stage.send(written(1))
    assert len(stage.deliver()) == 1
    stage.drain()
    assert tries == ["0002", "0002"]
    assert sorted(stage.decisions()) == ["processed", "stale"]


def test_a_newest_whose_message_is_gone_does_not_wedge_its_subject(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the queue was purged while the newest event waited for a retry, the older event runs after two hours."""

    def fail_newest(event: Event, run: Run) -> None:  # noqa: ARG001 - a handler
        if event.sequence == "0002":
            raise TimeoutError

    stage = install(Stage(fail_newest), monkeypatch, ORDER="newest")
    stage.send(written(2))
    stage.deliver()
    stage.queue.clear()
    stage.send(written(1))
    assert len(stage.deliver()) == 1
    began = stage.now
    stage.drain()
    assert stage.now - began <= 3 * 3_600_000
    assert sorted(stage.decisions()) == ["processed", "retrying"]


def test_a_settle_that_was_half_written_is_made_up_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest row was written and the run's row was not: the next delivery writes it."""
    stage = install(Stage(Changes()), monkeypatch, ORDER="newest")
    answers: list[Any] = []

    def lose_third(call: str, when: str) -> None:
        answers.append((call, when))
        if (call, when) == ("statements", "before") and answers.count(("statements", "before")) == 3:
            raise TimeoutError

    stage.fail = lose_third
    stage.send(written(1))
    assert len(stage.deliver()) == 1
    assert stage.rows() == []
    stage.drain()
    assert stage.decisions() == ["processed"]


def test_sequences_of_two_sources_are_not_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each source has an order of its own."""
    handle = Changes()
    stage = install(Stage(handle), monkeypatch, ORDER="newest")
    for source, sequence in (("shop", "9"), ("crm", "1")):
        stage.send(body(cloud_event(id=source, source=source, sequence=sequence)))
        stage.deliver()
    assert [pair[1] for pair in handle.pairs] == ["9", "1"]


def test_s3_sequencers_of_different_length_are_compared_as_s3_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """The shorter sequencer is padded with zeros on the right, and case does not matter."""
    handle = Changes()
    stage = install(Stage(handle), monkeypatch, ORDER="newest")
    for sequencer in ("0a", "0A1", "0a01"):
        stage.send(body(object_created("k", f"v-{sequencer}", sequencer=sequencer)))
        stage.deliver()
    assert [pair[1] for pair in handle.pairs] == ["0a", "0A1"]
    assert stage.decisions() == ["processed", "processed", "stale"]


def test_copies_of_a_stale_event_are_written_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Copies in one batch are not claimed, and one row has the decision."""
    stage = install(Stage(Changes()), monkeypatch, ORDER="newest")
    stage.send(written(2))
    stage.deliver(all_of_them=True)
    stage.send(written(1), written(1), written(1))
    stage.deliver(all_of_them=True)
    assert stage.queue == {}
    assert sorted(stage.decisions()) == ["processed", "stale"]
