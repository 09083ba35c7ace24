"""The health of all functions: state, messages in the queue, age of the oldest message, dead letters."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from herald.deployment import switch
from herald.deployment.deployment import Deployment
from herald.deployment.queues import count
from herald.page.shapes import Health

READERS: Final = 8
METRICS_PER_CALL: Final = 500  # source: "GetMetricData", Amazon CloudWatch API Reference


def functions(deployment: Deployment) -> list[Health]:
    """Return the health of each declared function."""
    queues, paused = deployment.queues, set(switch.paused(deployment))
    sqs, ages = deployment.client("sqs"), _ages(deployment)
    urls = [url for pair in queues.values() for url in pair.values()]
    with ThreadPoolExecutor(READERS) as pool:
        counts = dict(zip(urls, pool.map(lambda url: count(sqs, url), urls), strict=True))
    return [
        Health(
            function=spec.name,
            owner=spec.owner,
            description=spec.description,
            state=_state(queued=spec.queued, deployed=spec.name in queues, paused=spec.name in paused),
            waiting=counts.get(queues.get(spec.name, {}).get("queue", ""), 0),
            oldest_s=ages.get(spec.name),
            dead=counts.get(queues.get(spec.name, {}).get("dead_letters", ""), 0),
        )
        for spec in deployment.specs.values()
    ]


def _state(*, queued: bool, deployed: bool, paused: bool) -> str:
    if not queued:
        return "endpoint"
    if not deployed:
        return "not deployed"
    return "paused" if paused else "active"


def _ages(deployment: Deployment) -> dict[str, int]:
    """Return the age of the oldest message by function; the local AWS and a denied call give no ages.

    Source: "Available CloudWatch metrics for Amazon SQS", Amazon SQS Developer Guide, ApproximateAgeOfOldestMessage.
    """
    if deployment.endpoint:
        return {}
    names = sorted(deployment.queues)[:METRICS_PER_CALL]
    now = datetime.now(UTC)
    try:
        reply = deployment.client("cloudwatch").get_metric_data(
            MetricDataQueries=_queries(deployment.queues, names),
            StartTime=now - timedelta(minutes=15),
            EndTime=now,
            ScanBy="TimestampDescending",
        )
    except (BotoCoreError, ClientError):
        return {}
    return {names[int(each["Id"][1:])]: int(each["Values"][0]) for each in reply["MetricDataResults"] if each["Values"]}


def _queries(queues: Mapping[str, Mapping[str, str]], names: Sequence[str]) -> list[dict[str, object]]:
    metric = {"Namespace": "AWS/SQS", "MetricName": "ApproximateAgeOfOldestMessage"}
    return [
        {
            "Id": f"q{number}",
            "MetricStat": {
                "Metric": metric
                | {"Dimensions": [{"Name": "QueueName", "Value": queues[name]["queue"].rpartition("/")[2]}]},
                "Period": 60,
                "Stat": "Maximum",
            },
        }
        for number, name in enumerate(names)
    ]
