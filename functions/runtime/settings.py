"""What the deployment tells a function through its environment."""

import os
from dataclasses import dataclass
from functools import cache

from functions.runtime.errors import SettingsError

PREFIX = "HERALD_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One function's place in the deployment; names, URLs and ARNs are those of AWS.

    Backoff begins at `base_seconds` and ends at `cap_seconds`; `max_age_seconds` is 0 where any age will do;
    `keep_days` is how long a row outlives its last write.
    """

    function: str
    ledger: str
    queue_url: str
    dead_letter_url: str
    bus: str
    max_attempts: int
    base_seconds: int
    cap_seconds: int
    max_age_seconds: int
    ordered: bool
    keep_days: int


@cache
def settings() -> Settings:
    """Read the environment once; SettingsError names the variable that is missing."""
    return Settings(
        function=variable("FUNCTION"),
        ledger=variable("LEDGER"),
        queue_url=variable("QUEUE_URL"),
        dead_letter_url=variable("DEAD_LETTER_URL"),
        bus=variable("BUS"),
        max_attempts=int(variable("MAX_ATTEMPTS")),
        base_seconds=int(variable("BASE_SECONDS")),
        cap_seconds=int(variable("CAP_SECONDS")),
        max_age_seconds=int(variable("MAX_AGE_SECONDS")),
        ordered=variable("ORDER") == "newest",
        keep_days=int(variable("KEEP_DAYS")),
    )


def variable(name: str) -> str:
    """Return the value of `HERALD_<name>`; SettingsError when it is not set."""
    value = os.environ.get(PREFIX + name)
    if not value:
        message = f"{PREFIX}{name} is not set"
        raise SettingsError(message)
    return value


def resource(kind: str, name: str) -> str:
    """Return the bucket name or topic ARN behind `bucket.<name>` or `topic.<name>` of the function's [access]."""
    try:
        return variable(f"{kind}_{name}".upper())
    except SettingsError as error:
        message = f"{kind}.{name} is not granted: name it in [access] of function.toml"
        raise SettingsError(message) from error
