"""A Bloom filter of subjects as text, short enough for the key of an S3 object.

The text is the version of the format, followed by the bits in base64url. Ten bits per subject and seven hash functions
give about one false positive in 120 and no false negative. A filter of another version excludes nothing.
"""

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Collection, Iterator
from functools import lru_cache
from typing import Final

# It changes with the bits, the hash, or the subjects that the envelopes derive. A reader may be newer than the writer.
VERSION: Final = "1"
BITS_PER_SUBJECT: Final = 10
HASHES: Final = 7
STEP_BYTES: Final = 3  # base64 encodes a multiple of three bytes without padding


def make(subjects: Collection[str]) -> str:
    """Return the filter of distinct subjects."""
    size = -(-len(subjects) * BITS_PER_SUBJECT // (8 * STEP_BYTES)) * STEP_BYTES
    bits = bytearray(size)
    for subject in subjects:
        for position in _positions(subject, size):
            bits[position >> 3] |= 1 << (position & 7)
    return VERSION + urlsafe_b64encode(bits).decode()


def excludes(text: str, subject: str) -> bool:
    """Return whether a subject is certainly not in the filter."""
    if not text.startswith(VERSION) or len(text) == len(VERSION):
        return False
    try:
        bits = urlsafe_b64decode(text.removeprefix(VERSION))
        return not all(bits[position >> 3] & 1 << (position & 7) for position in _positions(subject, len(bits)))
    except ValueError:  # not base64url, or half a surrogate pair in the subject
        return False


def _positions(subject: str, size: int) -> Iterator[int]:
    return (value % (size * 8) for value in _hashes(subject))


@lru_cache(maxsize=1)  # a reader asks thousands of filters for the same subject
def _hashes(subject: str) -> tuple[int, ...]:
    digest = hashlib.sha256(subject.encode()).digest()
    return tuple(int.from_bytes(digest[4 * n : 4 * n + 4]) for n in range(HASHES))
