"""What is read of the events that lead here, and of a bucket."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

EXCEPTION: Final = "herald:public-exception"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What drew attention to a bucket: a call that CloudTrail logged, or a rule of AWS Config; `by` is who called.

    Sources: "CloudTrail record contents" and "CloudTrail userIdentity element", AWS CloudTrail User Guide;
    "Monitoring AWS Config with Amazon EventBridge", AWS Config Developer Guide.
    """

    bucket: str
    action: str
    by: str | None

    @classmethod
    def read(cls, subject: str, data: Mapping[str, Any]) -> Self:
        """Read an event; AttributeError, KeyError or ValueError where it is neither, or about nothing that has a name.

        What is no bucket, such as an access point that is tagged, has its ARN in the place of the bucket's name.
        """
        bucket = _name(subject)
        if "configRuleName" in data:
            return cls(bucket=bucket, action=str(data["configRuleName"]), by=None)
        caller = data["userIdentity"]
        return cls(
            bucket=bucket,
            action=str(data["eventName"]),
            by=caller.get("arn") or caller.get("invokedBy") or caller.get("accountId"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """How far a bucket is open: which of S3's four blocks are off, and what came through.

    `exception` is the reason its tag gives for that; what is None is not known.
    """

    blocks_off: tuple[str, ...]
    exception: str | None = None
    policy_public: bool | None = None
    public_grants: tuple[str, ...] | None = None

    @classmethod
    def read(cls, look: Mapping[str, Any]) -> Self:
        """Read what the runtime saw; of a bucket whose blocks are all on it saw no more."""
        grants = look.get("public_grants")
        return cls(
            blocks_off=tuple(name for name, on in look["blocks"].items() if not on),
            exception=look.get("tags", {}).get(EXCEPTION, "").strip() or None,
            policy_public=look.get("policy_public"),
            public_grants=None if grants is None else tuple(grants),
        )


def _name(subject: str) -> str:
    if not subject.startswith(("s3://", "arn:")):
        raise ValueError(f"it is about {subject!r}")
    return subject.removeprefix("s3://")
