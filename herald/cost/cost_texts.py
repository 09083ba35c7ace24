"""The texts of docs/cost.md."""

import textwrap
from typing import Final

from herald.cost import bill
from herald.cost.prices import AS_OF

WIDTH: Final = 120


def filled(text: str) -> str:
    """Return a paragraph with lines of one width."""
    return textwrap.fill(" ".join(text.split()), WIDTH, break_on_hyphens=False)


INTRODUCTION: Final = filled("""
What an environment costs in a month, in US dollars. The figures are computed from list prices, without free tiers and
taxes, and from the contents of the templates of `prod`. They are not measured. Prices change: compare them with the
pricing pages before you rely on a total.""")
PRICES: Final = filled(f"""
Prices as of {AS_OF}. CloudWatch bills an alarm by the number of its metrics, and a custom metric by the hours in
which it has data.""")
FIXED: Final = """
For 10 and 100 functions in the mix of this repository, in us-east-1. Of its {functions} functions, {queued} have a
queue. A function with a queue can write {of_queued} custom metrics, and a function that answers requests
{of_requests}; the table contains all of them. A function whose events are all processed writes only three:
`RunsProcessed`, `EventLag` and `RunDuration`. The dimensions of a metric are `function` and `environment`. They contain
no id, so more events never make more metrics."""
EVENTS: Final = filled(f"""
Assumptions: events of {bill.EVENT_BYTES / 1000:g} KB on the bus `herald`, spread evenly, so that each invocation has
one event; each runs one function for {bill.SECONDS * 1000:g} ms with 512 MB, writes {bill.LOG_BYTES / 1000:g} KB of log
lines and emits nothing; `order = "none"`; a row of the ledger has {bill.ROW_BYTES / 1000:g} KB, and an entry of an
index {bill.INDEX_BYTES / 1000:g} KB. The journal's batches are the only line that does not grow with the number of
events.""")
FURTHER_EVENTS: Final = filled("""
Full batches of ten divide the receives, the invocations, the log lines of Lambda and the traces by up to ten. Each
further function that handles the events adds all lines except those of EventBridge and the journal. `order = "newest"`
writes three units instead of two. Each emitted event adds an event on the bus. X-Ray's default rule samples one request
a second and 5 % of the rest ("Configuring sampling rules", AWS X-Ray Developer Guide), so it costs less at higher
rates. The log of the bus has only errors, without the data of events.""")
POLLING: Final = filled("""
The widget's line assumes a dashboard that is open 8 hours on 20 days, shows the last 8 hours and is refreshed every
minute. A person who opens run pages adds a few calls.

The polling of queues assumes that a poller waits 20 seconds for a message. With a maximum concurrency, Lambda keeps
five pollers for each queue ("Configuring scaling behavior for SQS event source mappings", AWS Lambda Developer Guide).
With `max_concurrency = 0` it can reduce them to two; then only the concurrency of the account limits the function.""")
LESS: Final = """\
- Set `log_level = "INFO"` and a short `log_retention` in `cdk.json`.
- Give related functions one owner: each owner has one composite alarm.
- Choose a short time range for a saved query. Logs Insights bills the data that it reads, at $0.005 a GB in us-east-1
  (Amazon CloudWatch pricing).
- Keep one dashboard. A dashboard for each function would cost $3 for each function."""
