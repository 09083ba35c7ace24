"""The settings of a function, from its environment variables."""

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, fields
from functools import cache
from types import UnionType
from typing import TYPE_CHECKING, Any, Final, Literal, Union, cast, get_args, get_origin, get_type_hints

from functions.runtime.core import variables
from functions.runtime.core.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Hashable

MOST_WORKERS = 1_000  # that a declaration may allow
PLAIN: Final[Mapping[Any, tuple[type, ...]]] = {bool: (bool,), int: (int,), float: (int, float), str: (str,)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of every function; `keep_days` is the time from a row's last write in the ledger to its expiry.

    `function` is the current name, `environment` the name of its deployment, and `first_name` the name before any
    rename. The ledger's keys, the ids derived from
    a run and the source of the function's events use `first_name`, so that a rename changes none of them. `emits` are
    the types that it may emit, empty if the deployment does not set them. `reads` are the contract versions that it
    accepts; it accepts all versions of a type that is not listed.
    """

    function: str
    environment: str
    first_name: str
    ledger: str
    bus: str
    ordered: bool
    keep_days: int
    emits: tuple[str, ...]
    reads: Mapping[str, set[int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueSettings:
    """The settings of a function with a queue; a function that answers requests has none.

    `base_seconds` and `cap_seconds` limit the backoff. `max_age_seconds` is 0 for no limit. With `fair`, a subject with
    many messages waits for the others. With `wakes`, runs may ask for wakes. `max_concurrency` is the maximum number of
    concurrent invocations. `journal` is the bucket for bodies that are too large for a dead letter.
    """

    url: str
    dead_letter_url: str
    journal: str
    max_attempts: int
    base_seconds: int
    cap_seconds: int
    max_age_seconds: int
    fair: bool
    wakes: bool
    max_concurrency: int


@cache
def settings() -> Settings:
    """Read the environment once; SettingsError names the variable that is missing."""
    function = variable(variables.FUNCTION)
    return Settings(
        function=function,
        environment=variable(variables.ENVIRONMENT),
        first_name=os.environ.get(variables.FIRST_NAME, function),
        ledger=variable(variables.LEDGER),
        bus=variable(variables.BUS),
        ordered=variable(variables.ORDER) == "newest",
        keep_days=int(variable(variables.KEEP_DAYS)),
        emits=_listed(variables.EMITS),
        reads=_versions(_listed(variables.READS)),
    )


def _listed(name: str) -> tuple[str, ...]:
    return tuple(filter(None, os.environ.get(name, "").split(",")))


def _versions(listed: Iterable[str]) -> dict[str, set[int]]:
    """Read `customer.created/1`, `customer.created/2` as the versions of each type."""
    found: dict[str, set[int]] = {}
    for event_type, _, version in (each.partition("/") for each in listed):
        found.setdefault(event_type, set()).add(int(version))
    return found


@cache
def queue_settings() -> QueueSettings:
    """Return the settings of a function with a queue, read once; SettingsError names a missing variable."""
    return QueueSettings(
        url=variable(variables.QUEUE_URL),
        dead_letter_url=variable(variables.DEAD_LETTER_URL),
        journal=os.environ.get(variables.DEAD_LETTER_BODIES, ""),
        max_attempts=int(variable(variables.MAX_ATTEMPTS)),
        base_seconds=int(variable(variables.BASE_SECONDS)),
        cap_seconds=int(variable(variables.CAP_SECONDS)),
        max_age_seconds=int(variable(variables.MAX_AGE_SECONDS)),
        fair=os.environ.get(variables.FAIR) == "true",
        wakes=os.environ.get(variables.WAKES) == "true",
        max_concurrency=int(os.environ.get(variables.MAX_CONCURRENCY, MOST_WORKERS)),
    )


def variable(name: str) -> str:
    """Return the value of an environment variable; SettingsError when it is not set."""
    value = os.environ.get(name)
    if not value:
        raise SettingsError(f"{name} is not set")
    return value


def declared[T](kind: type[T]) -> T:
    """Return [settings] of function.toml as a dataclass, built once per worker; SettingsError names an invalid key."""
    made: T = _declared(cast("Hashable", kind))
    return made


@cache
def _declared(kind: Any) -> Any:  # noqa: ANN401 - a class of the function's
    return fitted(kind, json.loads(os.environ.get(variables.SETTINGS, "{}")))


def fitted[T](kind: type[T], said: Mapping[str, Any]) -> T:
    """Return settings as a dataclass with the keys as its fields; SettingsError names an invalid key.

    A field's type is bool, int, float, str, a Literal of these, a tuple or list of one of them, or one of these or
    None. A field with a default may be left out. infra/declarations/settings_model.py checks the same rules on the
    source code.
    """
    known = {each.name: each for each in fields(kind)}  # type: ignore[arg-type] # every kind is a dataclass
    for key in [key for key in said if key not in known]:
        raise SettingsError(f"settings.{key} of function.toml is not a field of {kind.__name__}")
    for key, each in known.items():
        if key not in said and each.default is MISSING and each.default_factory is MISSING:
            raise SettingsError(f"settings.{key} is missing in function.toml")
    hints = get_type_hints(kind)
    return kind(**{key: _typed(key, value, hints[key]) for key, value in said.items()})


def _typed(key: str, value: Any, hint: Any) -> Any:  # noqa: ANN401 - a value of TOML
    if not _fits(value, hint):
        expected = hint.__name__ if isinstance(hint, type) else str(hint)
        raise SettingsError(f"settings.{key} of function.toml is {type(value).__name__}, not {expected}")
    as_list = any(get_origin(each) is list for each in (hint, *get_args(hint)))
    return tuple(value) if isinstance(value, list) and not as_list else value


def _fits(value: Any, hint: Any) -> bool:  # noqa: ANN401 - a value of TOML and a type hint
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in {Union, UnionType}:
        return any(_fits(value, each) for each in arguments)
    if origin is Literal:
        return any(type(value) is type(each) and value == each for each in arguments)
    if origin in {tuple, list}:
        return isinstance(value, list) and all(_fits(each, arguments[0]) for each in value)
    return isinstance(value, PLAIN.get(hint, ())) and isinstance(value, bool) is (hint is bool)


def resource(kind: str, name: str) -> str:
    """Return the name of a bucket or table, the ARN of a topic or secret, or the URL of a queue."""
    try:
        return variable(variables.resource(kind, name))
    except SettingsError as error:
        table = "secrets" if kind == "secret" else "access"
        raise SettingsError(f"{kind}.{name} is not granted: add it to [{table}] of function.toml") from error
