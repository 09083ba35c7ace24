"""The address of an S3 bucket or object as one text, which is the subject of its events."""

from dataclasses import dataclass
from typing import Final, Self

SCHEME: Final = "s3://"


@dataclass(frozen=True, slots=True)
class S3Uri:
    """`s3://bucket/key`, or `s3://bucket` where `key` is empty; the key is not percent-encoded."""

    bucket: str
    key: str = ""

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Return the address in a text; None if the text does not begin with `s3://`."""
        if not text.startswith(SCHEME):
            return None
        bucket, _, key = text.removeprefix(SCHEME).partition("/")
        return cls(bucket, key)

    def __str__(self) -> str:
        """Return the address as text."""
        return f"{SCHEME}{self.bucket}/{self.key}" if self.key else f"{SCHEME}{self.bucket}"
