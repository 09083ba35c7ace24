"""Finds in a function's log why its code fails before it handles an event, such as an import error."""

import os
import re
import time
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from herald.deployment import functions
from herald.deployment.deployment import Deployment
from herald.local import emulator

HOUR_MS: Final = 3_600_000
TAIL_BYTES: Final = 200_000
# The Python runtime of Lambda logs import errors and errors that the handler raises as `[ERROR] Type: message`. The
# entrypoint catches the errors of runs. Source: "Troubleshoot invocation issues in Lambda", AWS Lambda Developer Guide.
MARK: Final = "[ERROR] "


def failure(deployment: Deployment, function: str) -> str | None:
    """Return the last startup error of the last hour in one line; None: the log has none or is not readable."""
    name = functions.lambda_name(deployment, function)
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
    except (BotoCoreError, ClientError):  # without permission to read logs, the answer only names the log
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
