"""Log events as Logs Insights sees them: the fields of a JSON line, and the fields that Insights generates.

Source: "Supported logs and discovered fields", Amazon CloudWatch Logs User Guide.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

ACCOUNT: Final = "111122223333"
# The line that Lambda writes at the end of an invocation. Source: "View CloudWatch logs for Lambda functions", AWS
# Lambda Developer Guide.
REPORT: Final = (
    "REPORT RequestId: request-1\tDuration: 41.20 ms\tBilled Duration: 42 ms\tMemory Size: 512 MB\t"
    "Max Memory Used: 90 MB"
)


def discovered(lines: Iterable[str], function: str) -> Iterator[dict[str, Any]]:
    """Yield the fields of each line of a function's log group, in the order of the lines."""
    for number, line in enumerate(lines):
        generated = {
            "@message": line,
            "@timestamp": f"2026-11-28 11:00:00.{number:03}",
            "@log": f"{ACCOUNT}:/aws/lambda/herald-dev-{function}",
        }
        yield generated | (_report(line) if line.startswith("REPORT ") else dict(_flat(json.loads(line))))


def _flat(value: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the fields of an object; the elements of a list are fields too, such as effects.0."""
    for name, inner in value.items():
        if isinstance(inner, Mapping):
            yield from _flat(inner, f"{prefix}{name}.")
        elif isinstance(inner, list):
            yield from _flat({str(index): each for index, each in enumerate(inner)}, f"{prefix}{name}.")
        elif inner is not None:
            yield prefix + name, inner


def _report(line: str) -> dict[str, Any]:
    billed, used = re.search(r"Billed Duration: (\d+) ms", line), re.search(r"Max Memory Used: (\d+) MB", line)
    return {
        "@type": "REPORT",
        "@billedDuration": float(billed[1]) if billed else None,
        "@maxMemoryUsed": float(used[1]) * 1e6 if used else None,
    }
