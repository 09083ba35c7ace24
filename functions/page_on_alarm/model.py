"""A CloudWatch alarm's state change, and the incident that the function keeps between two changes.

Source: "Alarm events and EventBridge" and "Alarm tags in action payloads", Amazon CloudWatch User Guide.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final, Self

from functions.runtime.core.errors import MalformedError
from functions.runtime.core.json_values import Json, table, text, value

ALARM: Final = "ALARM"
OK: Final = "OK"
# The third state, INSUFFICIENT_DATA, means that CloudWatch does not know whether the alarm is on.
STATES: Final = (ALARM, OK, "INSUFFICIENT_DATA")
RUNBOOK_TAG: Final = "runbook"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """`quiet_minutes` after a page, a new ALARM is a flap of the same incident."""

    quiet_minutes: int = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class StateChange:
    """A state change of an alarm: its ARN, its name, the new state, the time and the reason.

    `tags` is empty unless the alarm propagates its tags to its events; `description` is "" if the alarm has none.
    """

    alarm: str
    name: str
    state: str
    at: datetime
    reason: str
    description: str
    tags: Mapping[str, str]

    @classmethod
    def read(cls, subject: str, detail: Mapping[str, Any]) -> Self:
        """Read the event's detail; MalformedError when a field is missing or malformed."""
        event = {"detail": detail}
        if ":alarm:" not in subject:
            raise MalformedError("resources", f"names no alarm, but {subject!r}")
        return cls(
            alarm=subject,
            name=text(event, "detail.alarmName"),
            state=_state(event, "detail.state.value"),
            at=_time(event, "detail.state.timestamp"),
            reason=value(event, "detail.state.reason", str),
            description=str(table(event, "detail.configuration").get("description") or ""),
            tags=_tags(event, "detail.alarmTags") if detail.get("alarmTags") else {},
        )

    @classmethod
    def from_wake(cls, subject: str, data: Mapping[str, Any]) -> Self:
        """Read the data of a wake, which `wake_data` returned; MalformedError when a field is missing or malformed."""
        wake = {"data": data}
        return cls(
            alarm=subject,
            name=text(wake, "data.name"),
            state=_state(wake, "data.state"),
            at=_time(wake, "data.at"),
            reason=value(wake, "data.reason", str),
            description=value(wake, "data.description", str),
            tags=_tags(wake, "data.tags"),
        )

    def wake_data(self) -> dict[str, Any]:
        """Return the change as the data of a wake. The wake's subject is the alarm; only the runbook tag is kept."""
        values = {name: value for name, value in asdict(self).items() if name != "alarm"}
        tags = {name: text for name, text in self.tags.items() if name == RUNBOOK_TAG}
        return values | {"at": self.at.isoformat(), "tags": tags}


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """An incident of an alarm: the time of the last page, and the events since.

    `flaps` counts the ALARMs since the last notice. `open` is true from an ALARM until the next OK. `told_ok` is true
    after a notice said that the alarm is OK again.
    """

    paged_at: datetime
    flaps: int = 0
    open: bool = True
    told_ok: bool = False

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self | None:
        """Read `run.state`; None when no page was sent yet."""
        if not state:
            return None
        return cls(
            paged_at=datetime.fromisoformat(state["paged_at"]),
            flaps=int(state["flaps"]),
            open=bool(state["open"]),
            told_ok=bool(state["told_ok"]),
        )

    def as_state(self) -> dict[str, Any]:
        """Return the incident as JSON-ready values for `run.state`."""
        return asdict(self) | {"paged_at": self.paged_at.isoformat()}


def _state(event: Json, path: str) -> str:
    state = text(event, path)
    if state not in STATES:
        raise MalformedError(path, f"is not one of {', '.join(STATES)}")
    return state


def _time(event: Json, path: str) -> datetime:
    try:
        return datetime.fromisoformat(text(event, path))
    except ValueError as error:
        raise MalformedError(path, "is not an ISO 8601 time") from error


def _tags(event: Json, path: str) -> dict[str, str]:
    return {str(name): str(tag) for name, tag in table(event, path).items()}
