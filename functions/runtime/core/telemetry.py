"""Logs, metrics and traces of a function, all through Powertools; only this module knows X-Ray."""

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
ANSWERED: Final = {200: "RequestsRepeated", 202: "RequestsAccepted", 204: "RequestsIgnored"}
REFUSED_FROM: Final = 400
FAILED_FROM: Final = 500

type LambdaHandler = Callable[[dict[str, Any], LambdaContext], Any]


@cache
def logger() -> Logger:
    """Return the function's logger: JSON lines whose `service` is the function."""
    return Logger(service=settings().function)


@cache
def metrics() -> Metrics:
    """Return the function's metrics, with the function as the only dimension: ids would make a metric each."""
    return Metrics(namespace=NAMESPACE, service=settings().function)


def tell_request(keys: Mapping[str, Any], status: int, duration_ms: int) -> None:
    """Write the one log line of a request, which has nothing of its body or its signature, and count the answer."""
    write = logger().info
    if status >= REFUSED_FROM:
        write = logger().error if status >= FAILED_FROM else logger().warning
    write(f"{settings().function} answered {status}", status=status, duration_ms=duration_ms, **keys)
    refused = "RequestsFailed" if status >= FAILED_FROM else "RequestsRefused"
    metrics().add_metric(name=ANSWERED.get(status, refused), unit=MetricUnit.Count, value=1)


def flush_metrics() -> None:
    """Print what was counted in this invocation as one line of the embedded metric format."""
    if metrics().metric_set:
        metrics().flush_metrics()


@contextmanager
def span(**annotations: str) -> Iterator[None]:
    """Trace the handling of an event or a request as a subsegment that is found by its annotations."""
    if not _traced():
        yield
        return
    with _tracer().provider.in_subsegment(f"## {settings().function}") as subsegment:
        for name, value in annotations.items():
            subsegment.put_annotation(name, value)
        yield


def _traced() -> bool:
    # Lambda sets the variable when tracing is active; the X-Ray SDK costs a cold start 200 ms, so it is imported
    # only then.
    return "_X_AMZN_TRACE_ID" in os.environ


@cache
def _tracer() -> Any:  # noqa: ANN401 - its type lives behind the import
    from aws_lambda_powertools import Tracer  # noqa: PLC0415 - see _traced

    return Tracer(service=settings().function, patch_modules=["botocore"])
