"""The package of a component: its package URL, normalized and without the version.

Source: the types of the Package URL specification (ECMA-427). packageurl-python normalizes most names.
"""

import re
from dataclasses import dataclass
from typing import Final

from packageurl import PackageURL

from functions.diff_inventory.model import Component

# Qualifiers of a version, a build, a file or a location. They do not identify the package.
VOLATILE: Final = frozenset(
    {
        "build",
        "checksum",
        "checksums",
        "commit",
        "date",
        "digest",
        "distro",
        "distro_version",
        "download_url",
        "epoch",
        "file_name",
        "filename",
        "hash",
        "integrity",
        "layer_version",
        "md5",
        "modularitylabel",
        "prev",
        "release",
        "resolved",
        "rev",
        "revision",
        "rpmmod",
        "rrev",
        "sha1",
        "sha256",
        "sha512",
        "source_url",
        "sourcerpm",
        "tag",
        "tag_id",
        "tag_version",
        "upstream",
        "upstream_version",
        "url",
        "vcs_ref",
        "vcs_revision",
        "vcs_url",
        "version",
    }
)
# Case-insensitive in the specification, but packageurl-python does not convert them.
LOWER_NAMESPACE: Final = frozenset({"deb", "golang", "npm", "rpm", "vscode-extension"})
LOWER_NAME: Final = frozenset({"deb", "golang", "nuget", "vscode-extension"})
PYPI_SEPARATORS: Final = re.compile(r"[-_.]+")
SEPARATOR: Final = "\0"
MIN_VERSION_LENGTH: Final = 3  # a shorter version can be part of other values by chance, as 86 in x86_64


@dataclass(frozen=True, slots=True)
class Package:
    """The key of a package, equal for all its versions, its purl type ("" without a purl), and its epoch."""

    key: str
    type: str = ""
    epoch: str = ""


def package_of(component: Component, version: str) -> Package:
    """Return the package of a component with a purl. An invalid purl is its own key."""
    plain = Package(component.purl)
    try:
        purl = PackageURL.from_string(component.purl.replace("/@", "/%40"))
    except ValueError:
        return plain
    namespace, name = purl.namespace or "", purl.name
    if purl.type in LOWER_NAMESPACE:
        namespace = namespace.lower()
    if purl.type in LOWER_NAME:
        name = name.lower()
    if purl.type == "pypi":
        name = PYPI_SEPARATORS.sub("-", name)
    qualifiers = purl.qualifiers if isinstance(purl.qualifiers, dict) else {}
    kept = sorted(f"{key}={value}" for key, value in qualifiers.items() if not _is_volatile(key, value, version))
    key = SEPARATOR.join((purl.type, namespace, name, *kept, purl.subpath or ""))
    return Package(key, purl.type, qualifiers.get("epoch", ""))


def _is_volatile(key: str, value: str, version: str) -> bool:
    return key in VOLATILE or (len(version) >= MIN_VERSION_LENGTH and "." in version and version in value)
