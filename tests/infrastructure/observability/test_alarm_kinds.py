"""Every function has the alarms that follow from its declaration, with conditions of the declaration."""

from typing import Any, Final

import pytest

from infra.declarations.objectives import quantities
from infra.declarations.spec import FunctionSpec
from tests.infrastructure.conftest import Synthesized
from tests.infrastructure.lookups import QUEUED, SPECS, each_function, each_queued
from tests.infrastructure.observability.alarms import expression, kinds, metric_alarms, published

OF_ALL: Final = {"failure-rate", "errors", "duration", "throttles"}
OF_QUEUES: Final = {"dead-letters", "oldest-message", "backlog", "in-flight"}
OF_RULES: Final = {"failed-invocations", "throttled-rules"}
# Periods of each kind that does not need 2 of 3, and why.
OTHER_PERIODS: Final = {
    "dead-letters": (1, 1),  # a message does not leave the queue by itself
    "undelivered": (1, 1),  # a message does not leave the queue by itself
    "oldest-message": (1, 1),  # the age only grows
    "failed-invocations": (1, 1),  # each one is an event that did not arrive
    "backlog": (23 * 60, 24 * 60),  # a backlog is a matter of a day
    "deployment": (1, 15),  # one event of CloudFormation begins a deployment
}


def expected(spec: FunctionSpec) -> set[str]:
    """Return the kinds of alarms that a declaration needs."""
    found = OF_ALL | (OF_QUEUES if spec.queued else set()) | (OF_RULES if spec.buses else set())
    found |= {"backlog-age"} if spec.objectives.start_within else set()
    found |= {"missing-events"} if spec.objectives.expect_every else set()
    limited = spec.delivery.max_concurrency or not spec.queued
    return found | ({"concurrency"} if limited else set())


def alarm(app: Synthesized, spec: FunctionSpec, kind: str) -> dict[str, Any]:
    """Return an alarm on a function."""
    return metric_alarms(app)[f"herald-dev-{spec.name}-{kind}"]


@each_function
def test_a_function_has_its_alarms(dev: Synthesized, spec: FunctionSpec) -> None:
    """A new function has them as soon as its folder exists."""
    assert kinds(dev, f"herald-dev-{spec.name}") == expected(spec)


def test_the_platform_has_its_alarms(dev: Synthesized) -> None:
    """The journal has those of a function without metrics of its own."""
    of_journal = OF_QUEUES | OF_RULES | {"errors", "duration", "throttles", "concurrency"}
    assert kinds(dev, "herald-dev-journal") == of_journal
    shared = {"undelivered", "lambda-quota", "ledger-table-throttles", "ledger-table-errors"}
    assert {f"herald-dev-{kind}" for kind in shared} <= metric_alarms(dev).keys()


def test_an_alarm_needs_two_of_three_periods(dev: Synthesized) -> None:
    """One bad minute notifies nobody; the exceptions have reasons."""
    for name, found in metric_alarms(dev).items():
        (kind,) = [each for each in (*OTHER_PERIODS, "") if name.endswith(each)][:1]
        if name.endswith("-missing-events"):
            assert found["DatapointsToAlarm"] == found["EvaluationPeriods"]
        else:
            needed = (found["DatapointsToAlarm"], found["EvaluationPeriods"])
            assert needed == OTHER_PERIODS.get(kind, (2, 3)), name


def test_each_alarm_says_how_it_treats_missing_data(dev: Synthesized) -> None:
    """Missing data is good, except where an event is expected."""
    for name, found in metric_alarms(dev).items():
        wanted = "breaching" if name.endswith("-missing-events") else "notBreaching"
        assert found["TreatMissingData"] == wanted, name


def test_an_evaluation_is_within_the_limits_of_cloudwatch(dev: Synthesized) -> None:
    """One day for periods of less than an hour, seven days for others ("PutMetricAlarm", CloudWatch API Reference)."""
    for name, found in metric_alarms(dev).items():
        for metric in published(found):
            assert metric.period % 60 == 0
            most = 86_400 if metric.period < 3_600 else 7 * 86_400
            assert metric.period * found["EvaluationPeriods"] <= most, name


@each_function
def test_slow_invocations_are_those_near_the_timeout(dev: Synthesized, spec: FunctionSpec) -> None:
    """The threshold is 80 % of the timeout; an invocation can end in each period."""
    found = alarm(dev, spec, "duration")
    assert found["Threshold"] == pytest.approx(0.8 * spec.timeout_seconds * 1_000)
    assert found["Period"] >= spec.timeout_seconds


@each_queued
def test_a_message_that_crashes_at_each_receive_raises_an_alarm(dev: Synthesized, spec: FunctionSpec) -> None:
    """It is received once in each visibility timeout, so each period has an error."""
    found = alarm(dev, spec, "errors")
    assert expression(found) == "IF(invocations > 0, errors * 100 / invocations, 0)"
    assert {metric.period >= 6 * spec.timeout_seconds for metric in published(found)} == {True}


@each_function
def test_the_failure_rate_is_that_of_the_declaration(dev: Synthesized, spec: FunctionSpec) -> None:
    """A rate, never a count, and only with enough runs."""
    found = alarm(dev, spec, "failure-rate")
    assert found["Threshold"] == pytest.approx(100 - quantities.percent(spec.objectives.success))
    failed = "runsFailed" if spec.queued else "requestsFailed"
    assert f">= 20, {failed} * 100 / SUM([" in expression(found)


@pytest.mark.parametrize(
    "spec", [each for each in QUEUED if each.objectives.start_within], ids=lambda spec: str(spec.name)
)
def test_an_event_that_waits_longer_than_declared_raises_an_alarm(dev: Synthesized, spec: FunctionSpec) -> None:
    """The threshold is start_within in seconds."""
    found = alarm(dev, spec, "backlog-age")
    assert found["MetricName"] == "ApproximateAgeOfOldestMessage"
    assert found["Threshold"] == quantities.seconds(spec.objectives.start_within)


@pytest.mark.parametrize(
    "spec", [each for each in SPECS if each.objectives.expect_every], ids=lambda spec: str(spec.name)
)
def test_a_function_without_events_raises_an_alarm(dev: Synthesized, spec: FunctionSpec) -> None:
    """The periods together are expect_every, and a period without a run breaches."""
    found = alarm(dev, spec, "missing-events")
    (metric,) = published(found)
    assert (found["Threshold"], found["ComparisonOperator"]) == (1, "LessThanThreshold")
    assert found["EvaluationPeriods"] * metric.period >= quantities.seconds(spec.objectives.expect_every)


@each_function
def test_the_maximum_concurrency_is_that_of_the_declaration(dev: Synthesized, spec: FunctionSpec) -> None:
    """A queue counts only while messages wait; a Function URL refuses further requests at once."""
    found = alarm(dev, spec, "concurrency")
    most = spec.trigger.http.max_concurrency if spec.trigger.http else spec.delivery.max_concurrency
    assert found["Threshold"] == pytest.approx(0.8 * most)
    if spec.queued:
        assert expression(found) == "IF(waiting > 0, running, 0)"
