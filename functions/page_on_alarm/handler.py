"""Sends at most one notice per state change of a CloudWatch alarm. `run.state` keeps the incident.

If an alarm goes on again in its quiet period after a notice said OK, the function wakes at the end of the period.
"""

from datetime import timedelta

from functions.page_on_alarm.logic import follow, remind, time_to_wake
from functions.page_on_alarm.model import Incident, Settings, StateChange
from functions.runtime import Event, Run, entrypoint


@entrypoint
def handle(event: Event, run: Run) -> None:
    """Update the alarm's incident, and send the notice that is due."""
    change = (StateChange.from_wake if event.woken else StateChange.read)(event.subject, event.data)
    quiet = timedelta(minutes=run.settings(Settings).quiet_minutes)
    incident = Incident.from_state(run.state)
    if event.woken and incident:
        incident, notice = remind(incident, change, quiet=quiet)
    else:
        incident, notice = follow(incident, change, quiet=quiet)
    if incident:
        run.state.update(incident.as_state())
    if notice:
        run.publish("notices", title=notice.title, text=notice.text)
    after = time_to_wake(incident, change, quiet=quiet)
    if after is not None:
        run.wake(after=after, data=change.wake_data())
