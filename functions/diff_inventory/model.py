"""The components of a CycloneDX inventory (a software bill of materials in JSON) and their versions.

Source: the CycloneDX JSON references 1.2 to 1.7. Their `components` differ only in fields that this module ignores. The
format follows Semantic Versioning: later minor versions only add fields and are accepted; other major versions are not.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import unquote

from functions.runtime.core.errors import MalformedError

SPEC_VERSION: Final = re.compile(r"1\.([2-9]|[1-9][0-9]+)")
# A package URL: its path, the version after the last `@` of the path, and its qualifiers and subpath.
PURL: Final = re.compile(r"([^?#]*?)(?:@([^@/?#]*))?([?#].*)?", re.DOTALL)
DEPTH_LIMIT: Final = 100
SHOWN: Final = 80  # characters of a value in an error message


@dataclass(frozen=True, slots=True, order=True)
class Component:
    """One component without its version; `purl` is its package URL without the version, "" if it has none."""

    type: str
    group: str
    name: str
    purl: str

    @property
    def title(self) -> str:
        """The component's name for people."""
        return f"{self.group}/{self.name}" if self.group else self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """The number of occurrences of each version of each component; a missing version is ""."""

    versions: Mapping[Component, Counter[str]] = field(default_factory=dict)


EMPTY: Final = Inventory()


def parse(content: bytes) -> Inventory:
    """Read an inventory; MalformedError if it is not one.

    The described component itself (`metadata.component`) is not part of the inventory. Nested components are.
    """
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise MalformedError("the inventory", f"is not JSON: {error}") from error
    if not isinstance(document, dict) or document.get("bomFormat") != "CycloneDX":
        raise MalformedError("bomFormat", "is not 'CycloneDX': this is not a CycloneDX inventory in JSON")
    spec_version = document.get("specVersion")
    if not (isinstance(spec_version, str) and SPEC_VERSION.fullmatch(spec_version)):
        raise MalformedError("specVersion", "is not supported; CycloneDX 1.2 and later versions 1.x are")
    versions: dict[Component, Counter[str]] = {}
    for component, version in _components(document, "", 0):
        versions.setdefault(component, Counter())[version] += 1
    return Inventory(versions=versions)


def _components(parent: Mapping[str, Any], where: str, depth: int) -> Iterator[tuple[Component, str]]:
    listed = parent.get("components", [])
    if depth > DEPTH_LIMIT:
        raise MalformedError("components", f"nest over {DEPTH_LIMIT} deep")
    if not isinstance(listed, list):
        raise MalformedError(f"{where}components", "is not a list")
    for number, each in enumerate(listed):
        here = f"{where}components[{number}]"
        if not isinstance(each, dict):
            raise MalformedError(here, "is not an object")
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
        raise MalformedError(f"{where}.{name}", f"is {type(component.get(name)).__name__}, not a text")
    return value
