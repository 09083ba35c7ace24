"""Orders of versions that univers lacks or implements differently from the ecosystem."""

import re
from typing import Any, Final

from functions.diff_inventory.general import number

# apk(5), and the Package Manager Specification of Gentoo, section "Version Comparison": equal except for the suffixes.
APK: Final = re.compile(r"(\d+)((?:\.\d+)*)([a-z]?)((?:_[a-z]+\d*)*)(?:~[0-9a-f]+)?(?:-r(\d+))?")
APK_SUFFIX: Final = re.compile(r"_([a-z]+)(\d*)")
APK_RANKS: Final = {
    suffix: rank
    for rank, suffix in enumerate(("alpha", "beta", "pre", "rc", "", "cvs", "svn", "git", "hg", "p"), start=-4)
}
# Composer's VersionParser::normalize and PHP's version_compare. A branch, such as dev-main or 1.0.x-dev, has no order.
COMPOSER: Final = re.compile(
    r"v?(\d+)((?:\.\d+){0,3})(?:[._-]?(stable|beta|b|rc|alpha|a|patch|pl|p)((?:[.-]?\d+)*))?([.-]?dev)?(?:\+.*)?",
    re.IGNORECASE,
)
COMPOSER_DEV: Final = -4
COMPOSER_RANKS: Final = {
    **dict.fromkeys(("a", "alpha"), -3),
    **dict.fromkeys(("b", "beta"), -2),
    "rc": -1,
    **dict.fromkeys(("", "stable"), 0),
    **dict.fromkeys(("p", "pl", "patch"), 1),
}
# conda's documentation, "Package match specifications", and VersionOrder in conda.models.version.
CONDA: Final = re.compile(r"(?:(\d+)!)?(\d[a-z0-9._-]*)(?:\+([a-z0-9._-]+))?", re.IGNORECASE)
CONDA_MOST: Final = 16  # parts of a version, and of a part
CONDA_TOKEN: Final = re.compile(r"\d+|[a-z]+")
NUMBERS: Final = re.compile(r"\d+")
# Each number of a version is a tuple, so that the longer version is the newer one.
ZERO: Final = number("")


def apk_key(version: str) -> list[Any] | None:
    """Return the sort key of a version of Alpine Linux or Gentoo, None if it is invalid."""
    found = APK.fullmatch(version)
    if not found:
        return None
    suffixes = APK_SUFFIX.findall(found[4])
    if any(name not in APK_RANKS for name, _ in suffixes):
        return None
    # A component that begins with 0 is a fraction, as in 1.02. It is lower than all others, and compared as text.
    rest = [(0, (0, each.rstrip("0"))) if each[0] == "0" else (1, number(each)) for each in NUMBERS.findall(found[2])]
    ranked = [(APK_RANKS[name], number(digits)) for name, digits in suffixes]
    return [number(found[1]), rest, found[3], [*ranked, (0, ZERO)], number(found[5] or "")]


def composer_key(version: str) -> list[Any] | None:
    """Return the sort key of a version of Composer, None if it is invalid."""
    found = COMPOSER.fullmatch(version)
    if not found:
        return None
    numbers = [number(each) for each in NUMBERS.findall(found[1] + found[2])]
    tail = [number(each) for each in NUMBERS.findall(found[4] or "")]
    # 1.0.0-dev is before 1.0.0-alpha1, and 1.0.0-beta1-dev is before 1.0.0-beta1.
    rank = COMPOSER_DEV if found[5] and not found[3] else COMPOSER_RANKS[(found[3] or "").lower()]
    return [*numbers, *[ZERO] * (4 - len(numbers)), rank, [*tail, ZERO], not found[5]]


def conda_key(version: str) -> list[Any] | None:
    """Return the sort key of a version of conda, None if it is invalid."""
    found = CONDA.fullmatch(version.lower())
    if not found:
        return None
    parts = [[_conda_token(token) for token in _conda_tokens(each)] for each in re.split(r"[._-]", found[2])]
    local = [[_conda_token(token) for token in _conda_tokens(each)] for each in re.split(r"[._-]", found[3] or "")]
    if max(len(parts), len(local), *map(len, parts), *map(len, local)) > CONDA_MOST:
        return None
    return [number(found[1] or ""), *_conda_filled(parts), *_conda_filled(local)]


def _conda_tokens(component: str) -> list[str]:
    tokens = CONDA_TOKEN.findall(component)
    return ["0", *tokens] if tokens and tokens[0].isalpha() else tokens


def _conda_token(token: str) -> tuple[int, Any]:
    """Return the rank of a token: dev, then words, then numbers, then post."""
    if token.isdecimal():
        return 1, number(token)
    return {"dev": (-1, ZERO), "post": (2, ZERO)}.get(token, (0, token))


def _conda_filled(parts: list[list[tuple[int, Any]]]) -> list[list[tuple[int, Any]]]:
    """Return the parts, padded with 0 to the maximum length."""
    padded = [*parts, *[[]] * (CONDA_MOST - len(parts))]
    return [[*part, *[(1, ZERO)] * (CONDA_MOST - len(part))] for part in padded]
