"""Why a function's code fails before it handles an event, as with an error at import: the last such line of its log."""

import os
import re
import time
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from herald.deployment.deployment import Deployment
from herald.local import emulator

HOUR_MS: Final = 3_600_000
TAIL_BYTES: Final = 200_000
# The Python runtime of Lambda logs what leaves the handler, and what its import raises, as `[ERROR] Type: message`.
# Source: "Troubleshoot invocation issues in Lambda", AWS Lambda Developer Guide. The handlers' own errors stay inside.
MARK: Final = "[ERROR] "


def failure(deployment: Deployment, function: str) -> str | None:
    """Return the last error at start of the last hour in one line; None where the log has none or cannot be read."""
    name = deployment.lambda_name(function)
    if deployment.endpoint:
        return _local(name)
    try:
        pages = deployment.client("logs").get_paginator("filter_log_events")
        found: list[Any] = [
            event
            for page in pages.paginate(
                logGroupName=f"/aws/lambda/{name}",
                filterPattern=f'"{MARK.strip()}"',
                startTime=int(time.time() * 1000) - HOUR_MS,
                PaginationConfig={"MaxItems": 1_000},
            )
            for event in page["events"]
        ]
    except (BotoCoreError, ClientError):  # without the right to read logs, the answer names the log alone
        return None
    messages = [event["message"] for event in found if MARK in event["message"]]
    return str(messages[-1]).partition(MARK)[2].splitlines()[0] if messages else None


def _local(name: str) -> str | None:
    """Read the emulator's log: `… Warm worker execution error for <name>: Worker init failed: <message>`."""
    try:
        with (emulator.STATE / "emulator.log").open("rb") as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - TAIL_BYTES))
            text = log.read().decode(errors="replace")
    except OSError:
        return None
    found = re.findall(rf"error for {re.escape(name)}: Worker init failed: (.+)", text)
    return str(found[-1]) if found else None
