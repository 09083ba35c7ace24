"""The reference of the environments in cdk.json, from the dataclass that reads them."""

from collections.abc import Iterator
from dataclasses import fields
from typing import Any, Final

from herald.reference.markdown import page as markdown
from herald.reference.markdown import prose, table
from infra.constructs.environment import ARCHITECTURES, Environment
from infra.declarations.producers import Producer
from infra.declarations.schema import descriptions

INTRODUCTION: Final = f"""
`context.environments` of `cdk.json` has a table for each environment. `cdk deploy -c env=prod` chooses one; `dev` is
chosen otherwise. A name is 1 to 16 lower-case letters and digits and begins with a letter. All keys are required except
`producers`. `-c architecture=` is {" or ".join(ARCHITECTURES)}. `herald check` validates all environments.
"""
GIVEN: Final = frozenset({"name", "architecture"})  # they are no keys of an environment


def page() -> str:
    """Return the page."""
    parts = [table(("Key", "Allowed", "Description"), _rows(Environment))]
    parts += ["## `producers`", prose(Producer.__doc__), table(("Key", "Allowed", "Description"), _rows(Producer))]
    return markdown("Environments in cdk.json", INTRODUCTION, *parts)


def _rows(kind: type) -> Iterator[tuple[str, str, str]]:
    described = descriptions(kind)
    for field in fields(kind):
        if field.name not in GIVEN:
            yield f"`{field.name}`", _allowed(field.metadata, field.type), described.get(field.name, "")


def _allowed(rules: Any, kind: Any) -> str:  # noqa: ANN401 - a mapping and a type
    if "one_of" in rules:
        return ", ".join(f"`{value}`" for value in rules["one_of"])
    if "least" in rules:
        return f"a whole number from {rules['least']:,} to {rules['most']:,}"
    return f"`{kind}`" if isinstance(kind, str) else f"`{getattr(kind, '__name__', kind)}`"
