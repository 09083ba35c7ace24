"""Logs, metrics and traces of a function, all through Powertools."""

from functions.runtime.core.telemetry.error_text import describe, place
from functions.runtime.core.telemetry.function_logger import begin_invocation, invocations, log_error, log_keys, logger
from functions.runtime.core.telemetry.function_metrics import metrics
from functions.runtime.core.telemetry.tracing import Span, span

__all__ = [
    "Span",
    "begin_invocation",
    "describe",
    "invocations",
    "log_error",
    "log_keys",
    "logger",
    "metrics",
    "place",
    "span",
]
