"""The environments of cdk.json: the settings that differ between deployments."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, Self

from functions.runtime.core.suggestions import did_you_mean, nearest
from infra.declarations import producers, validation
from infra.declarations.field_rules import TextRule, key
from infra.declarations.producers import Producer
from infra.declarations.spec import SpecError
from infra.declarations.tables.logging_spec import LOG_LEVELS

if TYPE_CHECKING:
    from aws_cdk import App, RemovalPolicy

# Names of queues, rules and buckets begin with herald-<environment>-, and policies match this prefix. A hyphen is not
# allowed, because herald-a-* would match resources of an environment a-b. Lambda allows names of 64 characters; a
# function's own name takes up to 40 of them.
NAME: Final = re.compile(r"[a-z][a-z0-9]{0,15}")
ARCHITECTURES: Final = ("arm64", "x86_64")
REMOVAL_POLICIES: Final = ("destroy", "retain")
# Source: RetentionDays, AWS CDK API Reference; a test compares this list with it.
RETENTIONS: Final = (
    *("ONE_DAY", "THREE_DAYS", "FIVE_DAYS", "ONE_WEEK", "TWO_WEEKS", "ONE_MONTH", "TWO_MONTHS", "THREE_MONTHS"),
    *("FOUR_MONTHS", "FIVE_MONTHS", "SIX_MONTHS", "ONE_YEAR", "THIRTEEN_MONTHS", "EIGHTEEN_MONTHS", "TWO_YEARS"),
    *("THREE_YEARS", "FIVE_YEARS", "SIX_YEARS", "SEVEN_YEARS", "EIGHT_YEARS", "NINE_YEARS", "TEN_YEARS", "INFINITE"),
)
MOST_DAYS: Final = 3_650
# The link in an alarm's description ends at a space; the description adds a # and the section.
RUNBOOK: Final = TextRule(
    pattern=re.compile(r"[^\s#]+"),
    max_length=300,
    form="must be an address without spaces and #, of at most 300 characters",
)


def _choice(values: tuple[str, ...]) -> Any:  # noqa: ANN401 - dataclasses.field returns Any too
    """Declare a required key whose value is one of a list."""
    return key(choices=values)


def _days() -> Any:  # noqa: ANN401 - dataclasses.field returns Any too
    """Declare a required number of days; S3 requires at least 1. Source: "NoncurrentVersionExpiration", S3 API."""
    return key(minimum=1, maximum=MOST_DAYS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """One environment of cdk.json; `-c env=prod` selects prod, the default is dev."""

    name: str
    """The key of the environment: 1 to 16 lower-case letters and digits, beginning with a letter."""
    architecture: Literal["arm64", "x86_64"]
    """The architecture of the functions: arm64 (the default) or x86_64; `-c architecture=x86_64` selects it."""
    removal_policy: str = _choice(REMOVAL_POLICIES)
    """destroy deletes data with its stack; retain keeps it, and protects the storage stack from termination."""
    log_level: str = _choice(LOG_LEVELS)
    """The lowest level that functions log: DEBUG, INFO, WARNING, ERROR or CRITICAL."""
    log_retention: str = _choice(RETENTIONS)
    """How long CloudWatch Logs keeps logs: ONE_DAY to TEN_YEARS, or INFINITE, as in the CDK's RetentionDays."""
    old_version_days: int = _days()
    """Days that the buckets of infra/resources.toml keep noncurrent versions of objects: 1 to 3,650."""
    journal_days: int = _days()
    """Days that the journal keeps events: 1 to 3,650. The ledger keeps a row 28 days longer."""
    runbook: str = key("docs/runbook.md", text=RUNBOOK)
    """The address of the runbook, to which the descriptions of alarms link: docs/runbook.md by default."""
    lambda_concurrency: int = key(1_000, minimum=10, maximum=1_000_000)
    """The account's quota of concurrent executions in the Region; an alarm is raised at 80 %. 1,000 by default."""
    producers: tuple[Producer, ...] = ()
    """Other accounts that may put events on the bus, each with its own sources; none by default."""

    @classmethod
    def of(cls, app: "App") -> Self:
        """Return the environment that `-c env` selects; SpecError names the key and its allowed values."""
        context = {key: app.node.try_get_context(key) for key in ("environments", "architecture")}
        return cls.read(context, app.node.try_get_context("env"))

    @classmethod
    def read(cls, context: Mapping[str, Any], chosen: str | None = None) -> Self:
        """Return an environment of cdk.json's context, dev by default; SpecError names the key and its allowed values.

        All environments are read, so that a fault in prod is found before prod is deployed.
        """
        try:
            return cls._chosen(context, "dev" if chosen is None else chosen)
        except SpecError as error:
            raise SpecError(f"cdk.json: {error}") from error

    @classmethod
    def _chosen(cls, context: Mapping[str, Any], name: str) -> Self:
        architecture = _architecture(context.get("architecture") or "arm64")
        tables = validation.table(context.get("environments"), "environments")
        found = {each: cls._one(each, table, architecture) for each, table in tables.items()}
        if name not in found:
            raise SpecError(f"there is no environment '{name}'{did_you_mean(name, found)}")
        return found[name]

    @classmethod
    def _one(cls, name: str, given: object, architecture: str) -> Self:
        where = f"environments.{name}"
        if not NAME.fullmatch(name):
            raise SpecError(f"{where}: a name has 1 to 16 lower-case letters and digits and begins with a letter")
        table = validation.table(given, where)
        made = validation.read(cls, table, where, name=name, architecture=architecture)
        producers.check(made.producers, f"{where}.producers")
        return made

    @property
    def removal(self) -> "RemovalPolicy":
        """The removal policy of resources with data.

        RETAIN_ON_UPDATE_OR_DELETE deletes the resources that a failed first deployment created, so that the deployment
        can be repeated. With RETAIN, queues and log groups would remain, and block their fixed names. Source:
        "DeletionPolicy attribute" (`RetainExceptOnCreate`), AWS CloudFormation Template Reference.
        """
        from aws_cdk import RemovalPolicy  # noqa: PLC0415 - `herald check` reads environments without the CDK

        return RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE if self.removal_policy == "retain" else RemovalPolicy.DESTROY


def check(root: Path) -> None:
    """Raise SpecError for the first fault in the environments of cdk.json; a missing file is accepted."""
    file = root / "cdk.json"
    if not file.is_file():
        return
    try:
        content = validation.table(json.loads(file.read_bytes()), "the file")
        context = validation.table(content.get("context"), "context")
    except (SpecError, ValueError) as error:
        raise SpecError(f"cdk.json: {error}") from error
    Environment.read(context)


def _architecture(given: object) -> str:
    if given not in ARCHITECTURES:
        near = nearest(str(given), ARCHITECTURES)
        raise SpecError(f"architecture is {given!r}; it must be one of {', '.join(ARCHITECTURES)}{near}")
    return str(given)
