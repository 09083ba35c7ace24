"""The fields of a CloudWatch alarm's change of state, and what is kept of an incident between two of them.

Source: "Alarm events and EventBridge" and "Alarm tags in action payloads", Amazon CloudWatch User Guide.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final, Self

ALARM: Final = "ALARM"
OK: Final = "OK"
# The third state, INSUFFICIENT_DATA, says neither that the alarm is on nor that it is off.
STATES: Final = (ALARM, OK, "INSUFFICIENT_DATA")
RUNBOOK_TAG: Final = "runbook"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How many minutes after a page an ALARM is a flap of the same incident."""

    quiet_minutes: int = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class StateChange:
    """An alarm (its ARN and its name) that changed to a state, when and why.

    `tags` are there only where the alarm propagates its tags to its events; `description` is "" where it has none.
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
        """Read the event's detail; KeyError, TypeError or ValueError where it breaks the contract."""
        state = detail["state"]
        if ":alarm:" not in subject:
            raise ValueError(f"resources names no alarm, but {subject!r}")
        if state["value"] not in STATES:
            raise ValueError(f"state.value is {state['value']!r}, not one of {', '.join(STATES)}")
        return cls(
            alarm=subject,
            name=str(detail["alarmName"]),
            state=state["value"],
            at=datetime.fromisoformat(state["timestamp"]),
            reason=str(state["reason"]),
            description=str(dict(detail["configuration"]).get("description") or ""),
            tags={str(key): str(value) for key, value in dict(detail.get("alarmTags") or {}).items()},
        )

    @classmethod
    def kept_in(cls, subject: str, kept: Mapping[str, Any]) -> Self:
        """Read what `kept` returned; KeyError, TypeError or ValueError where it is something else."""
        return cls(**{**kept, "alarm": subject, "at": datetime.fromisoformat(kept["at"])})

    def kept(self) -> dict[str, Any]:
        """Return the change as the data of a wake, whose subject is the alarm; of the tags the one that is read."""
        values = {name: value for name, value in asdict(self).items() if name != "alarm"}
        tags = {name: text for name, text in self.tags.items() if name == RUNBOOK_TAG}
        return values | {"at": self.at.isoformat(), "tags": tags}


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """An alarm's incident: when people were last paged, and what happened since.

    `flaps` are the ALARMs counted since the last notice; `open` holds from an ALARM to the next OK; `told_ok` is true
    once people were told of an OK that followed their page.
    """

    paged_at: datetime
    flaps: int = 0
    open: bool = True
    told_ok: bool = False

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Self | None:
        """Read what was kept; None where nobody has been paged yet."""
        if not kept:
            return None
        return cls(
            paged_at=datetime.fromisoformat(kept["paged_at"]),
            flaps=int(kept["flaps"]),
            open=bool(kept["open"]),
            told_ok=bool(kept["told_ok"]),
        )

    def kept(self) -> dict[str, Any]:
        """Return the JSON to keep."""
        return asdict(self) | {"paged_at": self.paged_at.isoformat()}
