"""What is bought, how much of it, and how often."""

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.replenish_stock.handler import handle
from functions.replenish_stock.logic import judge, request
from functions.replenish_stock.model import Stock
from functions.runtime import Permanent
from functions.runtime.envelopes.envelope import parse
from functions.runtime.patterns import pattern
from infra.declarations import loader
from tests.doubles import RecordingRun, run_handler
from tests.events import body, cloud_event
from tests.stage import Stage, install

RECORD = {"sku": "bolt", "level": 4, "low_mark": 5, "refill_mark": 20, "pack_size": 6}


def stock(**fields: Any) -> Stock:  # noqa: ANN401 - fields of the event
    """Return an item that is just below its low mark."""
    return Stock.read("item/bolt", RECORD | fields)


def changed(number: int, **record: Any) -> str:  # noqa: ANN401 - as above
    """Return the event of a level; `number` is its place in the item's order."""
    event = cloud_event(
        id=f"level-{number}",
        source="warehouse",
        type="stock.level_changed",
        subject="item/bolt",
        sequence=f"{number:06}",
        data=RECORD | record,
    )
    return body(event)


@pytest.mark.parametrize(
    ("level", "breached", "after"),
    [(5, False, False), (4, False, True), (-3, False, True), (19, True, True), (20, True, False), (99, True, False)],
)
def test_between_the_marks_nothing_changes(level: int, breached: bool, after: bool) -> None:  # noqa: FBT001 - a table
    """Below the low mark it is breached, at the refill mark no more."""
    assert judge(stock(level=level), breached=breached) is after


@pytest.mark.parametrize(("level", "packs"), [(4, 3), (2, 3), (1, 4), (0, 4), (-1, 4), (-5, 5)])
def test_whole_packs_are_bought(level: int, packs: int) -> None:
    """At least what is missing up to the refill mark, and less than a pack more."""
    asked = request(stock(level=level))
    assert (asked["packs"], asked["quantity"]) == (packs, packs * 6)
    assert 20 <= level + asked["quantity"] < 26


def test_one_request_per_breach() -> None:
    """Falling further asks for nothing more; the next fall after a refill does."""
    run = RecordingRun()
    for number, level in enumerate([7, 4, 3, 6, 19, 2, 20, 6, 4, 0]):
        run_handler(handle, parse(changed(number, level=level)), run)
        run.state = json.loads(json.dumps(run.state))
    assert [(each.type, each.data["level"]) for each in run.emitted] == [("purchase.requested", 4)] * 2


@given(
    levels=st.lists(st.integers(-2, 24), min_size=1, max_size=8),
    shuffled=st.randoms(use_true_random=False),
    again=st.lists(st.integers(0, 7), max_size=4),
)
@settings(max_examples=60, deadline=None)
def test_in_any_order_and_however_often(levels: list[int], shuffled: Any, again: list[int]) -> None:  # noqa: ANN401 - Random
    """On the runtime, each request is about a level below the low mark, and between two of them was a refill."""
    numbers = [*range(len(levels)), *(number for number in again if number < len(levels))]
    shuffled.shuffle(numbers)
    with pytest.MonkeyPatch.context() as patch:
        stage = install(Stage(handle.handler), patch, ORDER="newest")
        for number in numbers:
            stage.send(changed(number, level=levels[number]))
            stage.drain()
    asked = [int(event["sequence"].split(".")[0]) for event in stage.events]
    done = {int(row["facts"]["sequence"]) for row in stage.rows() if row["decision"] == "processed"}
    assert asked == sorted(set(asked))
    assert all(levels[number] < 5 for number in asked)
    for earlier, later in pairwise(asked):
        assert any(levels[number] >= 20 for number in done if earlier < number < later)
    newest = len(levels) - 1
    assert newest in done
    assert levels[newest] >= 5 or asked


@pytest.mark.parametrize(
    ("record", "runs"),
    [({}, True), ({"level": 999}, True), ({"low_mark": 0}, False), ({"low_mark": "5"}, True), ({"level": "4"}, True)],
)
def test_an_item_that_is_never_replenished_does_not_run(record: dict[str, Any], runs: bool) -> None:  # noqa: FBT001 - a table
    """Every other does, at any level, and what breaks the contract too: it is rejected, not passed over."""
    (spec,) = [spec for spec in loader.load() if spec.name == "replenish_stock"]
    event = json.loads(changed(1, **record))
    assert (pattern.mismatch(spec.trigger.pattern, event) is None) is runs
    del event["detail"]["data"]["low_mark"]
    assert pattern.mismatch(spec.trigger.pattern, event) is None


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"level": "4"}, 'data.level breaks type: "integer"'),
        ({"level": 4.5}, 'data.level breaks type: "integer"'),
        ({"level": True}, 'data.level breaks type: "integer"'),
        ({"low_mark": None}, 'data.low_mark breaks type: "integer"'),
        ({"refill_mark": 5}, "data.refill_mark is not above data.low_mark"),
        ({"pack_size": 0}, "data.pack_size breaks minimum: 1"),
        ({"sku": "nut"}, "the subject is not item/<data.sku>"),
    ],
)
def test_a_record_that_breaks_its_contract_is_refused(fields: dict[str, Any], reason: str) -> None:
    """The contract or the model rejects it with the field; nothing is bought."""
    run = RecordingRun()
    event = parse(changed(1, **fields))
    with pytest.raises(Permanent) as refused:
        run_handler(handle, event, run)
    assert reason in str(refused.value)
    assert (run.emitted, run.state) == ([], {})


def test_a_whole_number_may_be_written_with_a_point() -> None:
    """To JSON, and to the contract, 4.0 is an integer."""
    assert stock(level=4.0).level == 4
