"""The metrics of a function, one line in CloudWatch's embedded metric format for each invocation.

The format allows 100 metrics in a line, 100 values of a metric, and 30 dimensions. An invocation has at most ten
records and fourteen metrics, so it writes one line. Source: "Specification: Embedded metric format", Amazon CloudWatch
User Guide.
"""

import json
from functools import cache
from typing import Any, Final

from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from functions.runtime.core.settings import settings

NAMESPACE: Final = "Herald"
NO_SERVICE: Final = ""  # otherwise POWERTOOLS_SERVICE_NAME would add the dimension `service`
MOST_VALUES: Final = 100


class FunctionMetrics:
    """The values of the current invocation. Powertools makes the line; its `add_metric` would take 5 µs for each value.

    The dimensions are fixed, also if a handler uses Metrics of Powertools. An id as a dimension would create one metric
    for each value.
    """

    def __init__(self) -> None:
        """Start without values."""
        here = settings()
        dimensions = {"function": here.function, "environment": here.environment}
        self._format = EphemeralMetrics(namespace=NAMESPACE, service=NO_SERVICE, default_dimensions=dimensions)
        self._metrics: dict[str, dict[str, Any]] = {}

    def count(self, name: str) -> None:
        """Count one."""
        self._add(name, MetricUnit.Count, 1)

    def measure(self, name: str, milliseconds: int) -> None:
        """Add a duration."""
        self._add(name, MetricUnit.Milliseconds, milliseconds)

    def flush(self) -> None:
        """Print the values, if there are any, and forget them."""
        if self._metrics:
            line = self._format.serialize_metric_set(metrics=self._metrics)
            print(json.dumps(line, separators=(",", ":")))  # noqa: T201 - CloudWatch reads metrics from the log
            self._metrics = {}

    def _add(self, name: str, unit: MetricUnit, value: int) -> None:
        values = self._metrics.setdefault(name, {"Unit": unit.value, "Value": []})["Value"]
        values.append(float(value))
        if len(values) == MOST_VALUES:
            self.flush()


@cache
def metrics() -> FunctionMetrics:
    """Return the function's metrics."""
    return FunctionMetrics()
