"""A prefix in one of the platform's buckets, written s3:PREFIX or s3:BUCKET/PREFIX."""

from dataclasses import dataclass
from typing import Final, Self

from functions.runtime.core.suggestions import did_you_mean
from herald.errors import CommandError
from infra.declarations import resources

SCHEME: Final = "s3:"
DEFAULT: Final = "outputs"
PREFIX_BYTES: Final = 512  # half of the longest key, so that the other half is left for the rest of the key


@dataclass(frozen=True, slots=True)
class BucketPrefix:
    """A bucket, by its name in infra/resources.toml, and a prefix of keys in it.

    The first of several segments is the bucket, so that a misspelled bucket is never taken for a prefix; a single
    segment is a prefix in `outputs`.
    """

    bucket: str
    prefix: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse the text after `s3:`; CommandError: the text is invalid."""
        made = cls._read(text)
        prefix = made.prefix
        if not prefix or not prefix.isprintable() or {"*", "$"} & set(prefix) or len(prefix.encode()) > PREFIX_BYTES:
            raise CommandError(
                f"'s3:{text}' names no prefix: write s3:logs/, of at most {PREFIX_BYTES} bytes, "
                "all printable and none of them * or $"
            )
        # A key may, but `herald send` puts nothing there, and mostly it is a slip of the pen.
        slips = ["begins with '/'"] * prefix.startswith("/") + ["ends with '//'"] * prefix.endswith("//")
        if slips:
            plain = f"{prefix.strip('/') or 'logs'}{'/' * prefix.endswith('/')}"
            meant = cls(made.bucket, plain) if made.bucket != DEFAULT else cls._meant(plain)
            raise CommandError(f"'s3:{text}' {' and '.join(slips)}, and keys do not: write {meant}")
        return made

    @classmethod
    def from_option(cls, text: str) -> Self:
        """Parse the value of `--to`: a prefix in `outputs`, or `s3:` and the text for `parse`.

        CommandError: the text is invalid, or a prefix without `s3:` begins with the name of another bucket.
        """
        if text.startswith(SCHEME):
            return cls.parse(text.removeprefix(SCHEME))
        if cls._begins_with_bucket(text):
            raise CommandError(
                f"--to {text} is ambiguous, because {text.partition('/')[0]} is a bucket: write {SCHEME}{text} "
                f"for that bucket, or {SCHEME}{DEFAULT}/{text} for the prefix in the bucket {DEFAULT}"
            )
        return cls(DEFAULT, text)

    @classmethod
    def _begins_with_bucket(cls, text: str) -> bool:
        first, _, rest = text.partition("/")
        return bool(rest.strip("/")) and first in _buckets()

    @classmethod
    def _read(cls, text: str) -> Self:
        first, _, rest = text.partition("/")
        several = bool(first and rest.strip("/"))
        if several and first not in _buckets():
            near = did_you_mean(first, _buckets())
            raise CommandError(
                f"infra/resources.toml declares no bucket '{first}'{near}{'' if near.endswith('?') else '.'} "
                f"To declare it, add [bucket.{first}] to that file. "
                f"For the prefix {text} in the bucket {DEFAULT}, write s3:{DEFAULT}/{text}"
            )
        if not several and first in _buckets():
            raise CommandError(
                f"'s3:{text}' names a bucket and no prefix: write s3:{first}/<prefix>/ for objects in that bucket, "
                f"or s3:{DEFAULT}/{text} for that prefix in the bucket {DEFAULT}"
            )
        return cls(first, rest) if several else cls(DEFAULT, text)

    @classmethod
    def _meant(cls, plain: str) -> Self:
        """Return what somebody meant who wrote a slash before it, as in s3://BUCKET/PREFIX."""
        first, _, rest = plain.partition("/")
        return cls(first, rest) if rest and first in _buckets() else cls(DEFAULT, plain)

    @property
    def existing(self) -> str | None:
        """The name on AWS of a bucket that existed before Herald; None for a bucket that Herald creates."""
        return resources.load()[f"bucket.{self.bucket}"].existing

    @property
    def option(self) -> str:
        """The value of `--to` for this prefix, in its shortest form."""
        return self.prefix if self.bucket == DEFAULT and not self._begins_with_bucket(self.prefix) else str(self)

    def __str__(self) -> str:
        """Return the form that `--on` and `--to` accept."""
        first, _, rest = self.prefix.partition("/")
        short = self.bucket == DEFAULT and not rest and first not in _buckets()
        return f"{SCHEME}{self.prefix}" if short else f"{SCHEME}{self.bucket}/{self.prefix}"


def _buckets() -> set[str]:
    return {each.name for each in resources.load().values() if each.kind == "bucket"}
