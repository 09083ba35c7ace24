"""The index `runs`: a settled run is in the partition of its hour and of its event's shard, and an open one is not."""

from dataclasses import replace

import pytest

from functions.runtime.ledger import runs_index
from functions.runtime.ledger.decisions import Decision
from tests.partiql import Table
from tests.unit.runtime.ledger.test_ledger import DONE, LATER, LEASE_MS, both, make, request, settle
from tests.unit.runtime.ledger.test_written_rows import attributes

AT_MS = 1_795_867_140_000  # 2026-11-28T11:59


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("functions.runtime.core.clock.now_ms", lambda: AT_MS)


@both
def test_a_run_enters_the_index_when_it_is_settled(ordered: bool) -> None:  # noqa: FBT001 - parametrized
    """A claimed run has no `hour`; a run that will be retried has one, and the time of its attempt."""
    table = Table()
    book = make(table, ordered=ordered)
    asked = request("a", facts={"id": "e1"})
    results = book.claim([asked], LEASE_MS)
    assert attributes(table, "hour") == []
    settle(book, results, LATER)
    assert attributes(table, "hour") == [runs_index.partition(AT_MS, "e1")]
    assert attributes(table, "settled_at") == [str(AT_MS)]
    assert attributes(table, "decision") == [Decision.RETRYING]


@both
def test_a_message_that_is_not_an_event_has_the_shard_of_its_own_id(ordered: bool) -> None:  # noqa: FBT001 - parametrized
    """Otherwise all messages of a broken producer would be in one partition."""
    table = Table()
    book = make(table, ordered=ordered)
    for identity in ("m1", "m2"):
        asked = request(identity, facts={}, sort_key=identity, key=replace(request("x").key, identity=identity))
        settle(book, book.claim([asked], LEASE_MS), DONE)
    assert set(attributes(table, "hour")) == {runs_index.partition(AT_MS, each) for each in ("m1", "m2")}


def test_the_partition_is_the_hour_in_utc_and_one_of_sixteen_shards() -> None:
    """The last millisecond of an hour is in it; a thousand events use all shards."""
    last = 1_795_867_200_000 - 1
    assert runs_index.partition(last, "e").startswith("2026-11-28T11#")
    assert runs_index.partition(last + 1, "e").startswith("2026-11-28T12#")
    assert {runs_index.shard(str(number)) for number in range(1_000)} == set(runs_index.SHARDS)
