"""Short names of objects: `outputs/reports/a.xml` instead of `s3://<generated name of the bucket>/reports/a.xml`.

The short name of a bucket is its name in infra/resources.toml. Commands accept it, and answers show it; `--json` and
`--verbose` have the physical names. Answers show the ARN of a topic as `topic.notices`.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, Self

from functions.runtime.core.s3_uri import SCHEME, S3Uri
from herald.deployment.deployment import Deployment
from infra.declarations import naming

BUCKET: Final = "bucket."
TOPIC: Final = "topic."
# A name that is part of a longer name, of a path or of an ARN stays as it is.
BEFORE: Final = r"(?<![A-Za-z0-9.:/-])"
AFTER: Final = r"(?![A-Za-z0-9-])"


@dataclass(frozen=True)
class ShortNames:
    """The physical names of an environment's buckets, by their short names; `topics` are the names of ARNs."""

    buckets: Mapping[str, str]
    environment: str
    topics: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, deployment: Deployment) -> Self:
        """Return the short names of the buckets that are deployed."""
        names = deployment.names
        buckets = {name.removeprefix(BUCKET): each for name, each in names.items() if name.startswith(BUCKET)}
        topics = {each: name for name, each in names.items() if name.startswith(TOPIC)}
        return cls(buckets, deployment.environment, topics)

    def full(self, subject: str) -> str:
        """Return the subject that a short subject stands for; any other text is returned unchanged."""
        uri = S3Uri.parse(subject)
        if uri and uri.bucket in self._names:
            return subject
        bucket, slash, key = subject.removeprefix(SCHEME).partition("/")
        if bucket not in self.buckets or not (uri or slash):
            return subject
        return str(S3Uri(self.buckets[bucket], key))

    def short(self, subject: str) -> str:
        """Return a subject with the short name of its bucket, which `full` reads."""
        uri = S3Uri.parse(subject)
        name = self._names.get(uri.bucket) if uri else None
        if not uri or not name:
            return self.topics.get(subject, subject)
        return f"{name}/{uri.key}" if uri.key else f"{SCHEME}{name}"

    def with_short(self, value: Any) -> Any:  # noqa: ANN401 - an answer, which is JSON of any shape
        """Return an answer with the short name beside each subject, as `short_subject`."""
        if isinstance(value, dict):
            subject = value.get("subject")
            more = {"short_subject": self.short(subject)} if isinstance(subject, str) else {}
            return {name: self.with_short(each) for name, each in value.items()} | more
        return [self.with_short(each) for each in value] if isinstance(value, list) else value

    def shorten(self, value: Any) -> Any:  # noqa: ANN401 - an answer, which is JSON of any shape
        """Return an answer with short names in all its texts, such as reasons that name a subject or a bucket."""
        if isinstance(value, str):
            return self._pattern.sub(self._replacement, value)
        if isinstance(value, dict):
            return {name: self.shorten(each) for name, each in value.items()}
        if isinstance(value, list):
            return [self.shorten(each) for each in value]
        return value

    @cached_property
    def _names(self) -> dict[str, str]:
        return {physical: name for name, physical in self.buckets.items()}

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        """Match `s3://bucket/`, `s3://bucket`, and alone only generated names: another may be an ordinary word."""
        generated = [each for each in self._names if each.startswith(naming.physical(self.environment, ""))]
        addresses, words = (_any_of(names) for names in (self._names, generated))
        address = rf"{SCHEME}(?P<bucket>{addresses})(?P<slash>/(?=.)|(?![a-z0-9.-]))"
        topic = rf"(?P<topic>{_any_of(self.topics)}){AFTER}"
        return re.compile(rf"{address}|{BEFORE}(?P<word>{words}){AFTER}|{topic}")

    def _replacement(self, found: re.Match[str]) -> str:
        if found["topic"]:
            return self.topics[found["topic"]]
        if found["word"]:
            return self._names[found["word"]]
        name = self._names[found["bucket"]]
        return f"{name}/" if found["slash"] else f"{SCHEME}{name}"


def _any_of(names: Iterable[str]) -> str:
    """Return a pattern that matches any of some names; without names it matches nothing."""
    return "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True)) or r"(?!)"
