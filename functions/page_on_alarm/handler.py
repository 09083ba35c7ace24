"""A CloudWatch alarm's change of state in, at most one notice to people out; the incident is kept in `run.state`.

An alarm that went on in its quiet period after people were told OK has the function woken at the end of that period.
"""

from datetime import timedelta

from functions.page_on_alarm.logic import follow, pause, remind
from functions.page_on_alarm.model import Incident, Settings, StateChange
from functions.runtime import Event, Permanent, Run, entrypoint


@entrypoint
def handle(event: Event, run: Run) -> None:
    """Follow the alarm's incident, and tell people what they have not been told."""
    change = _change(event)
    quiet = timedelta(minutes=run.settings(Settings).quiet_minutes)
    incident = Incident.read(run.state)
    if event.woken and incident:
        incident, notice = remind(incident, change, quiet=quiet)
    else:
        incident, notice = follow(incident, change, quiet=quiet)
    if incident:
        run.state.update(incident.kept())
    if notice:
        run.publish("notices", title=notice.title, text=notice.text)
    until = pause(incident, change, quiet=quiet)
    if until is not None:
        run.wake(after=until, data=change.kept())


def _change(event: Event) -> StateChange:
    try:
        read = StateChange.kept_in if event.woken else StateChange.read
        return read(event.subject, event.data)
    except (KeyError, TypeError, ValueError) as error:
        raise Permanent(f"{event.type} breaks its contract: {error!r}") from error
