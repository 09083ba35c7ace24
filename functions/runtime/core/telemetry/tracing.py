"""Traces of a function. Only this module uses X-Ray, so that OpenTelemetry can replace it here."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from functions.runtime.core.settings import settings
from functions.runtime.core.text import cut

# X-Ray indexes 50 annotations of a trace. A batch of ten runs has 40: three ids and the decision of each.
# Source: "AWS X-Ray segment documents", AWS X-Ray Developer Guide, which limits the length of a text too.
ANNOTATION_LENGTH: Final = 1_000
SAMPLED: Final = "Sampled=1"


@dataclass(frozen=True, slots=True)
class Span:
    """The subsegment of a run or a request; None if the invocation is not sampled, and nothing is recorded then."""

    subsegment: Any = None

    def annotate(self, **annotations: str) -> None:
        """Add annotations, by which X-Ray finds traces."""
        if self.subsegment:
            for name, value in annotations.items():
                self.subsegment.put_annotation(name, cut(value, ANNOTATION_LENGTH))

    def fail(self) -> None:
        """Mark the subsegment as failed."""
        if self.subsegment:
            self.subsegment.add_fault_flag()


@contextmanager
def span(**annotations: str) -> Iterator[Span]:
    """Trace a block as a subsegment with annotations; an error in it sets the fault flag.

    The error itself is not passed to X-Ray, which would store its message: the message may quote the payload.
    """
    if not _is_sampled():
        yield Span()
        return
    failure = None
    with _tracer().provider.in_subsegment(f"## {settings().function}") as subsegment:
        made = Span(subsegment)
        made.annotate(function=settings().function, **annotations)
        try:
            yield made
        except BaseException as error:  # noqa: BLE001 - it is raised again below
            made.fail()
            failure = error
    if failure:
        raise failure


def _is_sampled() -> bool:
    # Lambda sets the variable when tracing is active. The X-Ray SDK adds 200 ms to a cold start, so it is imported only
    # for an invocation that is sampled. Source: "Defined runtime environment variables", AWS Lambda Developer Guide.
    return SAMPLED in os.environ.get("_X_AMZN_TRACE_ID", "")


@cache
def _tracer() -> Any:  # noqa: ANN401 - its type is known only after the import
    from aws_lambda_powertools import Tracer  # noqa: PLC0415 - see _is_sampled

    return Tracer(service=settings().function, patch_modules=["botocore"])
