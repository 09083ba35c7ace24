"""Alarms on the EventBridge rules of a queue.

Source of the metrics and dimensions: "Monitoring Amazon EventBridge", Amazon EventBridge User Guide: "Metrics that
specify only the RuleName dimension refer to the default event bus. Metrics that specify both the EventBusName and
RuleName dimensions refer to a custom event bus." EventBridge reports both metrics only if they are not zero.
"""

from collections.abc import Iterator, Sequence

from aws_cdk.aws_cloudwatch import MathExpression, Metric

from infra.constructs.observability.alarm import MINUTE, AlarmDefinition, Condition, metric


def of_rules(name: str, buses: Sequence[str], bus_name: str) -> Iterator[AlarmDefinition]:
    """Yield the alarms on the rules of a function, or nothing without rules; `bus_name` is the bus `herald` on AWS."""
    if not buses:
        return
    yield AlarmDefinition(
        kind="failed-invocations",
        text=f"EventBridge could not deliver an event to the queue of {name}: list it with `herald dlq list`, and "
        "check the policy of the queue.",
        metric=_sum("FailedInvocations", name, buses, bus_name),
        when=Condition(threshold=1, periods=1, needed=1),  # each failed invocation is an event that did not arrive
    )
    yield AlarmDefinition(
        kind="throttled-rules",
        text=f"EventBridge throttles the rules of {name}, so events arrive late: compare the invocations of all rules "
        "with the quota of the Region, and request a higher one.",
        metric=_sum("ThrottledRules", name, buses, bus_name),
        when=Condition(threshold=1),
    )


def _sum(metric_name: str, name: str, buses: Sequence[str], bus_name: str) -> Metric | MathExpression:
    metrics = {bus: _metric(metric_name, f"{name}-{bus}", "" if bus == "default" else bus_name) for bus in buses}
    if len(buses) == 1:
        return metrics[buses[0]]
    return MathExpression(
        expression=" + ".join(f"FILL({bus}, 0)" for bus in buses), using_metrics=dict(metrics), period=MINUTE
    )


def _metric(metric_name: str, rule: str, bus_name: str) -> Metric:
    bus = {"EventBusName": bus_name} if bus_name else {}
    return metric("AWS/Events", metric_name, "Sum", bus | {"RuleName": rule})
