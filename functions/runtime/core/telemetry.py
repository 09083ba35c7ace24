"""Logs, metrics and traces of a function, all through Powertools. Only this module uses X-Ray."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any, Final

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.runtime.core.settings import settings

NAMESPACE: Final = "Herald"
REQUESTS: Final = {200: "RequestsRepeated", 202: "RequestsAccepted", 204: "RequestsIgnored"}
REFUSED_FROM: Final = 400
FAILED_FROM: Final = 500

type LambdaHandler = Callable[[dict[str, Any], LambdaContext], Any]


@cache
def logger() -> Logger:
    """Return the function's logger. It writes JSON lines with the function as `service`."""
    return Logger(service=settings().function)


@cache
def metrics() -> Metrics:
    """Return the function's metrics. The function is the only dimension: an id would create one metric per value."""
    return Metrics(namespace=NAMESPACE, service=settings().function)


def record_request(keys: Mapping[str, Any], status: int, duration_ms: int) -> None:
    """Write the log line of a request, without its body and signature, and count the answer."""
    write = logger().info
    if status >= REFUSED_FROM:
        write = logger().error if status >= FAILED_FROM else logger().warning
    write(f"{settings().function} answered {status}", status=status, duration_ms=duration_ms, **keys)
    refused = "RequestsFailed" if status >= FAILED_FROM else "RequestsRefused"
    metrics().add_metric(name=REQUESTS.get(status, refused), unit=MetricUnit.Count, value=1)


def flush_metrics() -> None:
    """Print the metrics of this invocation as one line in the embedded metric format."""
    if metrics().metric_set:
        metrics().flush_metrics()


@contextmanager
def span(**annotations: str) -> Iterator[None]:
    """Trace the handling of an event or a request as a subsegment with annotations to search by."""
    if not _traced():
        yield
        return
    with _tracer().provider.in_subsegment(f"## {settings().function}") as subsegment:
        for name, value in annotations.items():
            subsegment.put_annotation(name, value)
        yield


def _traced() -> bool:
    # Lambda sets the variable when tracing is active. The X-Ray SDK adds 200 ms to a cold start, so it is imported only
    # then.
    return "_X_AMZN_TRACE_ID" in os.environ


@cache
def _tracer() -> Any:  # noqa: ANN401 - its type is known only after the import
    from aws_lambda_powertools import Tracer  # noqa: PLC0415 - see _traced

    return Tracer(service=settings().function, patch_modules=["botocore"])
