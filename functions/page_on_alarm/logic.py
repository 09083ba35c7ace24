"""When a notice about an alarm is sent, and its text.

An ALARM pages people and starts a quiet period. Further ALARMs in that period are flaps of the same incident and are
only counted. One notice says that the alarm is OK again. If the last notice said OK and the alarm is on at the end of
the quiet period, another page is sent, and the next quiet period begins. All times are the times of the events.
"""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from functions.page_on_alarm.model import ALARM, OK, RUNBOOK_TAG, Incident, StateChange

URL: Final = re.compile(r"https?://[^\s<>\"']+")
AFTER_URL: Final = ".,;:!?)]}"  # punctuation of the surrounding sentence
NO_RUNBOOK: Final = f"none. Add its URL to the alarm's description, or to a propagated tag '{RUNBOOK_TAG}'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A message to people: a title of one line, and a text."""

    title: str
    text: str


def follow(
    incident: Incident | None, change: StateChange, *, quiet: timedelta
) -> tuple[Incident | None, Notice | None]:
    """Return the incident after a change, and the notice that is due; None if there is none."""
    in_quiet = incident is not None and change.at < incident.paged_at + quiet
    if change.state == ALARM:
        if incident and in_quiet:
            return replace(incident, open=True, flaps=incident.flaps + 1), None
        return Incident(paged_at=change.at), _page(incident, change, quiet)
    if change.state == OK and incident and incident.open:
        if in_quiet and incident.told_ok:
            return replace(incident, open=False), None
        return replace(incident, open=False, told_ok=True, flaps=0), _all_clear(incident, change, quiet)
    return incident, None


def time_to_wake(incident: Incident | None, change: StateChange, *, quiet: timedelta) -> timedelta | None:
    """Return how long after a change the function must wake to page again; None when people know the state."""
    if incident is None or not (incident.open and incident.told_ok):
        return None
    return max(timedelta(), incident.paged_at + quiet - change.at)


def remind(incident: Incident, change: StateChange, *, quiet: timedelta) -> tuple[Incident, Notice | None]:
    """Return the incident and the notice at the end of the quiet period; `change` is the last state change."""
    if not (incident.open and incident.told_ok):
        return incident, None
    begins = incident.paged_at + quiet
    lines = [
        f"Still in ALARM since {_time(change.at)}: {change.reason}",
        f"It went off {_times(incident.flaps)} more in the quiet period; no notice was sent for that.",
        _announce(begins + quiet),
    ]
    return Incident(paged_at=begins), Notice(title=f"ALARM: {change.name}, still on", text=_text(lines, change))


def runbook(change: StateChange) -> str | None:
    """Return the URL in the alarm's tag `runbook`, else the first URL in its description, else None."""
    for text in (change.tags.get(RUNBOOK_TAG, ""), change.description):
        found = URL.search(text)
        if found:
            return found[0].rstrip(AFTER_URL)
    return None


def _page(before: Incident | None, change: StateChange, quiet: timedelta) -> Notice:
    lines = [f"In ALARM since {_time(change.at)}: {change.reason}"]
    if before and before.flaps:
        lines.append(f"It had gone off {_times(before.flaps)} more since the last notice.")
    lines.append(_announce(change.at + quiet))
    return Notice(title=f"ALARM: {change.name}", text=_text(lines, change))


def _all_clear(before: Incident, change: StateChange, quiet: timedelta) -> Notice:
    end = before.paged_at + quiet
    flaps = f", {before.flaps} {'flap' if before.flaps == 1 else 'flaps'}" if before.flaps else ""
    lines = [f"OK since {_time(change.at)}: {change.reason}", f"It went off at {_time(before.paged_at)}."]
    if before.flaps:
        lines.append(f"It went off {_times(before.flaps)} more; no notice was sent for that.")
    if change.at < end:
        lines.append(_announce(end))
    return Notice(title=f"OK: {change.name}{flaps}", text=_text(lines, change))


def _announce(end: datetime) -> str:
    return f"No notice is sent for ALARMs before {_time(end)}; they are counted."


def _text(lines: list[str], change: StateChange) -> str:
    about = [f"Runbook: {runbook(change) or NO_RUNBOOK}", f"Alarm: {change.alarm}"]
    if change.description:
        about.append(f"Description: {change.description}")
    return "\n".join([*lines, "", *about])


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _time(when: datetime) -> str:
    return f"{when.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
