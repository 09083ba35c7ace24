"""What a CycloneDX inventory (a software bill of materials in JSON) says: which components, in which versions.

Source: the CycloneDX JSON references 1.2 to 1.7, whose `components` differ in fields that are not read here. The format
follows Semantic Versioning: a later minor version may only add fields, so it is read; another major version is not.
"""

import json
import re
import reprlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import unquote

SPEC_VERSION: Final = re.compile(r"1\.([2-9]|[1-9][0-9]+)")
# A package URL: its path, the version after the last `@` of the path, and its qualifiers and subpath.
PURL: Final = re.compile(r"([^?#]*?)(?:@([^@/?#]*))?([?#].*)?", re.DOTALL)
DEPTH_LIMIT: Final = 100


class MalformedInventoryError(ValueError):
    """The content is no CycloneDX inventory of a known version; the message says what is wrong, and where."""


@dataclass(frozen=True, slots=True, order=True)
class Component:
    """One component, whatever its version: `purl` is its package URL without the version, "" where it has none."""

    type: str
    group: str
    name: str
    purl: str

    @property
    def title(self) -> str:
        """The name by which people know it."""
        return f"{self.group}/{self.name}" if self.group else self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """How often each version of each component is there; the version is "" where the inventory gives none."""

    versions: Mapping[Component, Counter[str]] = field(default_factory=dict)


EMPTY: Final = Inventory()


def parse(content: bytes) -> Inventory:
    """Read an inventory; MalformedInventoryError says what is wrong with it.

    The component that the inventory is about (`metadata.component`) is not part of it; components inside of components
    are.
    """
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise MalformedInventoryError(f"the inventory is not JSON: {error}") from error
    if not isinstance(document, dict) or document.get("bomFormat") != "CycloneDX":
        raise MalformedInventoryError("bomFormat is not 'CycloneDX': this is no CycloneDX inventory in JSON")
    spec_version = document.get("specVersion")
    if not (isinstance(spec_version, str) and SPEC_VERSION.fullmatch(spec_version)):
        raise MalformedInventoryError(
            f"specVersion is {_short(spec_version)}; CycloneDX 1.2 and later versions 1.x are read"
        )
    versions: dict[Component, Counter[str]] = {}
    for component, version in _components(document, "", 0):
        versions.setdefault(component, Counter())[version] += 1
    return Inventory(versions=versions)


def _components(parent: Mapping[str, Any], where: str, depth: int) -> Iterator[tuple[Component, str]]:
    listed = parent.get("components", [])
    if not isinstance(listed, list) or depth > DEPTH_LIMIT:
        raise MalformedInventoryError(
            f"{where}components is not a list" if depth <= DEPTH_LIMIT else f"components nest over {DEPTH_LIMIT} deep"
        )
    for number, each in enumerate(listed):
        here = f"{where}components[{number}]"
        if not isinstance(each, dict):
            raise MalformedInventoryError(f"{here} is not an object")
        purl, purl_version = _split(_text(each, "purl", here))
        component = Component(
            _text(each, "type", here, needed=True),
            _text(each, "group", here),
            _text(each, "name", here, needed=True),
            purl,
        )
        yield component, _text(each, "version", here) or purl_version
        yield from _components(each, f"{here}.", depth + 1)


def _split(purl: str) -> tuple[str, str]:
    """Return a package URL without its version, and the version."""
    found = PURL.fullmatch(purl)
    path, version, rest = found.groups("") if found else (purl, "", "")
    return path + rest, unquote(version)


def _text(component: Mapping[str, Any], name: str, where: str, *, needed: bool = False) -> str:
    value = component.get(name) or ""
    if not isinstance(value, str) or (needed and not value):
        raise MalformedInventoryError(f"{where}.{name} is {_short(component.get(name))}, not a text")
    return value


def _short(value: object) -> str:
    text = reprlib.repr(value)  # repr would print all that the document nests there
    return text if len(text) <= 80 else f"{text[:79]}…"  # noqa: PLR2004 - as much as a sentence bears
