"""Alarms on the DynamoDB table of the ledger and on its index.

Source of the metrics and dimensions: "DynamoDB metrics and dimensions", Amazon DynamoDB Developer Guide. Throttle
events have TableName for the table, and TableName with GlobalSecondaryIndexName for an index. SystemErrors has
TableName with Operation and no metric for the whole table. Alarms on metrics of DynamoDB ignore missing data whatever
their setting is ("PutMetricAlarm", Amazon CloudWatch API Reference), so FILL makes it 0: without it, an alarm would
never end.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from aws_cdk.aws_cloudwatch import ComparisonOperator, MathExpression, Metric

from infra.constructs.observability.alarm import MINUTE, AlarmDefinition, Condition, metric

INDEX: Final = "runs"
THROTTLES: Final = 10
# The calls of claim, settle, the steps and the command line.
OPERATIONS: Final = (
    *("BatchExecuteStatement", "BatchGetItem", "GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query"),
)


def of_table(table: str) -> Iterator[AlarmDefinition]:
    """Yield the alarms on the ledger's table, whose name may be known only at deployment."""
    yield AlarmDefinition(
        kind="table-throttles",
        text=f"DynamoDB throttles more than {THROTTLES} reads and writes of the ledger a minute, so events are "
        "retried: find the subject with many events, and compare the capacity with the quotas of the table.",
        metric=_total(dict(_throttle_events(table))),
        when=Condition(threshold=THROTTLES, comparison=ComparisonOperator.GREATER_THAN_THRESHOLD),
    )
    errors = {each: metric("AWS/DynamoDB", "SystemErrors", "Sum", _operation(table, each)) for each in OPERATIONS}
    yield AlarmDefinition(
        kind="table-errors",
        text="DynamoDB answers calls to the ledger with internal errors, so events are retried: read the AWS Health "
        "Dashboard.",
        metric=_total({f"errorsOf{operation}": each for operation, each in errors.items()}),
        when=Condition(threshold=1),
    )


def _throttle_events(table: str) -> Iterator[tuple[str, Metric]]:
    of_index = {"TableName": table, "GlobalSecondaryIndexName": INDEX}
    for kind in ("Read", "Write"):
        name = f"{kind}ThrottleEvents"
        yield f"table{kind}s", metric("AWS/DynamoDB", name, "Sum", {"TableName": table})
        yield f"index{kind}s", metric("AWS/DynamoDB", name, "Sum", of_index)


def _operation(table: str, operation: str) -> dict[str, str]:
    return {"TableName": table, "Operation": operation}


def _total(metrics: Mapping[str, Metric]) -> MathExpression:
    expression = " + ".join(f"FILL({key}, 0)" for key in metrics)
    return MathExpression(expression=expression, using_metrics=dict(metrics), period=MINUTE)
