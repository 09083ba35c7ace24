"""What the deployment tells a function through its environment."""

import os
from dataclasses import dataclass
from functools import cache

from functions.runtime.errors import SettingsError

PREFIX = "HERALD_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One function's place in the deployment; names, URLs and ARNs are those of AWS."""

    function: str
    ledger: str
    queue_url: str
    dead_letter_url: str
    bus: str
    max_attempts: int


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
