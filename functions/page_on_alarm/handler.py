"""A CloudWatch alarm's change of state in, at most one notice to people out; the incident is kept in `run.state`."""

from datetime import timedelta

from functions.page_on_alarm.logic import follow
from functions.page_on_alarm.model import Incident, Settings, StateChange
from functions.runtime import Event, Permanent, Run, entrypoint


@entrypoint
def handle(event: Event, run: Run) -> None:
    """Follow the alarm's incident, and tell people what they have not been told."""
    try:
        change = StateChange.read(event.subject, event.data)
    except (KeyError, TypeError, ValueError) as error:
        message = f"{event.type} breaks its contract: {error!r}"
        raise Permanent(message) from error
    quiet = timedelta(minutes=run.settings(Settings).quiet_minutes)
    incident, notice = follow(Incident.read(run.state), change, quiet=quiet)
    if incident:
        run.state.update(incident.kept())
    if notice:
        run.publish("notices", title=notice.title, text=notice.text)
