"""Guesses the physical names of resources from the texts of an event, without a request to AWS.

CloudFormation generates names of buckets from the stack and the construct, such as
`herald-dev-storage-outputs1f2e3d4c-abc`. Source: "Name type", AWS CloudFormation User Guide.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from infra.declarations import resources
from infra.declarations.resource_names import PLACEHOLDER, placeholders, resolve
from infra.declarations.resources import PlatformResource

PARTS: Final = re.compile(r"[:/]")
GENERATED: Final = "([0-9a-f]{0,8}(-[a-z0-9]*)?)?"  # CDK's hash of the construct, then CloudFormation's random end


def guessed(event: Any, patterns: Any) -> dict[str, str]:  # noqa: ANN401 - JSON
    """Return for each resource in the patterns, such as `bucket.outputs`, its name, or the text of the event like it.

    A resource without such a text is left out. If there are several texts, the longest is taken.
    """
    parts = {part for text in _texts(event) for part in PARTS.split(text) if not PLACEHOLDER.search(part)}
    found = {}
    for name in set(placeholders(patterns)):
        resource = resources.load()[name]
        like = [resource.existing.rpartition(":")[2]] if resource.existing else _like(resource, parts)
        if like:
            found[name] = max(like, key=len)
    return found


def resolved(wanted: Any, names: dict[str, str]) -> Any:  # noqa: ANN401 - JSON
    """Return a pattern with the known names; the placeholders of other resources stay."""
    return resolve(wanted, {name: names.get(name, f"${{{name}}}") for name in placeholders(wanted)})


def _like(resource: PlatformResource, parts: set[str]) -> list[str]:
    """Return the texts that end in the name of a resource, before a generated end."""
    name = resource.name.replace("_", "[-_]?")
    like = re.compile(rf"(.*[.-])?{name}{GENERATED}", re.IGNORECASE)
    return [part for part in sorted(parts) if like.fullmatch(part)]


def _texts(value: Any) -> Iterator[str]:  # noqa: ANN401 - JSON
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
