"""Loads infra/resources.toml: the resources that functions may use, by name."""

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
# The ARN of an existing resource after its partition. Source: Service Authorization Reference, the resource types of
# each service. Secrets Manager adds six characters to the name of a secret in its ARN.
ARNS: Final = {
    "bucket": "s3:::[a-z0-9][a-z0-9.-]+",
    "table": "dynamodb:[a-z0-9-]+:[0-9]{12}:table/[A-Za-z0-9_.-]+",
    "topic": "sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]+",
    "queue": "sqs:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]+",
    "secret": "secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]+-[A-Za-z0-9]{6}",
}
# The platform's commands and alarms use these.
REQUIRED: Final = ("bucket.outputs", "bucket.artifacts", "topic.notices")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformResource:
    """One resource: the storage stack creates it, or it is `existing` on AWS with that name or ARN.

    `partition_key` and `sort_key` are the names of a new table's key attributes, which are texts.
    """

    kind: str
    name: str
    existing: str | None = None
    partition_key: str | None = None
    sort_key: str | None = None

    @property
    def id(self) -> str:
        """The name in declarations."""
        return f"{self.kind}.{self.name}"

    @property
    def construct_id(self) -> str:
        """The id of its construct in the storage stack; a change would replace the resource and lose its data."""
        prefix = "" if self.kind in {"bucket", "topic"} else self.kind.capitalize()
        return prefix + naming.pascal(self.name)

    @property
    def output(self) -> str:
        """The output of the storage stack that contains the physical name."""
        return self.kind.capitalize() + naming.pascal(self.name)


@cache
def load(file: Path = FILE) -> Mapping[str, PlatformResource]:
    """Return the resources by their names in declarations; SpecError names the file, the key and the fault."""
    try:
        found = list(_read(tomllib.loads(file.read_text(encoding="utf-8"))))
        _check({each.id: each for each in found})
    except (SpecError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SpecError(f"infra/{file.name}: {error}") from error
    except OSError as error:
        raise SpecError(f"infra/{file.name} cannot be read: {error.strerror}") from error
    return {each.id: each for each in found}


def fault(name: str, *more: str) -> str:
    """Return why a name such as bucket.outputs is not a resource, with the known names; "" if it is.

    `more` are further valid names, which the file does not contain.
    """
    known = {*load(), *more}
    if name in known:
        return ""
    kind, _, its_name = name.partition(".")
    if kind not in KINDS:
        return f"is not a resource{did_you_mean(name, known)}"
    names = [each.removeprefix(f"{kind}.") for each in known if each.startswith(f"{kind}.")]
    return f"is an unknown {kind}{did_you_mean(its_name, names) or f'; infra/{FILE.name} does not declare any'}"


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
            raise SpecError(f"{name} is missing; the platform needs it")
    ids: dict[str, str] = {}
    for each in found.values():
        _check_one(each)
        other = ids.setdefault(each.construct_id, each.id)
        if other != each.id:
            raise SpecError(
                f"{each.id} and {other} would have the same construct id, {each.construct_id}; rename one of them"
            )


def _check_one(resource: PlatformResource) -> None:
    if not re.fullmatch(NAME, resource.name):
        raise SpecError(
            f"{resource.id}: a name must begin with a lowercase letter and contain only lowercase letters, digits and _"
        )
    if resource.id == OWN_SECRET.id:
        raise SpecError(f"{resource.id} is reserved for the secret of each function; choose another name")
    _check_arn(resource)
    new_table = resource.kind == "table" and not resource.existing
    if new_table and not resource.partition_key:
        raise SpecError(f"{resource.id}.partition_key is missing; a new table needs it")
    if not new_table and (resource.partition_key or resource.sort_key):
        raise SpecError(f"{resource.id}: only a new table accepts partition_key and sort_key")


def _check_arn(resource: PlatformResource) -> None:
    """Raise SpecError if `existing` is the ARN of another kind of resource; names are not checked."""
    given = resource.existing or ""
    if given.startswith(ARN) and not re.fullmatch(f"arn:[a-z-]+:{ARNS[resource.kind]}", given):
        raise SpecError(f"{resource.id}.existing: '{given}' is not the ARN of a {resource.kind}")
