"""The lines of a month's bill: fixed ones for a number of functions, and those of a million events."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from herald.cost.inventory import Inventory
from herald.cost.prices import PRICES, REGIONS

MILLION: Final = 1e6
GB: Final = 1e9
DAYS: Final = 30
# With a maximum concurrency, Lambda keeps five pollers on an idle queue, and each waits 20 s for a message. Source:
# "Configuring scaling behavior for SQS event source mappings", AWS Lambda Developer Guide.
POLLERS: Final = 5
POLLS: Final = POLLERS * 3 * 60 * 24 * DAYS
# Assumptions about one event, stated on the page.
EVENT_BYTES: Final = 2_000
LOG_BYTES: Final = 2_000
ROW_BYTES: Final = 1_000
INDEX_BYTES: Final = 500
SECONDS: Final = 0.1
MEMORY_GB: Final = 0.5
COMPRESSED: Final = 0.15
# The journal's function writes an object in at least each 30 s (infra/constructs/journal.py), in 200 ms.
BATCHES: Final = 2 * 60 * 24 * DAYS
BATCH_SECONDS: Final = 0.2
# The widget of the dashboard (infra/constructs/widget/run_widget.py): the dashboard is open 8 hours on 20 days, and is
# refreshed every minute. A call queries 16 shards of each of the 9 hours that the last 8 hours begin in, and reads the
# rows of 101 runs; each takes half a read unit.
WIDGET_CALLS: Final = 60 * 8 * 20
WIDGET_READS: Final = (16 * 9 + 101) / 2
WIDGET_SECONDS: Final = 1
WIDGET_GB: Final = 1


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its quantities by the key of their price."""

    item: str
    computation: str
    quantities: Mapping[str, float]

    def cost(self, region: str) -> float:
        """Return the cost in US dollars."""
        index = REGIONS.index(region)
        return sum(count * PRICES[key].amounts[index] for key, count in self.quantities.items())


def fixed(inventory: Inventory, functions: int) -> list[Line]:
    """Return the lines that do not depend on events, for the mix of functions of this repository."""
    times = functions / inventory.functions
    queues = inventory.queues * times + 1
    alarms = inventory.alarm_metrics_of_functions * times + inventory.alarm_metrics_of_platform
    composites = inventory.composites_of_owners * times + inventory.composites_of_platform
    metrics = inventory.metrics * times
    return [
        Line("custom metrics, with data in every hour", f"{metrics:,.0f} metrics", {"metric": metrics}),
        Line("alarms", f"{alarms:,.0f} metrics of alarms", {"alarm": alarms}),
        Line("composite alarms", f"{composites:,.0f}", {"composite": composites}),
        Line("dashboards", f"{inventory.dashboards}", {"dashboard": inventory.dashboards}),
        Line(
            "polling of queues",
            f"{queues:,.0f} queues, each with {POLLERS} pollers and 3 requests a minute of each",
            {"sqs": queues * POLLS / MILLION},
        ),
        Line("secrets", f"{inventory.secrets}", {"secret": inventory.secrets}),
        _widget(inventory),
        Line("customer managed KMS keys", f"{inventory.keys}", {"key": inventory.keys}),
    ]


def _widget(inventory: Inventory) -> Line:
    """Return what the widgets of dashboards cost that are open on working days."""
    calls = WIDGET_CALLS * inventory.dashboards
    quantities = {"requests": calls, "compute": calls * WIDGET_SECONDS * WIDGET_GB, "reads": calls * WIDGET_READS}
    return Line(
        "widget of the dashboard",
        f"{calls:,} calls of {WIDGET_SECONDS} s, each with {WIDGET_READS:,.1f} read units of the ledger",
        {key: count / MILLION for key, count in quantities.items()},
    )


def of_journal() -> Line:
    """Return what the journal costs apart from the number of events."""
    seconds = BATCHES * BATCH_SECONDS * MEMORY_GB
    quantities = {"puts": BATCHES, "requests": BATCHES, "compute": seconds, "sqs": 2 * BATCHES}
    return Line(
        "journal, a batch each 30 s",
        f"{BATCHES:,} batches: receive, delete, invoke, PUT",
        {key: count / MILLION for key, count in quantities.items()},
    )


def of_events(inventory: Inventory) -> Iterator[Line]:
    """Yield the lines of a million events a month, one event in each invocation, which are the most expensive."""
    months = inventory.ledger_days / DAYS
    rows = MILLION * months / GB
    yield Line("EventBridge", "1 million events", {"events": 1})
    yield Line("SQS", "function: send, receive, delete; journal: send", {"sqs": 4})
    compute = SECONDS * MEMORY_GB
    yield Line(
        "Lambda", f"1 million requests, {compute * MILLION:,.0f} GB-seconds", {"requests": 1, "compute": compute}
    )
    yield Line("ledger, writes", "write units a run, for claim and settle: 2", {"writes": 2})
    yield Line("ledger, index of runs", f"write units a run: {inventory.indexes}", {"writes": inventory.indexes})
    stored = rows * (ROW_BYTES + INDEX_BYTES * inventory.indexes)
    yield Line(
        "ledger, storage",
        f"{inventory.ledger_days} days of rows: {stored:.1f} GB, with point-in-time recovery",
        {"rows": stored, "backup": rows * ROW_BYTES},
    )
    kept = EVENT_BYTES * MILLION / GB * inventory.journal_days / DAYS
    yield Line("journal, storage", f"{inventory.journal_days} days of events: {kept:.1f} GB", {"objects": kept})
    logged = LOG_BYTES * MILLION / GB
    archived = logged * COMPRESSED * inventory.log_days / DAYS
    yield Line("logs", f"{logged:.1f} GB, kept {inventory.log_days} days", {"logged": logged, "kept_logs": archived})
    yield Line("X-Ray", "at most one trace an invocation", {"traces": 1})
