"""A published report with failures in, a notice to people out."""

from functions.notify.logic import compose
from functions.notify.model import PublishedReport
from functions.runtime import Event, Permanent, Run, entrypoint


@entrypoint
def handle(event: Event, run: Run) -> None:
    """Tell people which tests failed."""
    try:
        report = PublishedReport.read(event.subject, event.data)
    except (KeyError, TypeError, ValueError) as error:
        message = f"report.published breaks its contract: {error!r}"
        raise Permanent(message) from error
    notice = compose(report)
    run.publish("notices", title=notice.title, text=notice.text)
