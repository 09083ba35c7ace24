"""Summarizes a JUnit report and emits `report.published`."""

import json

from functions.runtime import Event, Run, entrypoint
from functions.runtime.core.text import derived_key
from functions.summarise_test_report.logic import published, summary
from functions.summarise_test_report.parser import parse


@entrypoint
def handle(event: Event, run: Run) -> None:
    """Write the summary of the report."""
    report = parse(run.read(event))
    body = json.dumps(summary(report, event.subject), ensure_ascii=False, indent=2).encode()
    run.write("artifacts", derived_key(event.key, ".json"), body, content_type="application/json")
    run.emit("report.published", published(report), subject=event.subject)
