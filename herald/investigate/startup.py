"""Finds in a function's log why its code fails before it handles an event, such as an import error."""

import os
import re
import time
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from herald.check import starts
from herald.deployment import functions
from herald.deployment.deployment import Deployment
from herald.local import emulator
from infra.declarations.loader import ROOT

HOUR_MS: Final = 3_600_000
TAIL_BYTES: Final = 200_000
# The Python runtime of Lambda logs import errors and errors that the handler raises as `[ERROR] Type: message`. The
# entrypoint catches the errors of runs. Source: "Troubleshoot invocation issues in Lambda", AWS Lambda Developer Guide.
MARK: Final = "[ERROR] "
# A line of the emulator's log: its local time and, after an import error, the message without the error's type.
LOCAL_FAILURE: Final = (
    r"^(\S+ \S+) ERROR .* error for {}: (?:Worker init failed: (.+)|(Worker process exited immediately))"
)


@dataclass
class Startups:
    """Finds the functions that cannot start; reads logs at most once in `every` seconds, until they have a failure."""

    deployment: Deployment
    every: float
    failures: dict[str, str] = field(default_factory=dict)
    _checked: float = field(default_factory=time.monotonic)

    def check(self, names: Collection[str]) -> dict[str, str]:
        """Return the failures that were found, by function."""
        if time.monotonic() - self._checked >= self.every:
            found = {name: failure(self.deployment, name) for name in set(names) - self.failures.keys()}
            self.failures |= {name: text for name, text in found.items() if text}
            self._checked = time.monotonic()
        return self.failures


def failure(deployment: Deployment, function: str) -> str | None:
    """Return place and error of the last startup failure in one line; None: the log has none or is not readable.

    Failures that are older than an hour, or than the last change of the function, do not count.
    """
    name = functions.lambda_name(deployment, function)
    try:
        since = functions.last_modified(deployment, function)
        logged = _local(name, since) if deployment.endpoint else _logged(deployment, name, since)
    except (BotoCoreError, ClientError):  # without permission to read logs, the answer only names the log
        return None
    return _with_place(deployment, functions.current_name(deployment, function), logged) if logged else None


def _logged(deployment: Deployment, name: str, since: datetime) -> str | None:
    """Read the function's log group; return the error and its traceback."""
    pages = deployment.client("logs").get_paginator("filter_log_events")
    start = max(int(time.time() * 1000) - HOUR_MS, int(since.timestamp() * 1000))
    found: list[Any] = [
        event
        for page in pages.paginate(
            logGroupName=f"/aws/lambda/{name}",
            filterPattern=f'"{MARK.strip()}"',
            startTime=start,
            PaginationConfig={"MaxItems": 1_000},
        )
        for event in page["events"]
    ]
    messages = [event["message"] for event in found if MARK in event["message"]]
    return str(messages[-1]).partition(MARK)[2] if messages else None


def _local(name: str, since: datetime) -> str | None:
    """Read the emulator's log, which has the error's message without its type and its place."""
    try:
        with (emulator.STATE / "emulator.log").open("rb") as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - TAIL_BYTES))
            text = log.read().decode(errors="replace")
    except OSError:
        return None
    found = re.findall(LOCAL_FAILURE.format(re.escape(name)), text, re.MULTILINE)
    recent = [message or ended for when, message, ended in found if datetime.fromisoformat(when).astimezone() >= since]
    return str(recent[-1]) if recent else None


def _with_place(deployment: Deployment, function: str, logged: str) -> str:
    """Return the error in one line, with the last file and line of the function's code in the traceback.

    Lambda and the emulator log an import error without a traceback. If importing the handler of this checkout fails
    with the same error, that message has the place.
    """
    error, *_ = logged.splitlines()
    places = re.findall(rf'/(functions/{function}/[^"]+)", line (\d+)', logged)
    if places:
        return f"{':'.join(places[-1])}: {error}"
    spec = deployment.specs.get(function)
    message = error.partition("': ")[2] if error.startswith("Runtime.") else error
    here = [fault.partition(starts.NOT_IMPORTED)[0] for fault in starts.faults(ROOT, [spec] if spec else [])]
    return next((fault for fault in here if message in fault), error)
