"""The order of versions without an ecosystem's rules: numbers are numbers, words have their usual meaning."""

import re
from typing import Final

type Part = tuple[int, int, str]  # rank, digits of a number, number or word

PARTS: Final = re.compile(r"[0-9]+|[a-z]+|~")
PLAIN: Final = re.compile(r"v?[0-9]+(?:[.-][0-9]+)*", re.IGNORECASE)
# A commit or a digest has no order. It contains a letter: digits alone are a date or a build number.
HASH: Final = re.compile(r"(?:[a-z0-9]+[:-])?(?=[0-9]*[a-f])[0-9a-f]{7,}", re.IGNORECASE)
NUMBER: Final = 1
WORD: Final = 0
LETTERS: Final = 2  # letters of a patch: OpenSSL's 1.0.2z is followed by 1.0.2za
END: Final[Part] = (-1, 0, "")
# Words before a release, the earliest first. SemVer, PEP 440 and Maven use the same ones.
BEFORE_RELEASE: Final = {
    word: rank
    for rank, words in enumerate(
        (
            ("~",),
            ("dev", "nightly"),
            ("alpha", "a"),
            ("beta", "b"),
            ("milestone", "m"),
            ("pre", "preview", "rc", "cr", "c", "snapshot"),
        ),
        start=-7,
    )
    for word in words
}
AFTER_RELEASE: Final = frozenset({"build", "hotfix", "patch", "pl", "post", "rev", "sp", "update"})


def version_key(version: str) -> tuple[bool, list[Part], str]:
    """Return a sort key. A missing version is the lowest, and equal versions are sorted by their text."""
    return bool(version), _parts(version), version


def compare(one: str, other: str) -> int | None:
    """Return -1, 0 or 1 if `one` is older than, equal to or newer than `other`; None if they have no order.

    Commits and digests have no order, nor have versions that first differ in an unknown word.
    """
    if HASH.fullmatch(one) or HASH.fullmatch(other):
        return None
    for left, right in zip(_parts(one), _parts(other), strict=False):
        if left != right:
            return None if _unknown(left) or _unknown(right) else (left > right) - (left < right)
    return 0


def compare_numbers(one: str, other: str) -> int | None:
    """Return the order of two purely numeric versions, which is the same in all ecosystems; None for others."""
    return compare(one, other) if PLAIN.fullmatch(one) and PLAIN.fullmatch(other) else None


def number(digits: str) -> tuple[int, str]:
    """Return a sort key for numbers of any length. Python's int refuses more than 4,300 digits."""
    significant = digits.lstrip("0")
    return len(significant), significant


def _parts(version: str) -> list[Part]:
    release, _, build = version.lower().removeprefix("v").partition("+")
    return [*_ranked(release), *_ranked(build)]


def _ranked(text: str) -> list[Part]:
    """Rank each part. The end of a version ranks after words before a release, and before all other parts."""
    ranked, following = [END], ""
    for part in reversed(PARTS.findall(text)):
        length, significant = number(part)
        if not part.isdecimal():
            # 1.0a1 is an alpha version, but 1.0.2a is a patch of 1.0.2.
            lone = len(part) == 1 and part != "~" and not following.isdecimal()
            ranked.append((WORD if lone else BEFORE_RELEASE.get(part, WORD), 0, part))
        elif length or ranked[-1][0] == NUMBER:  # 1.0 is 1, and 1.0-rc is 1-rc
            ranked.append((NUMBER, length, significant))
        following = part
    return ranked[::-1]


def _unknown(part: Part) -> bool:
    rank, _, word = part
    return rank == WORD and len(word) > LETTERS and word not in AFTER_RELEASE
