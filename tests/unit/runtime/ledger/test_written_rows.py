"""What the rows hold while a run is at work and after it is settled, and the instants at which leases end."""

import json
from dataclasses import replace
from typing import Any

import pytest

from functions.runtime import Event, Run
from functions.runtime.core import clock
from functions.runtime.ledger.claims import ClaimStatus
from tests.events import body, cloud_event
from tests.partiql import Table
from tests.stage import Stage, install
from tests.unit.runtime.ledger.test_ledger import DONE, LATER, LEASE_MS, both, claim, make, request, settle

NOW_MS = 1_800_000_000_000


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Stop the clock at its only element, in ms."""
    at = [NOW_MS]
    monkeypatch.setattr(clock, "now_ms", lambda: at[0])
    return at


def attributes(table: Table, name: str) -> list[Any]:
    """Return one attribute of every row that has it, as DynamoDB holds it."""
    return [next(iter(row[name].values())) for row in table.items.values() if name in row]


@pytest.mark.parametrize("order", ["none", "newest"])
def test_statements_name_the_table_of_the_ledger(order: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of a first attempt and of a retry, which claim and settle."""
    tries: list[str] = []
    tables: list[str] = []

    def fail_once(event: Event, run: Run) -> None:  # noqa: ARG001 - a handler
        tries.append(event.id)
        if len(tries) == 1:
            raise TimeoutError

    def note(responses: list[Any]) -> list[Any]:
        tables.extend(response["TableName"] for response in responses if "Error" not in response)
        return responses

    stage = install(Stage(fail_once), monkeypatch, ORDER=order)
    stage.reply = note
    stage.send(body(cloud_event(sequence="1")))
    stage.drain()
    assert len(tables) == (4 if order == "none" else 6)
    assert set(tables) == {"ledger"}


@pytest.mark.parametrize("order", ["none", "newest"])
def test_a_row_keeps_the_replay_and_expires_after_the_days_of_the_function(
    order: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without an order already while the run is at work; DynamoDB takes the time in seconds."""
    seen = []

    def look(event: Event, run: Run) -> None:  # noqa: ARG001 - a handler
        seen.extend(stage.rows())

    stage = install(Stage(look), monkeypatch, ORDER=order)
    said = {"herald": {"stringValue": json.dumps({"replay": "again"})}}
    stage.send(body(cloud_event(sequence="1")), attributes=said)
    stage.drain()
    assert len(seen) == (1 if order == "none" else 0)
    for row in [*seen, *stage.rows()]:
        assert (row["replay"], row["expiration"]) == ("again", NOW_MS // 1_000 + 90 * 86_400)


@both
def test_an_effect_is_kept_without_empty_fields_and_without_the_subject_of_its_row(ordered: bool) -> None:  # noqa: FBT001 - parametrized
    """Another subject is kept: a reader of the row takes the row's subject for a missing one."""
    table = Table()
    book = make(table, ordered=ordered)
    asked = request("a")
    kept: dict[str, Any] = {"kind": "object", "subject": "s3://other/key"}
    effects: list[dict[str, Any]] = [
        {"kind": "event", "subject": asked.key.subject, "id": "1"},
        {**kept, "version": None},
    ]
    settle(book, book.claim([asked], LEASE_MS), replace(DONE, effects=effects))
    (stored,) = attributes(table, "effects")
    assert json.loads(stored) == [{"kind": "event", "id": "1"}, kept]


@both
def test_a_lease_ends_at_its_last_instant(ordered: bool, now: list[int]) -> None:  # noqa: FBT001 - parametrized
    """One millisecond before it another worker waits; at it the run is taken over."""
    table = Table()
    book = make(table, ordered=ordered)
    claim(book, request("a"))
    (end,) = attributes(table, "in_progress_expiration")
    assert int(end) == NOW_MS + LEASE_MS + 1_000, "with a second for clocks that differ"
    now[0] = int(end) - 1
    assert claim(book, request("b")) == [ClaimStatus.BUSY]
    now[0] = int(end)
    assert claim(book, request("b")) == [ClaimStatus.LEASE_EXPIRED]


def test_a_reservation_ends_at_its_last_instant(now: list[int]) -> None:
    """Two hours after a newer event was to be retried, an older one runs."""
    book = make(Table(), ordered=True)
    settle(book, book.claim([request("a", sort_key="9")], LEASE_MS), LATER)
    older = request("b", sort_key="5", key=replace(request("b").key, identity="older"))
    now[0] = NOW_MS + 2 * 3_600_000 - 1
    (waiting,) = book.claim([older], LEASE_MS)
    assert (waiting.status, waiting.lease_end) == (ClaimStatus.BUSY, now[0] + 1)
    now[0] += 1
    assert claim(book, older) == [ClaimStatus.CLAIM]


def test_a_wake_waits_for_its_run_until_the_reservation_ends(now: list[int]) -> None:
    """The run that asked for it claimed the subject and never settled."""
    book = make(Table(), ordered=True)
    claim(book, request("a"))
    wake = request("w", key=replace(request("w").key, identity="wake"), wake="1", asked_by="a")
    now[0] = NOW_MS + LEASE_MS + 1_000 + 2 * 3_600_000 - 1
    assert claim(book, wake) == [ClaimStatus.BUSY]
    now[0] += 1
    assert claim(book, wake) == [ClaimStatus.STALE]
