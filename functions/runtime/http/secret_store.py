"""Secrets, read through Powertools Parameters and cached in the execution environment."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

from aws_lambda_powertools.utilities.parameters import SecretsProvider

from functions.runtime.core import aws, clock
from functions.runtime.core.errors import SettingsError
from functions.runtime.core.settings import resource

MAX_AGE_SECONDS: Final = 300
# Forged requests can make an execution environment read the secret again once in this time.
AGAIN_SECONDS: Final = 60


class SecretStore:
    """JSON objects from Secrets Manager, by their names in [secrets]."""

    def __init__(self, provider: SecretsProvider) -> None:
        """Cache the provider's values for `MAX_AGE_SECONDS`."""
        self._provider = provider
        self._read_again_ms: dict[str, int] = {}

    def versions(self, name: str) -> Iterator[Mapping[str, Any]]:
        """Yield the cached secret and then, if the caller continues, the current one.

        The current one is read at most once a minute. So a new key works within a minute, and forged requests do not
        cause a call each. SettingsError at the end if a version is not a JSON object; it quotes no value.
        """
        fault = None
        for text in self._texts(name):
            try:
                value = _parse(name, text)
            except SettingsError as error:
                fault = error
                continue
            yield value
        if fault:
            raise fault

    def _texts(self, name: str) -> Iterator[str | bytes]:
        kept = self._read(name, again=False)
        yield kept
        now = clock.now_ms()
        if now - self._read_again_ms.get(name, 0) >= AGAIN_SECONDS * 1_000:
            self._read_again_ms[name] = now
            fresh = self._read(name, again=True)
            if fresh != kept:
                yield fresh

    def _read(self, name: str, *, again: bool) -> str | bytes:
        return self._provider.get(resource("secret", name), max_age=MAX_AGE_SECONDS, force_fetch=again)  # type: ignore[return-value] # without a transform the value is text or bytes


def _parse(name: str, text: str | bytes) -> Mapping[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise SettingsError(f"secret.{name} is not a JSON object")
    return value


@cache
def secrets() -> SecretStore:
    """Return this function's secrets."""
    return SecretStore(SecretsProvider(boto_config=aws.CONFIG))
