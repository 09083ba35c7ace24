"""docs/cost.md states what the script computes from the templates."""

import json
from dataclasses import replace

import pytest

from herald.cost import bill, cost_page
from herald.cost.inventory import Inventory, read
from herald.cost.prices import PRICES, REGIONS
from infra.declarations.loader import ROOT
from tests.infrastructure.conftest import Synthesized
from tests.infrastructure.lookups import QUEUED, SPECS


@pytest.fixture(scope="module")
def inventory(prod: Synthesized) -> Inventory:
    """Count the resources of prod."""
    return Inventory.of(read(str(prod.directory)), "prod", SPECS)


def test_the_page_is_up_to_date(inventory: Inventory) -> None:
    """`make cost` would change nothing."""
    assert (ROOT / "docs" / "cost.md").read_text(encoding="utf-8") == cost_page.page(inventory)


def test_the_inventory_counts_the_templates(inventory: Inventory, prod: Synthesized) -> None:
    """Every alarm belongs either to a function or to the platform."""
    assert (inventory.functions, inventory.queues) == (len(SPECS), len(QUEUED))
    text = json.dumps(prod.templates)
    single = text.count('"Type": "AWS::CloudWatch::Alarm"') - text.count('"Metrics": [')
    metrics = single + text.count('"MetricStat": {')
    assert inventory.alarm_metrics_of_functions + inventory.alarm_metrics_of_platform == metrics
    composites = text.count('"Type": "AWS::CloudWatch::CompositeAlarm"')
    assert inventory.composites_of_owners + inventory.composites_of_platform == composites
    assert (inventory.dashboards, inventory.keys) == (1, 0)
    assert (inventory.journal_days, inventory.ledger_days, inventory.log_days) == (90, 118, 365)


def test_fixed_lines_grow_with_the_functions(inventory: Inventory) -> None:
    """All except the platform's part and the dashboard."""
    few, many = (bill.fixed(inventory, count) for count in (10, 100))
    quantities = {line.item: sum(line.quantities.values()) for line in few}
    grown = {line.item: sum(line.quantities.values()) for line in many}
    assert (
        grown["custom metrics, with data in every hour"] == 10 * quantities["custom metrics, with data in every hour"]
    )
    assert grown["alarms"] == 10 * quantities["alarms"] - 9 * inventory.alarm_metrics_of_platform
    assert grown["dashboards"] == quantities["dashboards"] == 1


def test_an_index_of_the_ledger_costs_a_write_unit_for_each_run(inventory: Inventory) -> None:
    """A run is settled once, and the index is written with it."""
    costs = [
        sum(
            line.cost("us-east-1") for line in bill.of_events(replace(inventory, indexes=count)) if "index" in line.item
        )
        for count in (0, 1)
    ]
    assert costs == [0, 0.625]


def test_a_line_costs_its_quantities_times_their_prices() -> None:
    """In each region."""
    line = bill.Line("writes", "", {"writes": 2, "events": 3})
    assert [line.cost(region) for region in REGIONS] == [2 * 0.625 + 3, 2 * 0.7625 + 3]


def test_every_price_is_used(inventory: Inventory) -> None:
    """The table of prices has no others."""
    lines = [*bill.fixed(inventory, 10), *bill.of_events(inventory), bill.of_journal()]
    assert {key for line in lines for key in line.quantities} == set(PRICES)
