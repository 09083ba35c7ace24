"""How many distinct values there are, in memory that is bounded: exactly while they are few, then by an estimate."""

from collections.abc import Iterable
from hashlib import blake2b
from math import sqrt
from typing import Final

HASHES: Final = 500_000  # of all columns together: about 50 MB
MOST: Final = 10_000
LEAST: Final = 50
HASH_BYTES: Final = 8


def limit(columns: int) -> int:
    """Return up to how many distinct values are counted exactly in each of so many columns."""
    return max(LEAST, min(MOST, HASHES // columns))


def error(exact: int) -> float:
    """Return the relative standard error of an estimate made beyond that limit."""
    return 1 / sqrt(exact // 2 - 2)


class Distinct:
    """A sketch of the k least hashes: where they lie close together, there are many.

    Source: "On Synopses for Distinct-Value Estimation Under Multiset Operations" (Beyer et al., SIGMOD 2007), whose
    unbiased estimator this is, with a standard error of 1/√(k-2). The hash is the same in every process, so that a
    repeated run says the same.
    """

    def __init__(self, exact: int) -> None:
        """Be exact up to a number of distinct values; k is half of it."""
        self.is_estimate = False
        self._exact, self._k = exact, exact // 2
        self._hashes: set[bytes] = set()
        self._bar = b"\xff" * HASH_BYTES

    def add(self, values: Iterable[str]) -> None:
        """Take values in."""
        bar = self._bar
        self._hashes.update(
            digest for value in values if (digest := blake2b(value.encode(), digest_size=HASH_BYTES).digest()) <= bar
        )
        if len(self._hashes) > self._exact:
            self.is_estimate = True
            self._hashes = set(sorted(self._hashes)[: self._k])
            self._bar = max(self._hashes)

    @property
    def count(self) -> int:
        """The number of distinct values, or an estimate of it."""
        if not self.is_estimate:
            return len(self._hashes)
        kth = int.from_bytes(sorted(self._hashes)[self._k - 1])
        # More than these were seen, whatever the estimate says.
        return max(self._exact + 1, (self._k - 1) * 256**HASH_BYTES // kth)
