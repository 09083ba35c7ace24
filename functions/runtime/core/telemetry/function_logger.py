"""The logger of a function: JSON lines, each with the keys of the function, of the invocation and of the run."""

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.runtime.core.settings import settings
from functions.runtime.core.telemetry import error_text


@cache
def logger() -> Logger:
    """Return the function's logger; each line has the function, also as `service`, and the environment."""
    here = settings()
    return Logger(service=here.function, function=here.function, environment=here.environment)


@cache
def invocations() -> Iterator[int]:
    """Return the counter of this execution environment's invocations."""
    return itertools.count()


def begin_invocation(context: LambdaContext) -> None:
    """Add the keys of an invocation to all its lines, and decide whether this invocation logs at level DEBUG.

    Powertools decides when a Logger is made, and again in each invocation only for handlers that are decorated with
    `inject_lambda_context`. That decorator would add four more keys to each line. Source: "Sampling debug logs" in
    "Logger", Powertools for AWS Lambda (Python).
    """
    log = logger()
    log.append_keys(cold_start=_is_cold_start(), function_request_id=context.aws_request_id)
    if log.sampling_rate:
        log.refresh_sample_rate_calculation()


def _is_cold_start() -> bool:
    """Return whether this is the first invocation, and its caller waited for the initialization.

    Source: "Defined runtime environment variables", AWS Lambda Developer Guide.
    """
    provisioned = os.environ.get("AWS_LAMBDA_INITIALIZATION_TYPE") == "provisioned-concurrency"
    return next(invocations()) == 0 and not provisioned


@contextmanager
def log_keys(**added: object) -> Iterator[None]:
    """Add keys to the lines of a block. Keys that the block adds itself, as a handler may, are removed after it too."""
    log = logger()
    before = dict(log.get_current_keys())
    log.append_keys(**added)
    try:
        yield
    finally:
        log.remove_keys(log.get_current_keys().keys() - before.keys())
        log.append_keys(**before)
        log.thread_safe_clear_keys()


def log_error(message: str, error: Exception) -> None:
    """Log an error with its traceback, under the keys that Powertools uses, but without texts that quote a payload."""
    shown = {"exception": error_text.stack(error), "exception_name": type(error).__name__}
    logger().error(message, extra=shown, stacklevel=3)
