"""The dashboard of an environment: all functions on the left, the function that a variable selects on the right.

There is one dashboard with a variable, not one for each function, because a dashboard costs $3 a month (docs/cost.md).
"""

from collections.abc import Sequence
from typing import Final

from aws_cdk import ArnFormat, Stack
from aws_cdk.aws_cloudwatch import (
    Alarm,
    AlarmStatusWidget,
    DefaultValue,
    GraphWidget,
    IAlarm,
    IMetric,
    IWidget,
    PeriodOverride,
    TextWidget,
    Values,
    VariableInputType,
    VariableType,
    VariableValue,
    YAxisProps,
)
from aws_cdk.aws_cloudwatch import Dashboard as CloudWatchDashboard
from aws_cdk.aws_cloudwatch import DashboardVariable as Variable
from constructs import Construct

from infra.constructs.environment import Environment
from infra.constructs.observability.dashboard_metrics import DURATIONS, EVENTS, REQUESTS, RUNS, DashboardMetrics
from infra.constructs.observability.dashboard_text import investigate
from infra.constructs.storage import Storage
from infra.declarations import naming
from infra.declarations.spec import FunctionSpec

# The dashboard shows the last 8 hours when it is opened, and each graph keeps its period. Source: "Dashboard Body
# Structure and Syntax", Amazon CloudWatch API Reference (`start`, `periodOverride`).
START: Final = "-PT8H"
# The variable replaces this text in all widgets. It is not the name of a function or an owner, which are lowercase.
# Source: "Dashboard Body Structure and Syntax", Amazon CloudWatch API Reference (`variables`, type `pattern`).
SELECTED: Final = "SELECTED_FUNCTION"
COLUMNS: Final = 24
HALF: Final = COLUMNS // 2
ROW: Final = 6
JOURNAL: Final = "journal"


class Dashboard(Construct):
    """The dashboard of one environment."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        specs: Sequence[FunctionSpec],
        environment: Environment,
        storage: Storage,
        runs: IWidget,
    ) -> None:
        """Create the dashboard of these functions; `runs` is the widget with what ran and why."""
        super().__init__(scope, construct_id)
        self._specs, self._storage = specs, storage
        self._prefix = naming.physical(environment.name)
        self._metrics = DashboardMetrics(environment)
        rows = [self._alarms(), self._backlog(), self._dead_letters(), self._errors(), self._lag(), self._business()]
        CloudWatchDashboard(
            self,
            "Dashboard",
            dashboard_name=self._prefix,
            start=START,
            period_override=PeriodOverride.INHERIT,
            variables=[self._variable()],
            widgets=[
                *rows,
                [runs],
                [TextWidget(markdown=investigate(environment.name), width=COLUMNS, height=ROW + 2)],
            ],
        )

    def _variable(self) -> Variable:
        names = [spec.name for spec in self._specs]
        return Variable(
            id="function",
            label="Function",
            type=VariableType.PATTERN,
            input_type=VariableInputType.SELECT,
            value=SELECTED,
            values=Values.from_values(*(VariableValue(value=name) for name in names)),
            default_value=DefaultValue.value(names[0]),
        )

    def _alarms(self) -> list[IWidget]:
        """Show the composite alarms, of the platform and of each owner; their descriptions name the runbook."""
        owners = sorted({spec.owner for spec in self._specs})
        alarms = [self._alarm(name) for name in (self._prefix, *(f"{self._prefix}-{owner}" for owner in owners))]
        return [
            AlarmStatusWidget(title="Alarms of the platform and of each owner", alarms=alarms, width=COLUMNS, height=3)
        ]

    def _alarm(self, name: str) -> IAlarm:
        arn = Stack.of(self).format_arn(
            service="cloudwatch", resource="alarm", resource_name=name, arn_format=ArnFormat.COLON_RESOURCE_NAME
        )
        return Alarm.from_alarm_arn(self, name, arn)

    def _backlog(self) -> list[IWidget]:
        metrics = self._metrics
        waiting = [metrics.messages(SELECTED, "waiting"), metrics.in_flight(SELECTED, "in flight")]
        return [
            _graph("Oldest message, all functions (s)", [metrics.oldest_message(name, name) for name in self._queued]),
            _graph(f"Backlog of {SELECTED}", [metrics.oldest_message(SELECTED, "oldest message (s)")], waiting),
        ]

    def _dead_letters(self) -> list[IWidget]:
        metrics = self._metrics
        undelivered = metrics.undelivered(self._storage.undelivered.queue_name)
        every = [undelivered, *(metrics.dead_letters(name, name) for name in self._queued)]
        return [
            _graph("Dead letters, all functions", every),
            _graph(f"Dead letters of {SELECTED}", [metrics.dead_letters(SELECTED, "dead letters")]),
        ]

    def _errors(self) -> list[IWidget]:
        metrics = self._metrics
        names = [*self._names, JOURNAL]
        return [
            _graph(
                "Errors and throttles, all functions",
                [metrics.of_lambda("Errors", name, label=name) for name in names],
                [metrics.of_lambda("Throttles", name, label=f"{name} (throttles)") for name in names],
            ),
            _graph(
                f"Errors, throttles and concurrency of {SELECTED}",
                [metrics.of_lambda(name, SELECTED) for name in ("Errors", "Throttles")],
                [metrics.of_lambda("ConcurrentExecutions", SELECTED, "Maximum")],
            ),
        ]

    def _lag(self) -> list[IWidget]:
        metrics, lag = self._metrics, DURATIONS[0]
        of_one = [
            metrics.of_runtime(name, SELECTED, statistic, f"{name} {statistic}")
            for name in DURATIONS
            for statistic in ("p50", "p99")
        ]
        return [
            _graph(
                "Event lag p99, all functions (ms)",
                [metrics.of_runtime(lag, each, "p99", each) for each in self._queued_functions],
            ),
            _graph(f"Lag and duration of {SELECTED} (ms)", of_one),
        ]

    def _business(self) -> list[IWidget]:
        metrics = self._metrics
        processed = [metrics.of_runtime(RUNS[0], name, label=name) for name in self._queued_functions]
        answered = [
            metrics.of_runtime(REQUESTS[0], spec.name, label=spec.name) for spec in self._specs if not spec.queued
        ]
        return [
            _graph(f"{RUNS[0]} and {REQUESTS[0]}, all functions", [*processed, *answered]),
            _graph(
                f"Decisions of {SELECTED}", [metrics.of_runtime(name, SELECTED) for name in (*RUNS, *EVENTS, *REQUESTS)]
            ),
        ]

    @property
    def _names(self) -> list[str]:
        return [spec.name for spec in self._specs]

    @property
    def _queued_functions(self) -> list[str]:
        return [spec.name for spec in self._specs if spec.queued]

    @property
    def _queued(self) -> list[str]:
        """The names of all queues, which are those of functions and of the journal."""
        return [*self._queued_functions, JOURNAL]


def _graph(title: str, left: Sequence[IMetric], right: Sequence[IMetric] = ()) -> GraphWidget:
    axis = YAxisProps(min=0)
    return GraphWidget(
        title=title, left=list(left), right=list(right), left_y_axis=axis, right_y_axis=axis, width=HALF, height=ROW
    )
