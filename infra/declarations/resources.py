"""The platform's resources, by name: infra/resources.toml, which the platform team owns."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from functions.runtime.core.suggestions import did_you_mean
from infra.declarations import naming, validation
from infra.declarations.field_rules import SpecError
from infra.declarations.resource_names import KINDS, NAME, OWN_SECRET

FILE: Final = Path(__file__).parents[1] / "resources.toml"
ARN: Final = "arn:"
# What an existing resource's ARN says after its partition. Source: Service Authorization Reference, the resource types
# of each service; the ARN of a secret ends in six characters that Secrets Manager adds to the name.
ARNS: Final = {
    "bucket": "s3:::[a-z0-9][a-z0-9.-]+",
    "table": "dynamodb:[a-z0-9-]+:[0-9]{12}:table/[A-Za-z0-9_.-]+",
    "topic": "sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]+",
    "queue": "sqs:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]+",
    "secret": "secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]+-[A-Za-z0-9]{6}",
}
# The platform's own commands and alarms use these.
REQUIRED: Final = ("bucket.outputs", "bucket.artifacts", "topic.notices")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformResource:
    """One resource: made by the storage stack, or `existing` under that name (or ARN) on AWS.

    `partition_key` and `sort_key` are the texts by which a new table finds its items.
    """

    kind: str
    name: str
    existing: str | None = None
    partition_key: str | None = None
    sort_key: str | None = None

    @property
    def id(self) -> str:
        """What declarations call it."""
        return f"{self.kind}.{self.name}"

    @property
    def construct_id(self) -> str:
        """The id of its construct in the storage stack; a change of it would replace what holds data."""
        prefix = "" if self.kind in {"bucket", "topic"} else self.kind.capitalize()
        return prefix + naming.pascal(self.name)

    @property
    def output(self) -> str:
        """The output of the storage stack that says what it is called on AWS."""
        return self.kind.capitalize() + naming.pascal(self.name)


@cache
def load(file: Path = FILE) -> Mapping[str, PlatformResource]:
    """Return the resources by what declarations call them; SpecError names the file, the key and what is wrong."""
    try:
        found = list(_read(tomllib.loads(file.read_text(encoding="utf-8"))))
        _check({each.id: each for each in found})
    except (SpecError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SpecError(f"infra/{file.name}: {error}") from error
    except OSError as error:
        raise SpecError(f"infra/{file.name} cannot be read: {error.strerror}") from error
    return {each.id: each for each in found}


def fault(name: str, *more: str) -> str:
    """Return why a name such as bucket.outputs is no resource's, and of its kind what is; nothing where it is one.

    `more` are names that the file does not have.
    """
    known = {*load(), *more}
    if name in known:
        return ""
    kind, _, its_name = name.partition(".")
    if kind not in KINDS:
        return f"is not a resource{did_you_mean(name, known)}"
    names = [each.removeprefix(f"{kind}.") for each in known if each.startswith(f"{kind}.")]
    return f"is an unknown {kind}{did_you_mean(its_name, names) or f'; infra/{FILE.name} has none'}"


def _read(tables: Mapping[str, Any]) -> Iterator[PlatformResource]:
    for kind, named in tables.items():
        if kind not in KINDS:
            raise SpecError(f"unknown kind '{kind}'{did_you_mean(kind, KINDS)}")
        for name, table in validation.table(named, kind).items():
            where = f"{kind}.{name}"
            yield validation.read(PlatformResource, validation.table(table, where), where, kind=kind, name=name)


def _check(found: Mapping[str, PlatformResource]) -> None:
    for name in REQUIRED:
        if name not in found:
            raise SpecError(f"{name} is missing: the platform itself needs it")
    ids: dict[str, str] = {}
    for each in found.values():
        _check_one(each)
        other = ids.setdefault(each.construct_id, each.id)
        if other != each.id:
            raise SpecError(f"{each.id} and {other} would have one id, {each.construct_id}: rename one")


def _check_one(resource: PlatformResource) -> None:
    if not re.fullmatch(NAME, resource.name):
        raise SpecError(f"{resource.id}: a name has lower-case letters, digits and _")
    if resource.id == OWN_SECRET.id:
        raise SpecError(f"{resource.id} is what each function calls a secret of its own: name this one otherwise")
    _check_arn(resource)
    new_table = resource.kind == "table" and not resource.existing
    if new_table and not resource.partition_key:
        raise SpecError(f"{resource.id}.partition_key is missing: a new table needs the name of its key")
    if not new_table and (resource.partition_key or resource.sort_key):
        raise SpecError(f"{resource.id}: only a new table has keys to name")


def _check_arn(resource: PlatformResource) -> None:
    """Raise SpecError for an ARN that is no resource of its kind; a name is not checked."""
    given = resource.existing or ""
    if given.startswith(ARN) and not re.fullmatch(f"arn:[a-z-]+:{ARNS[resource.kind]}", given):
        raise SpecError(f"{resource.id}.existing: '{given}' is not the ARN of a {resource.kind}")
