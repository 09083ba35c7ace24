"""Secrets, read through Powertools Parameters and kept for a while in the execution environment."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

from aws_lambda_powertools.utilities.parameters import SecretsProvider

from functions.runtime.core import aws, clock
from functions.runtime.core.errors import SettingsError
from functions.runtime.core.settings import resource

MAX_AGE_SECONDS: Final = 300
# Whoever sends forgeries makes each execution environment read the secret again so often, and no oftener.
AGAIN_SECONDS: Final = 60


class SecretStore:
    """JSON objects of Secrets Manager, by the names that [secrets] gives them."""

    def __init__(self, provider: SecretsProvider) -> None:
        """Keep what the provider reads for `MAX_AGE_SECONDS`."""
        self._provider = provider
        self._read_again_ms: dict[str, int] = {}

    def versions(self, name: str) -> Iterator[Mapping[str, Any]]:
        """Yield the secret as it is kept and then, to whom that does not satisfy, as it is now.

        The second look is taken at most once a minute: a key that was just added works within one, and forgeries do not
        turn into calls. SettingsError, which quotes nothing of it, at the end when one of them is no JSON object.
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
        return self._provider.get(resource("secret", name), max_age=MAX_AGE_SECONDS, force_fetch=again)  # type: ignore[return-value] # no transformation is asked for


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
