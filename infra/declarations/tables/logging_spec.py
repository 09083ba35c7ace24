"""The table [logging] of function.toml."""

from dataclasses import dataclass
from typing import Final

from infra.declarations.field_rules import key

# Source: "Logger", Powertools for AWS Lambda (Python); the levels are those of Python's logging.
LOG_LEVELS: Final = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggingSpec:
    """The lines that the function logs; a level above INFO drops the lines of decisions."""

    level: str = key("", choices=LOG_LEVELS)
    """The lowest level that the function logs; by default `log_level` of the environment in cdk.json."""
    sample: float = key(0.0, minimum=0, maximum=1)
    """The share of invocations that log at level DEBUG, such as 0.01 for one in a hundred."""
