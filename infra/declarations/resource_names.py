"""Names of resources in declarations: references such as `bucket.outputs/reports/*`, and `${…}` placeholders."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

from infra.declarations.field_rules import SpecError

KINDS: Final = ("bucket", "table", "topic", "queue", "secret")
NAME: Final = "[a-z][a-z0-9_]*"
PLACEHOLDER: Final = re.compile(r"\$\{([^}]*)\}")


def reference_pattern(kinds: Sequence[str]) -> str:
    """Return the regular expression of references to resources of some kinds."""
    return rf"({'|'.join(kinds)})\.{NAME}(/[^*]*\*?)?"


REFERENCE: Final = re.compile(reference_pattern(KINDS))


@dataclass(frozen=True, slots=True)
class Resource:
    """A reference to a resource of infra/resources.toml: `bucket.outputs/reports/*` or `topic.notices`."""

    kind: str
    name: str
    path: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse a reference; raise SpecError if it is invalid."""
        if not REFERENCE.fullmatch(text):
            raise SpecError(
                f"{text!r} is not a resource: write bucket.<name>/<prefix>* or {'.<name>, '.join(KINDS[1:])}.<name>"
            )
        resource, _, path = text.partition("/")
        kind, _, name = resource.partition(".")
        if (kind == "bucket") != bool(path):
            raise SpecError(
                f"{text!r}: a bucket needs a path (bucket.{name}/<prefix>*); other resources do not have one"
            )
        return cls(kind, name, path)

    @property
    def id(self) -> str:
        """The reference without its path."""
        return f"{self.kind}.{self.name}"

    def __str__(self) -> str:
        """Return the reference as a declaration writes it."""
        return f"{self.id}/{self.path}" if self.path else self.id


OWN_SECRET: Final = Resource("secret", "own")  # the secret that a function's stack creates for this function alone


def placeholders(value: object) -> Iterator[str]:
    """Yield the name in each `${…}` of a pattern, a sample or a text."""
    if isinstance(value, str):
        yield from PLACEHOLDER.findall(value)
    elif isinstance(value, dict):
        for each in value.values():
            yield from placeholders(each)
    elif isinstance(value, list):
        for each in value:
            yield from placeholders(each)


def resolve(value: Any, names: Mapping[str, str]) -> Any:  # noqa: ANN401 - patterns and samples are JSON of any shape
    """Return a pattern or a sample with every `${resource}` replaced by its physical name."""
    if isinstance(value, str):
        return PLACEHOLDER.sub(lambda match: names[match[1]], value)
    if isinstance(value, dict):
        return {key: resolve(each, names) for key, each in value.items()}
    if isinstance(value, list):
        return [resolve(each, names) for each in value]
    return value
