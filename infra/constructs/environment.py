"""What differs between environments, read from the context in cdk.json."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, Self

from functions.runtime.core.suggestions import did_you_mean, nearest
from infra.declarations import producers, validation
from infra.declarations.field_rules import key
from infra.declarations.producers import Producer
from infra.declarations.spec import SpecError

if TYPE_CHECKING:
    from aws_cdk import App, RemovalPolicy

# Queues, rules and buckets begin with herald-<environment>-, and policies match them by that beginning: with a hyphen
# one environment's name could begin another's. Lambda allows names of 64 characters, of which a function has 40.
NAME: Final = re.compile(r"[a-z][a-z0-9]{0,15}")
ARCHITECTURES: Final = ("arm64", "x86_64")
REMOVAL_POLICIES: Final = ("destroy", "retain")
# Source: "Logger", Powertools for AWS Lambda (Python); the levels are those of Python's logging.
LOG_LEVELS: Final = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
# Source: RetentionDays, AWS CDK API Reference; a test holds this list against it.
RETENTIONS: Final = (
    *("ONE_DAY", "THREE_DAYS", "FIVE_DAYS", "ONE_WEEK", "TWO_WEEKS", "ONE_MONTH", "TWO_MONTHS", "THREE_MONTHS"),
    *("FOUR_MONTHS", "FIVE_MONTHS", "SIX_MONTHS", "ONE_YEAR", "THIRTEEN_MONTHS", "EIGHTEEN_MONTHS", "TWO_YEARS"),
    *("THREE_YEARS", "FIVE_YEARS", "SIX_YEARS", "SEVEN_YEARS", "EIGHT_YEARS", "NINE_YEARS", "TEN_YEARS", "INFINITE"),
)
MOST_DAYS: Final = 3_650


def _choice(values: tuple[str, ...]) -> Any:  # noqa: ANN401 - as dataclasses.field, which it wraps
    """Declare a required text that is one of a few."""
    return key(choices=values)


def _days() -> Any:  # noqa: ANN401 - as above
    """Declare a required number of days; S3 takes none below 1. Source: "NoncurrentVersionExpiration", S3 API."""
    return key(minimum=1, maximum=MOST_DAYS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """One environment (`-c env=prod`); `architecture` is arm64 unless `-c architecture=x86_64` says otherwise."""

    name: str
    architecture: Literal["arm64", "x86_64"]
    removal_policy: str = _choice(REMOVAL_POLICIES)
    log_level: str = _choice(LOG_LEVELS)
    log_retention: str = _choice(RETENTIONS)
    old_version_days: int = _days()
    journal_days: int = _days()
    producers: tuple[Producer, ...] = ()

    @classmethod
    def of(cls, app: "App") -> Self:
        """Read all environments and return the chosen one; SpecError names the key and what it may be."""
        context = {key: app.node.try_get_context(key) for key in ("environments", "architecture")}
        return cls.read(context, app.node.try_get_context("env"))

    @classmethod
    def read(cls, context: Mapping[str, Any], chosen: str | None = None) -> Self:
        """Return an environment of cdk.json's context, dev if none is chosen; SpecError as above.

        All environments are read: a fault in prod is found before prod is deployed.
        """
        try:
            return cls._chosen(context, "dev" if chosen is None else chosen)
        except SpecError as error:
            raise SpecError(f"cdk.json: {error}") from error

    @classmethod
    def _chosen(cls, context: Mapping[str, Any], name: str) -> Self:
        architecture = _architecture(context.get("architecture") or "arm64")
        said = validation.table(context.get("environments"), "environments")
        found = {each: cls._one(each, table, architecture) for each, table in said.items()}
        if name not in found:
            raise SpecError(f"there is no environment '{name}'{did_you_mean(name, found)}")
        return found[name]

    @classmethod
    def _one(cls, name: str, said: object, architecture: str) -> Self:
        where = f"environments.{name}"
        if not NAME.fullmatch(name):
            raise SpecError(f"{where}: a name is 1 to 16 lower-case letters and digits, a letter first")
        table = validation.table(said, where)
        made = validation.read(cls, table, where, name=name, architecture=architecture)
        producers.check(made.producers, f"{where}.producers")
        return made

    @property
    def removal(self) -> "RemovalPolicy":
        """What becomes of data when its stack goes.

        RETAIN_ON_UPDATE_OR_DELETE deletes what a failed first deployment has created, so that it can be repeated:
        with RETAIN its queues and log groups would keep their fixed names. Source: "DeletionPolicy attribute",
        AWS CloudFormation Template Reference (`RetainExceptOnCreate`).
        """
        from aws_cdk import RemovalPolicy  # noqa: PLC0415 - `herald check` reads environments without the CDK

        return RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE if self.removal_policy == "retain" else RemovalPolicy.DESTROY


def check(root: Path) -> None:
    """Raise SpecError for the first fault in the environments of a cdk.json; a folder without the file has none."""
    file = root / "cdk.json"
    if not file.is_file():
        return
    try:
        said = validation.table(json.loads(file.read_bytes()), "the file")
        context = validation.table(said.get("context"), "context")
    except (SpecError, ValueError) as error:
        raise SpecError(f"cdk.json: {error}") from error
    Environment.read(context)


def _architecture(given: object) -> str:
    if given not in ARCHITECTURES:
        near = nearest(str(given), ARCHITECTURES)
        raise SpecError(f"architecture is {given!r}; it must be one of {', '.join(ARCHITECTURES)}{near}")
    return str(given)
