"""Each alarm reads a metric with the dimensions that its service publishes; with others, it would have no data."""

from typing import Final

from infra.constructs.observability import ledger_alarms
from infra.declarations import loader
from tests.infrastructure.conftest import Synthesized
from tests.infrastructure.observability.alarms import metric_alarms, published

# "Available CloudWatch metrics for Amazon SQS", Amazon SQS Developer Guide.
SQS: Final = [{"QueueName"}]
# "Viewing metrics for Lambda functions", AWS Lambda Developer Guide.
LAMBDA: Final = [{"FunctionName"}]
# "Monitoring Amazon EventBridge", Amazon EventBridge User Guide: RuleName alone is a rule on the default bus.
EVENTS: Final = [{"RuleName"}, {"EventBusName", "RuleName"}]
# "DynamoDB metrics and dimensions", Amazon DynamoDB Developer Guide: the table, and an index of it.
TABLE: Final = [{"TableName"}, {"TableName", "GlobalSecondaryIndexName"}]
# functions/runtime/core/telemetry.py
OWN: Final = [{"function", "environment"}]
DIMENSIONS: Final[dict[tuple[str, str], list[set[str]]]] = {
    ("AWS/SQS", "ApproximateAgeOfOldestMessage"): SQS,
    ("AWS/SQS", "ApproximateNumberOfMessagesVisible"): SQS,
    ("AWS/SQS", "ApproximateNumberOfMessagesNotVisible"): SQS,
    ("AWS/Lambda", "Errors"): LAMBDA,
    ("AWS/Lambda", "Invocations"): LAMBDA,
    ("AWS/Lambda", "Duration"): LAMBDA,
    ("AWS/Lambda", "Throttles"): LAMBDA,
    ("AWS/Lambda", "ConcurrentExecutions"): LAMBDA,
    ("AWS/Lambda", "ClaimedAccountConcurrency"): [set()],  # "Monitoring concurrency", AWS Lambda Developer Guide
    ("AWS/Events", "FailedInvocations"): EVENTS,
    ("AWS/Events", "ThrottledRules"): EVENTS,
    ("AWS/Events", "Invocations"): [{"RuleName"}],
    ("AWS/DynamoDB", "ReadThrottleEvents"): TABLE,
    ("AWS/DynamoDB", "WriteThrottleEvents"): TABLE,
    ("AWS/DynamoDB", "SystemErrors"): [{"TableName", "Operation"}],  # no metric for the whole table
    ("Herald", "RunsProcessed"): OWN,
    ("Herald", "RunsFailed"): OWN,
    ("Herald", "RequestsAccepted"): OWN,
    ("Herald", "RequestsRepeated"): OWN,
    ("Herald", "RequestsIgnored"): OWN,
    ("Herald", "RequestsFailed"): OWN,
}
STATISTICS: Final = {
    "ApproximateAgeOfOldestMessage": {"Maximum"},
    "ApproximateNumberOfMessagesVisible": {"Maximum", "Minimum"},
    "ApproximateNumberOfMessagesNotVisible": {"Maximum"},
    "ConcurrentExecutions": {"Maximum"},
    "ClaimedAccountConcurrency": {"Maximum"},
    "Duration": {"p99"},
}


def test_a_metric_has_the_dimensions_of_its_service(dev: Synthesized) -> None:
    """And a statistic that suits it: counts are sums."""
    seen = set()
    for name, alarm in metric_alarms(dev).items():
        for metric in published(alarm):
            seen.add((metric.namespace, metric.name))
            assert metric.dimensions.keys() in DIMENSIONS[metric.namespace, metric.name], name
            assert metric.statistic in STATISTICS.get(metric.name, {"Sum"}), name
    assert seen == DIMENSIONS.keys(), "a metric of the table has no alarm"


def test_a_dimension_names_a_thing_that_exists(dev: Synthesized) -> None:
    """Functions, queues and rules by the names that the stacks give them."""
    functions = {each["Properties"]["FunctionName"] for each in dev.resources("AWS::Lambda::Function").values()}
    queues = {each["Properties"].get("QueueName") for each in dev.resources("AWS::SQS::Queue").values()}
    rules = {each["Properties"]["Name"] for each in dev.resources("AWS::Events::Rule").values()}
    names = {"FunctionName": functions, "QueueName": queues, "RuleName": rules}
    names |= {"EventBusName": {"herald-dev"}, "environment": {"dev"}}
    names |= {"function": {spec.name for spec in loader.load()}}
    names |= {"GlobalSecondaryIndexName": {ledger_alarms.INDEX}, "Operation": set(ledger_alarms.OPERATIONS)}
    for alarm in metric_alarms(dev).values():
        for metric in published(alarm):
            for dimension, value in metric.dimensions.items():
                assert value in names.get(dimension, ()) or "Fn::ImportValue" in value, (dimension, value)


def test_a_rule_is_watched_on_its_own_bus(dev: Synthesized) -> None:
    """A rule of the bus `herald` has no metric with RuleName alone."""
    for alarm in metric_alarms(dev).values():
        for metric in published(alarm):
            if metric.namespace == "AWS/Events":
                on_herald = metric.dimensions["RuleName"].endswith("-herald")
                assert ("EventBusName" in metric.dimensions) == on_herald


def test_an_alarm_on_the_ledger_ends(dev: Synthesized) -> None:
    """Alarms on DynamoDB ignore missing data, so each metric is filled with 0."""
    for alarm in metric_alarms(dev).values():
        if any(metric.namespace == "AWS/DynamoDB" for metric in published(alarm)):
            (total,) = [each["Expression"] for each in alarm["Metrics"] if "Expression" in each]
            parts = [each["Id"] for each in alarm["Metrics"] if "MetricStat" in each]
            assert sorted(total.split(" + ")) == sorted(f"FILL({part}, 0)" for part in parts)
            assert len(alarm["Metrics"]) <= 10
