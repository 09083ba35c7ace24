"""X-Ray in memory: the SDK records real subsegments, and a test reads their documents."""

from types import SimpleNamespace
from typing import Any, Final

import pytest
from aws_xray_sdk.core.lambda_launcher import LambdaContext  # type: ignore[import-untyped] # the SDK has no types
from aws_xray_sdk.core.recorder import AWSXRayRecorder  # type: ignore[import-untyped] # the SDK has no types

from functions.runtime.core.telemetry import tracing

TRACE_ID: Final = "1-5759e988-bd862e3fe1be46a994272793"
HEADER: Final = f"Root={TRACE_ID};Parent=53995c3f42cd8ad8;Sampled=1"


class Traces:
    """Receives the subsegments instead of the X-Ray daemon."""

    def __init__(self) -> None:
        """Start without subsegments."""
        self.documents: list[str] = []

    def send_entity(self, entity: Any) -> None:  # noqa: ANN401 - a subsegment of the SDK
        """Keep the document of a subsegment that has ended."""
        self.documents.append(entity.serialize())


def tracer(traces: Traces) -> Any:  # noqa: ANN401 - as the runtime's tracer
    """Return a tracer with the configuration of Powertools, for these traces."""
    recorder = AWSXRayRecorder()
    recorder.configure(context=LambdaContext(), emitter=traces, streaming_threshold=0)
    return SimpleNamespace(provider=recorder)


def record(patch: pytest.MonkeyPatch) -> Traces:
    """Sample all invocations, and return their traces."""
    traces = Traces()
    made = tracer(traces)
    patch.setattr(tracing, "_tracer", lambda: made)
    patch.setenv("_X_AMZN_TRACE_ID", HEADER)
    return traces
