"""Reads the log of a function: the lines that the runtime writes as JSON, and those that Lambda writes as text."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from herald.deployment import functions
from herald.deployment.deployment import Deployment
from herald.errors import CommandError

FAILED: Final = frozenset({"WARNING", "ERROR", "CRITICAL"})
# How Lambda reports a worker that ended: a timeout, a crash, a failed import.
CRASHES: Final = ("Task timed out", "Runtime.", "[ERROR]", "Traceback")


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """A line of a log; `fields` has the keys of a line in JSON and is empty for a line of text."""

    time: int
    text: str
    fields: dict[str, Any]

    @property
    def failed(self) -> bool:
        """Whether the line reports a failure."""
        if self.fields:
            return self.fields.get("level") in FAILED
        return any(each in self.text for each in CRASHES)

    def is_about(self, word: str) -> bool:
        """Return whether the line is about an event: its id, its subject, its correlation id or its message id."""
        names = ("event_id", "subject", "correlation_id", "message_id")
        return word in {self.fields.get(name) for name in names}


def lines(
    deployment: Deployment, function: str, since: datetime, word: str | None = None, until: datetime | None = None
) -> Iterator[LogLine]:
    """Yield the lines of a function's log since a time, oldest first; with `word` those about one event.

    CloudWatch Logs selects by the word as a text in the line, which the local AWS does not, so it is compared here too.
    Source: "Filter pattern syntax", Amazon CloudWatch Logs User Guide. CommandError: the log group does not exist.
    """
    client = deployment.client("logs")
    group = f"/aws/lambda/{functions.lambda_name(deployment, function)}"
    query: dict[str, Any] = {"logGroupName": group, "startTime": int(since.timestamp() * 1000)}
    query |= {"filterPattern": json.dumps(word)} if word else {}
    query |= {"endTime": int(until.timestamp() * 1000)} if until else {}
    try:
        for page in client.get_paginator("filter_log_events").paginate(**query):
            for event in page["events"]:
                line = _line(event)
                if word is None or line.is_about(word):
                    yield line
    except client.exceptions.ResourceNotFoundException as error:
        raise CommandError(f"there is no log group {group}: {function} has not logged anything yet") from error


def _line(event: dict[str, Any]) -> LogLine:
    text = event["message"].rstrip("\n")
    try:
        fields = json.loads(text)
    except ValueError:
        fields = {}
    return LogLine(time=event["timestamp"], text=text, fields=fields if isinstance(fields, dict) else {})
