"""Returns the pages of the AWS console about an environment, a function or an event.

AWS does not document the forms of its addresses. herald/targets/console_links.py reads the same forms.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote, urlencode

from functions.runtime.core.s3_uri import S3Uri
from herald.deployment import functions
from herald.deployment.deployment import Deployment
from herald.errors import CommandError
from herald.investigate.history import History, function_of
from herald.widget import console_addresses
from infra.declarations import naming


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the console: its address, and a text that names it."""

    name: str
    address: str


def check(deployment: Deployment) -> None:
    """Raise CommandError for the local AWS."""
    if deployment.endpoint:
        raise CommandError("the local AWS has no console: `herald local open` shows runs, failures and functions")


def of_environment(deployment: Deployment) -> Iterator[Page]:
    """Yield the pages of the dashboard, the saved queries, the ledger and the queue of undelivered events."""
    region, name = _region(deployment), naming.physical(deployment.environment)
    logs = console_addresses.cloudwatch(region)
    yield Page("dashboard", f"{logs}#dashboards/dashboard/{name}")
    yield Page(f"saved queries, folder {name}", f"{logs}#logsV2:logs-insights")
    yield _ledger(deployment)
    yield _queue(deployment, "undelivered events", deployment.outputs["Undelivered"])


def of_function(deployment: Deployment, function: str) -> Iterator[Page]:
    """Yield the pages of a function, its log and its queues."""
    region, name = _region(deployment), functions.lambda_name(deployment, function)
    yield Page("function", f"{console_addresses.page(region, 'lambda')}#/functions/{name}")
    yield Page("log", console_addresses.log_group(region, f"/aws/lambda/{name}"))
    queues = deployment.all_queues.get(function, {})
    for kind, title in (("queue", "queue"), ("dead_letters", "dead-letter queue")):
        if kind in queues:
            yield _queue(deployment, title, queues[kind])


def of_event(deployment: Deployment, subject: str, event_id: str | None, since: datetime) -> Iterator[Page]:
    """Yield the pages of a subject's object and rows, and of its lines in the logs of the functions that ran.

    Traces are annotated with the id of an event, so a subject without one has no page of traces.
    """
    region, now, uri = _region(deployment), datetime.now(UTC), S3Uri.parse(subject)
    if uri:
        query = urlencode({"region": region, "prefix": uri.key})
        yield Page("object", f"{console_addresses.host(region)}/s3/object/{uri.bucket}?{query}")
    ran = sorted({function_of(row, deployment) for row in History(deployment).rows(subject)})
    for function in ran:
        group = f"/aws/lambda/{functions.lambda_name(deployment, function)}"
        address = console_addresses.log(region, group, event_id or subject, since, now)
        yield Page(f"log of {function}", address)
    if event_id:
        yield Page("traces", console_addresses.traces(region, event_id, since, now))
    yield _ledger(deployment)


def _ledger(deployment: Deployment) -> Page:
    table = quote(deployment.outputs["Ledger"], safe="")
    page = console_addresses.page(_region(deployment), "dynamodbv2")
    return Page("ledger", f"{page}#item-explorer?table={table}")


def _queue(deployment: Deployment, name: str, url: str) -> Page:
    page = console_addresses.page(_region(deployment), "sqs/v3")
    return Page(name, f"{page}#/queues/{quote(url, safe='')}")


def _region(deployment: Deployment) -> str:
    return str(deployment.session.region_name)
