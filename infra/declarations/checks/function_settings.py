"""Checks [settings]: the types of the values, and the space that the function's environment has for them."""

import json
from typing import Final

from infra.declarations import requests
from infra.declarations.spec import FunctionSpec, SpecError

SETTINGS_BYTES: Final = 2_048  # "Lambda quotas": all environment variables together have at most 4 KB


def check(spec: FunctionSpec) -> None:
    """Raise SpecError for the first value of another type, and for settings that are too large."""
    for name, value in spec.settings.items():
        plain = value if isinstance(value, list) else [value]
        if not all(isinstance(each, bool | int | float | str) for each in plain):
            raise SpecError(
                f"settings.{name} must be a number, a text, true or false, or a list of these, not {value!r}"
            )
    _check_size(spec)


def _check_size(spec: FunctionSpec) -> None:
    senders = json.dumps(requests.senders(spec.trigger.http)) if spec.trigger.http else ""
    types = ",".join((*spec.access.emit, *spec.versions_read))
    if len(json.dumps(spec.settings).encode()) + len(types) + len(senders) > SETTINGS_BYTES:
        named = "settings, access.emit and trigger.http.senders" if spec.trigger.http else "settings and access.emit"
        raise SpecError(
            f"{named} have more than {SETTINGS_BYTES:,} bytes; Lambda limits all environment variables to 4 KB"
        )
