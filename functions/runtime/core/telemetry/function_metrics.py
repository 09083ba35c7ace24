"""The metrics of a function, one line in CloudWatch's embedded metric format for each invocation.

The format allows 100 metrics in a line, 100 values of a metric, and 30 dimensions. An invocation has at most ten
records and fourteen metrics, so it never needs two lines; Powertools would print another line at the 100th value.
Source: "Specification: Embedded metric format", Amazon CloudWatch User Guide.
"""

from functools import cache
from typing import Final

from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from functions.runtime.core.settings import settings

__all__ = ["MetricUnit", "flush_metrics", "metrics"]

NAMESPACE: Final = "Herald"
NO_SERVICE: Final = ""  # otherwise POWERTOOLS_SERVICE_NAME would add the dimension `service`


@cache
def metrics() -> EphemeralMetrics:
    """Return the function's metrics. An id as a dimension would create one metric for each value.

    EphemeralMetrics shares no state: a handler that uses Metrics of Powertools cannot add dimensions to these metrics.
    """
    here = settings()
    dimensions = {"function": here.function, "environment": here.environment}
    return EphemeralMetrics(namespace=NAMESPACE, service=NO_SERVICE, default_dimensions=dimensions)


def flush_metrics() -> None:
    """Print the metrics of this invocation."""
    if metrics().metric_set:
        metrics().flush_metrics()
