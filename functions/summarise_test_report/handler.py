"""A JUnit report in, a summary and `report.published` out."""

import json

from functions.runtime import Event, Permanent, Run, entrypoint
from functions.summarise_test_report.logic import published, summary, summary_key
from functions.summarise_test_report.model import MalformedReportError, parse


@entrypoint
def handle(event: Event, run: Run) -> None:
    """Summarise the report that was written; one that is no JUnit report is rejected with what is wrong in it."""
    content = run.read(event)
    try:
        report = parse(content)
    except MalformedReportError as error:
        raise Permanent(str(error)) from error
    key = event.subject.split("/", 3)[3]
    body = json.dumps(summary(report, event.subject), ensure_ascii=False, indent=2).encode()
    run.write("artifacts", summary_key(key), body, content_type="application/json")
    run.emit("report.published", published(report), subject=event.subject)
