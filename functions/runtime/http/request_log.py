"""Logs and counts the answers to requests."""

from collections.abc import Mapping
from typing import Any, Final

from functions.runtime.core import telemetry
from functions.runtime.core.settings import settings

REQUESTS: Final = {200: "RequestsRepeated", 202: "RequestsAccepted", 204: "RequestsIgnored"}
REFUSED_FROM: Final = 400
FAILED_FROM: Final = 500


def record_request(keys: Mapping[str, Any], status: int, duration_ms: int) -> None:
    """Write the log line of a request, without its body and signature, and count the answer."""
    write = telemetry.logger().info
    if status >= REFUSED_FROM:
        write = telemetry.logger().error if status >= FAILED_FROM else telemetry.logger().warning
    write(f"{settings().function} answered {status}", status=status, duration_ms=duration_ms, **keys)
    refused = "RequestsFailed" if status >= FAILED_FROM else "RequestsRefused"
    telemetry.metrics().count(REQUESTS.get(status, refused))
