"""Texts that are shortened: names for people, and keys of S3 objects.

The module uses the standard library alone, so a function's model and logic may import it.
"""

import hashlib
import re
from typing import Final

KEY_BYTES: Final = 1_024  # source: "Naming Amazon S3 objects", Amazon S3 User Guide
DIGEST_LENGTH: Final = 16
SHORTENED: Final = re.compile(rf"~[0-9a-f]{{{DIGEST_LENGTH}}}\Z")


def cut(text: str, length: int) -> str:
    """Return a text of at most `length` characters. A shortened text ends in an ellipsis."""
    return text if len(text) <= length else f"{text[: length - 1]}…"


def derived_key(key: str, suffix: str) -> str:
    """Return the key of an S3 object that is derived from another object: the other key with a suffix.

    It has at most 1,024 bytes. A key that is too long is shortened and marked with a digest, so different keys stay
    different.
    """
    # A key that looks like a shortened one is marked too. Otherwise it could collide with a shortened key.
    if len(f"{key}{suffix}".encode()) <= KEY_BYTES and not SHORTENED.search(key):
        return f"{key}{suffix}"
    mark = f"~{hashlib.sha256(key.encode()).hexdigest()[:DIGEST_LENGTH]}{suffix}"
    return key.encode()[: KEY_BYTES - len(mark)].decode(errors="ignore") + mark
