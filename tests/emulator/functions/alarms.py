"""Events of a CloudWatch alarm."""

from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, Final

from tests.events import alarm_changed

ALARM: Final = "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:journey"


def changed(state: str, minutes: float, name: str = "journey", zone: tzinfo = UTC) -> dict[str, Any]:
    """Return the event of a state change that is `minutes` from now."""
    at = datetime.now(UTC) + timedelta(minutes=minutes)
    event = alarm_changed(state, at.astimezone(zone).strftime("%Y-%m-%dT%H:%M:%S.000%z"), name=name)
    return event | {"time": at.strftime("%Y-%m-%dT%H:%M:%SZ")}
