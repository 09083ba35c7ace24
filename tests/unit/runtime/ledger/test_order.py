"""The newest wins: whatever the order of arrival, and however often, against a plain model."""

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from functions.runtime import Event, Permanent, Run
from tests.events import body, cloud_event, object_created
from tests.stage import Stage, install

VERSIONS = 6


def written(number: int) -> str:
    """Return the event of the write, or every third time the deletion, of one object."""
    event = object_created("inventories/a.json", f"v{number}", sequencer=f"{number:04X}")
    event["detail-type"] = "Object Deleted" if number % 3 == 0 else "Object Created"
    return body(event)


class Changes:
    """A handler that compares each version with the one that was processed before it."""

    def __init__(self, refused: frozenset[str] = frozenset()) -> None:
        """Refuse the events of some sequences."""
        self.refused = refused
        self.pairs: list[tuple[str | None, str | None]] = []

    def __call__(self, event: Event, run: Run) -> None:
        """Note from which version to which."""
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
    """Each change begins where the last one ended, and the last one ends at the newest good version.

    The model: of the good versions, those count that arrive when nothing newer has been processed.
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
    """The subject is not wedged: what was put back for the newest runs when that one is rejected."""
    handle = Changes(frozenset({"0002"}))
    stage = install(Stage(handle), monkeypatch, ORDER="newest")
    stage.send(written(1), written(2))
    stage.drain()
    assert handle.pairs == [(None, "0001")]
    assert sorted(stage.decisions()) == ["processed", "rejected"]


def test_an_older_one_waits_while_the_newest_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is put back, and is stale when the newest succeeds."""
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
    """An operator purged the queue while it was to be tried again: after two hours the older one runs."""

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
    """The subject knows that the run was processed, its own row was not written any more: the next delivery does it."""
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
    """Each source counts for itself."""
    handle = Changes()
    stage = install(Stage(handle), monkeypatch, ORDER="newest")
    for source, sequence in (("shop", "9"), ("crm", "1")):
        stage.send(body(cloud_event(id=source, source=source, sequence=sequence)))
        stage.deliver()
    assert [pair[1] for pair in handle.pairs] == ["9", "1"]


def test_s3_sequencers_of_different_length_are_compared_as_s3_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """The shorter one is padded on its right, and case does not matter."""
    handle = Changes()
    stage = install(Stage(handle), monkeypatch, ORDER="newest")
    for sequencer in ("0a", "0A1", "0a01"):
        stage.send(body(object_created("k", f"v-{sequencer}", sequencer=sequencer)))
        stage.deliver()
    assert [pair[1] for pair in handle.pairs] == ["0a", "0A1"]
    assert stage.decisions() == ["processed", "processed", "stale"]


def test_copies_of_a_stale_event_are_written_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """They come in one batch, none of them is claimed, and all of them are decided by one row."""
    stage = install(Stage(Changes()), monkeypatch, ORDER="newest")
    stage.send(written(2))
    stage.deliver(all_of_them=True)
    stage.send(written(1), written(1), written(1))
    stage.deliver(all_of_them=True)
    assert stage.queue == {}
    assert sorted(stage.decisions()) == ["processed", "stale"]
