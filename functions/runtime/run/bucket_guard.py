"""Inspects the public access to buckets and blocks it with all four settings of S3 Block Public Access.

Source: "Blocking public access to your Amazon S3 storage", Amazon S3 User Guide; it defines "public".
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, Self

from botocore.exceptions import ClientError

from functions.runtime.core import aws, variables
from functions.runtime.core.errors import Permanent, SettingsError
from functions.runtime.core.settings import variable

BLOCKS: Final = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
GROUPS: Final = "http://acs.amazonaws.com/groups/global/"  # AllUsers and AuthenticatedUsers
NAME: Final = re.compile(r"[a-z0-9][a-z0-9.-]{2,62}")
# The error codes for a bucket without the requested configuration.
NONE: Final = frozenset({"NoSuchPublicAccessBlockConfiguration", "NoSuchTagSet", "NoSuchBucketPolicy"})
# The role is allowed to call S3 for buckets that do not exist too (infra/constructs/access.py), so S3 answers this.
GONE: Final = "NoSuchBucket"
DENIED: Final = frozenset({"AccessDenied", "403"})

type Reply = Mapping[str, Any]


class BucketGuard:
    """Guards the buckets that `block_public` in [access] names; it makes no call for any other bucket."""

    def __init__(self, patterns: str) -> None:
        """Guard the buckets that match one of the comma-separated patterns; a `*` at the end matches any rest."""
        self._patterns = patterns.split(",")

    @classmethod
    def declared(cls) -> Self:
        """Return the guard that function.toml declares; SettingsError if it declares none."""
        try:
            return cls(variable(variables.BLOCK_PUBLIC))
        except SettingsError as error:
            raise SettingsError(
                'run.bucket_guard needs block_public = ["<bucket>*"] in [access] of function.toml'
            ) from error

    def covers(self, bucket: str) -> bool:
        """Return whether the name of a bucket matches a pattern."""
        return bool(NAME.fullmatch(bucket)) and any(_matches(bucket, pattern) for pattern in self._patterns)

    def inspect(self, bucket: str) -> Reply | None:
        """Return the public access of a bucket, None if the bucket does not exist.

        `blocks` has the four settings of S3 Block Public Access. If one is off, the result has `tags`, `policy_public`
        and `public_grants` of the ACL too; the last two are None if the policy of the bucket denies the call.
        """
        self._check(bucket)
        s3 = aws.s3()
        try:
            on = _ask(s3.get_public_access_block, bucket).get("PublicAccessBlockConfiguration", {})
            seen: dict[str, Any] = {"blocks": {name: bool(on.get(name)) for name in BLOCKS}}
            if all(seen["blocks"].values()):
                return seen
            # It works for buckets with ABAC too. Source: "Enabling ABAC in general purpose buckets", S3 User Guide.
            tags = _ask(s3.get_bucket_tagging, bucket).get("TagSet", [])
            policy = _ask_if_allowed(s3.get_bucket_policy_status, bucket)
            acl = _ask_if_allowed(s3.get_bucket_acl, bucket)
        except _GoneError:
            return None
        return seen | {
            "tags": {tag["Key"]: tag["Value"] for tag in tags},
            "policy_public": None if policy is None else _is_public(policy),
            "public_grants": None if acl is None else list(_public_grants(acl)),
        }

    def block_public_access(self, bucket: str) -> bool:
        """Turn on all four settings, which override the policy and the ACLs; False if the bucket does not exist."""
        self._check(bucket)
        blocks = dict.fromkeys(BLOCKS, True)
        try:
            _ask(aws.s3().put_public_access_block, bucket, PublicAccessBlockConfiguration=blocks)
        except _GoneError:
            return False
        return True

    def _check(self, bucket: str) -> None:
        if not self.covers(bucket):
            raise Permanent(f"the bucket {bucket!r} is outside of block_public = {self._patterns} in [access]")


class _GoneError(Exception):
    """The bucket does not exist."""


class _DeniedError(Permanent):
    """S3 denied a call that the role allows."""


def _matches(bucket: str, pattern: str) -> bool:
    return bucket.startswith(pattern[:-1]) if pattern.endswith("*") else bucket == pattern


def _ask(call: Callable[..., Any], bucket: str, **more: object) -> Reply:
    """Return the reply to a call about a bucket, {} if the bucket does not have the requested configuration."""
    try:
        reply: Reply = call(Bucket=bucket, **more)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in NONE:
            return {}
        if code == GONE:
            raise _GoneError from error
        if code not in DENIED:
            raise
        action = error.operation_name.replace("PublicAccessBlock", "BucketPublicAccessBlock")
        raise _DeniedError(
            f"S3 denied s3:{action} on {bucket}: the role allows it for buckets of this account, so allow it in the "
            "policy of the bucket and in the control policies of the organization, or remove the bucket from "
            "block_public in [access]"
        ) from error
    return reply


def _ask_if_allowed(call: Callable[..., Any], bucket: str) -> Reply | None:
    """Return the reply, None if S3 denies the call: the policy of a public bucket may deny it."""
    try:
        return _ask(call, bucket)
    except _DeniedError:
        return None


def _is_public(policy: Reply) -> bool | None:
    """Return whether a policy is public; a bucket without a policy is not."""
    public: bool | None = policy.get("PolicyStatus", {"IsPublic": False}).get("IsPublic")
    return public


def _public_grants(acl: Reply) -> Iterator[str]:
    for grant in acl["Grants"]:
        who = grant["Grantee"].get("URI", "")
        if who.startswith(GROUPS):
            yield f"{grant['Permission']} to {who.removeprefix(GROUPS)}"
