"""[objectives] of function.toml: what the function's owner promises; alarms are derived from it."""

from dataclasses import dataclass
from typing import Final

from infra.declarations.field_rules import key
from infra.declarations.objectives import quantities

# CloudWatch reports the age of a queue's oldest message once a minute. SQS deletes messages after 14 days, and another
# alarm watches for messages that are seven days old.
START_WITHIN: Final = quantities.duration("1m", "7d")
SUCCESS: Final = quantities.percentage("50 %", "99.99 %")
# An alarm evaluates at most seven days. Source: "PutMetricAlarm" (Period), Amazon CloudWatch API Reference.
EXPECT_EVERY: Final = quantities.duration("5m", "7d")


@dataclass(frozen=True, slots=True, kw_only=True)
class Objectives:
    """What the owner of the function promises. An alarm is raised when a promise is not kept."""

    start_within: str = key("", text=START_WITHIN)
    """The maximum time that an event waits in the queue before the function receives it, from 1m to 7d."""
    success: str = key("95 %", text=SUCCESS)
    """The minimum percentage of successful runs, from 50 % to 99.99 %."""
    expect_every: str = key("", text=EXPECT_EVERY)
    """The maximum time without a successful run, from 5m to 7d."""

    @property
    def start_within_seconds(self) -> int | None:
        """The maximum wait in seconds; None without a promise."""
        return quantities.seconds(self.start_within) if self.start_within else None

    @property
    def success_percent(self) -> float:
        """The minimum percentage of successful runs."""
        return quantities.percent(self.success)

    @property
    def expect_every_seconds(self) -> int | None:
        """The maximum time without a run in seconds; None without a promise."""
        return quantities.seconds(self.expect_every) if self.expect_every else None
