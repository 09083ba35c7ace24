"""Compares two versions of a package in the order of its ecosystem."""

import re
from collections.abc import Callable
from typing import Any, Final

from univers import versions

from functions.diff_inventory import general
from functions.diff_inventory.orders import apk_key, composer_key, conda_key

# purl types with an order in univers: its class, and the pattern of valid versions. univers accepts invalid ones too.
SEMVER: Final = re.compile(r"v?\d+(?:\.\d+){0,2}(?:-[0-9a-z.-]+)?", re.IGNORECASE)
NUMBERED: Final = re.compile(r"v?\d[^\s]*", re.IGNORECASE)
SEMVER_TYPES: Final = (
    "bitbucket cargo github githubactions gitlab golang hex julia npm otp pub swift terraform vscode-extension"
)
UNIVERS: Final[dict[str, tuple[str, re.Pattern[str]]]] = {
    **dict.fromkeys(SEMVER_TYPES.split(), ("SemverVersion", SEMVER)),
    "alpm": ("ArchLinuxVersion", re.compile(r"(?:\d+:)?[a-z0-9][a-z0-9._+~-]*", re.IGNORECASE)),
    "cocoapods": ("RubygemsVersion", NUMBERED),
    "conan": ("ConanVersion", re.compile(r"[a-z0-9._+-]*\d[a-z0-9._+-]*", re.IGNORECASE)),
    "deb": ("DebianVersion", re.compile(r"(?:\d+:)?\d[a-z0-9.+~:-]*", re.IGNORECASE)),
    "gem": ("RubygemsVersion", NUMBERED),
    "maven": ("MavenVersion", NUMBERED),
    "nuget": ("NugetVersion", NUMBERED),
    "pypi": ("PypiVersion", NUMBERED),
    "rpm": ("RpmVersion", re.compile(r"(?:\d+:)?[a-z0-9][a-z0-9._+~^-]*", re.IGNORECASE)),
}
KEYS: Final[dict[str, Callable[[str], list[Any] | None]]] = {
    "apk": apk_key,
    "composer": composer_key,
    "conda": conda_key,
    "ebuild": apk_key,
}
# Types without rules, or with the rules of `general`. "" is a component without a package URL.
GENERAL: Final = frozenset({"", "bitnami", "brew", "generic", "luarocks", "nginx", "openssl", "qpkg", "vcpkg", "yocto"})
NOT_NUMBERS: Final = frozenset({"cpan"})  # Perl's 1.10 equals 1.100 and is older than 1.9
EPOCHS: Final = frozenset({"alpm", "deb", "rpm"})
# Python's int refuses over 4,300 digits. Longer numbers are replaced by short ones in the same order.
LONG_DIGITS: Final = 50
LONG: Final = re.compile(rf"[0-9]{{{LONG_DIGITS},}}")
LONGEST: Final = 256
GEM_PLATFORM: Final = re.compile(r"-(?:x86|x64|arm|aarch|java|jruby|universal|mswin|mingw).*")
GO_PRERELEASE: Final = re.compile(r"(?:go)?(\d+\.\d+)(rc|beta)(\d+)")


def with_epoch(purl_type: str, version: str, epoch: str) -> str:
    """Return a version with the epoch of its package URL. Epoch 0 equals no epoch."""
    if purl_type not in EPOCHS:
        return version
    if epoch.isdecimal() and ":" not in version:
        version = f"{epoch}:{version}"
    return re.sub(r"\A0+:", "", version)


def compare(purl_type: str, one: str, other: str) -> int | None:
    """Return -1, 0 or 1 if `one` is older than, equal to or newer than `other`; None if they have no order."""
    if not (one and other):
        return (one > other) - (one < other)  # a missing version is older than any other
    if purl_type in GENERAL:
        return general.compare(one, other)
    one, other = _shortened(one, other)
    if max(len(one), len(other)) > LONGEST:
        return None
    found = _compare_keys(KEYS[purl_type], one, other) if purl_type in KEYS else _ask_univers(purl_type, one, other)
    return general.compare_numbers(one, other) if found is None and purl_type not in NOT_NUMBERS else found


def _compare_keys(key: Callable[[str], list[Any] | None], one: str, other: str) -> int | None:
    left, right = key(one), key(other)
    return None if left is None or right is None else (left > right) - (left < right)


def _ask_univers(purl_type: str, one: str, other: str) -> int | None:
    name, form = UNIVERS.get(purl_type, ("", None))
    if form is None:
        return None
    if form is SEMVER:
        one, _, build = _semver(one).partition("+")
        other, _, other_build = _semver(other).partition("+")
        if purl_type == "pub" and one == other and build != other_build:
            return _compare_builds(build, other_build)
    if purl_type == "gem":
        one, other = GEM_PLATFORM.sub("", one), GEM_PLATFORM.sub("", other)
    if not (form.fullmatch(one) and form.fullmatch(other)):
        return None
    return _by_class(name, one, other)


def _by_class(name: str, one: str, other: str) -> int | None:
    known = getattr(versions, name)
    try:
        left, right = known(one), known(other)
        return -1 if left < right else int(left > right)
    except (
        ValueError,
        TypeError,
        AttributeError,
        LookupError,
        RecursionError,
    ):  # the version breaks the rules of its ecosystem
        return None


def _semver(version: str) -> str:
    """Return a version in the form of Semantic Versioning. Go's own releases are written as go1.21rc2."""
    return GO_PRERELEASE.sub(r"\1.0-\2.\3", version).removeprefix("go")


def _compare_builds(one: str, other: str) -> int | None:
    """Compare build metadata. Dart's pub orders it like pre-releases in Semantic Versioning."""
    if not (one and other):
        return bool(one) - bool(other)
    return _by_class("SemverVersion", f"0.0.0-{one}", f"0.0.0-{other}")


def _shortened(one: str, other: str) -> tuple[str, str]:
    """Return two versions in the same order with numbers of at most 51 digits."""
    found = {general.number(digits) for digits in LONG.findall(f"{one} {other}")}
    ranks = {key: str(10**LONG_DIGITS + rank) for rank, key in enumerate(sorted(found)) if key[0] >= LONG_DIGITS}

    def short(match: re.Match[str]) -> str:
        key = general.number(match[0])
        return ranks.get(key) or key[1] or "0"

    return LONG.sub(short, one), LONG.sub(short, other)
