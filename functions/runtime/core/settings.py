"""What the deployment tells a function through its environment."""

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
    """One function's place in the deployment; `keep_days` is how long a row of the ledger outlives its last write.

    `function` is its name, which people see. `first_name` is the first it ever had: the keys of the ledger, and with
    them every id that comes of a run, and the source of its events say that one, so that a rename changes none.
    `emits` are the types it may emit, none where the deployment does not say. `reads` are the versions it reads of a
    contract; of a type that is not there it reads all.
    """

    function: str
    first_name: str
    ledger: str
    bus: str
    ordered: bool
    keep_days: int
    emits: tuple[str, ...]
    reads: Mapping[str, set[int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueSettings:
    """How a function's events wait for it, and how often they are tried; one that answers requests has none of it.

    Backoff begins at `base_seconds` and ends at `cap_seconds`; `max_age_seconds` is 0 where any age will do;
    `fair` is whether a loud subject waits for the others, `wakes` whether runs may ask for wakes. `max_concurrency` is
    how many workers there may be at once.
    `journal` is the bucket for bodies that no dead letter has room for.
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
    """As `settings`, of a function whose events come through a queue."""
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
    """Return [settings] of function.toml as a dataclass of the function's; SettingsError names the key.

    It is made once per worker.
    """
    made: T = _declared(cast("Hashable", kind))
    return made


@cache
def _declared(kind: Any) -> Any:  # noqa: ANN401 - a class of the function's
    return fitted(kind, json.loads(os.environ.get(variables.SETTINGS, "{}")))


def fitted[T](kind: type[T], said: Mapping[str, Any]) -> T:
    """Return settings as a dataclass: its fields are the keys; SettingsError names the key that does not fit.

    A field's type is bool, int, float, str or a Literal of these, a tuple or list of one of them, or any of these or
    None. A field with a default may be left out. infra/declarations/settings_model.py judges the same by the text of
    the code.
    """
    known = {each.name: each for each in fields(kind)}  # type: ignore[arg-type] # every kind is a dataclass
    for key in [key for key in said if key not in known]:
        raise SettingsError(f"settings.{key} of function.toml is no field of {kind.__name__}")
    for key, each in known.items():
        if key not in said and each.default is MISSING and each.default_factory is MISSING:
            raise SettingsError(f"settings.{key} is missing in function.toml")
    hints = get_type_hints(kind)
    return kind(**{key: _typed(key, value, hints[key]) for key, value in said.items()})


def _typed(key: str, value: Any, hint: Any) -> Any:  # noqa: ANN401 - what TOML can say
    if not _fits(value, hint):
        wanted = hint.__name__ if isinstance(hint, type) else str(hint)
        raise SettingsError(f"settings.{key} of function.toml is {value!r}, not {wanted}")
    as_list = any(get_origin(each) is list for each in (hint, *get_args(hint)))
    return tuple(value) if isinstance(value, list) and not as_list else value


def _fits(value: Any, hint: Any) -> bool:  # noqa: ANN401 - as above
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in {Union, UnionType}:
        return any(_fits(value, each) for each in arguments)
    if origin is Literal:
        return any(type(value) is type(each) and value == each for each in arguments)
    if origin in {tuple, list}:
        return isinstance(value, list) and all(_fits(each, arguments[0]) for each in value)
    return isinstance(value, PLAIN.get(hint, ())) and isinstance(value, bool) is (hint is bool)


def resource(kind: str, name: str) -> str:
    """Return what AWS calls a resource of the function: a name, an ARN of a topic or secret, a URL of a queue."""
    try:
        return variable(variables.resource(kind, name))
    except SettingsError as error:
        table = "secrets" if kind == "secret" else "access"
        raise SettingsError(f"{kind}.{name} is not granted: name it in [{table}] of function.toml") from error
