"""The events that start the function, and the state of a bucket."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from functions.runtime.core.errors import MalformedError
from functions.runtime.core.json_values import optional_text, table, text

EXCEPTION: Final = "herald:public-exception"
ARN_LENGTH: Final = 2_048
IDENTITIES: Final = ("arn", "invokedBy", "accountId")  # the most specific first


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change of a bucket: an API call from CloudTrail, or a rule of AWS Config; `by` is the caller.

    Sources: "CloudTrail record contents" and "CloudTrail userIdentity element", AWS CloudTrail User Guide;
    "Monitoring AWS Config with Amazon EventBridge", AWS Config Developer Guide.
    """

    bucket: str
    action: str
    by: str | None

    @classmethod
    def read(cls, subject: str, detail: Mapping[str, Any]) -> Self:
        """Read an event; MalformedError when a field or the bucket is missing.

        For other S3 resources, such as a tagged access point, `bucket` is the ARN of the resource.
        """
        event = {"detail": detail}
        bucket = _bucket(subject)
        if "configRuleName" in detail:
            return cls(bucket=bucket, action=text(event, "detail.configRuleName"), by=None)
        table(event, "detail.userIdentity")
        known = (optional_text(event, f"detail.userIdentity.{name}", ARN_LENGTH) for name in IDENTITIES)
        return cls(bucket=bucket, action=text(event, "detail.eventName"), by=next(filter(None, known), None))


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """How far a bucket is open: the names of S3's four blocks that are off, and what is public.

    `exception` is the reason that the bucket's exception tag gives. None means unknown in the other fields.
    """

    blocks_off: tuple[str, ...]
    exception: str | None = None
    policy_public: bool | None = None
    public_grants: tuple[str, ...] | None = None

    @classmethod
    def read(cls, inspected: Mapping[str, Any]) -> Self:
        """Read the result of `run.bucket_guard.inspect`. It is short for a bucket with all blocks on."""
        grants = inspected.get("public_grants")
        return cls(
            blocks_off=tuple(name for name, on in inspected["blocks"].items() if not on),
            exception=inspected.get("tags", {}).get(EXCEPTION, "").strip() or None,
            policy_public=inspected.get("policy_public"),
            public_grants=None if grants is None else tuple(grants),
        )


def _bucket(subject: str) -> str:
    if not subject.startswith(("s3://", "arn:")):
        raise MalformedError("the subject", f"is {subject!r}, not a bucket or an ARN")
    return subject.removeprefix("s3://")
