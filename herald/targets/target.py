"""The values that describe what a text of a person names."""

from dataclasses import dataclass
from typing import Final

ACCEPTED: Final = (
    "Accepted are a subject (customer/42), an object (outputs/reports/a.xml, s3://bucket/key, its ARN, or its link in "
    "the S3 console), an event id, a correlation id, and an event or a line of a function's log as JSON."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a text names: a subject, one event of a subject, a function, or a word that may be a subject or an id."""

    subject: str | None = None
    event_id: str | None = None
    function: str | None = None
    word: str | None = None
