"""Counts distinct values in bounded memory: exactly up to a limit, then as an estimate."""

from collections.abc import Iterable
from hashlib import blake2b
from math import sqrt
from typing import Final

HASHES: Final = 500_000  # for all columns together: about 50 MB
MOST: Final = 10_000
LEAST: Final = 50
HASH_BYTES: Final = 8


def limit(columns: int) -> int:
    """Return the limit of exactly counted distinct values per column."""
    return max(LEAST, min(MOST, HASHES // columns))


def error(exact: int) -> float:
    """Return the relative standard error of an estimate beyond the limit."""
    return 1 / sqrt(exact // 2 - 2)


class Distinct:
    """A sketch of the k smallest hashes. The smaller the k-th hash, the more distinct values there are.

    Source: the unbiased estimator of "On Synopses for Distinct-Value Estimation Under Multiset Operations" (Beyer et
    al., SIGMOD 2007), with a standard error of 1/√(k-2). The hash is the same in every process, so a repeated run gives
    the same result.
    """

    def __init__(self, exact: int) -> None:
        """Count up to `exact` distinct values exactly; k is half of `exact`."""
        self.is_estimate = False
        self._exact, self._k = exact, exact // 2
        self._hashes: set[bytes] = set()
        self._bar = b"\xff" * HASH_BYTES

    def add(self, values: Iterable[str]) -> None:
        """Add values."""
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
        """The number of distinct values, exact or estimated."""
        if not self.is_estimate:
            return len(self._hashes)
        kth = int.from_bytes(sorted(self._hashes)[self._k - 1])
        # At least this many were seen, even if the estimate is lower.
        return max(self._exact + 1, (self._k - 1) * 256**HASH_BYTES // kth)
