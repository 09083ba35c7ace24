"""How far a bucket is open to the public, and the one way to close it that needs no reading of policies.

Source: "Blocking public access to your Amazon S3 storage" and what it calls public, Amazon S3 User Guide.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, Self

from botocore.exceptions import ClientError

from functions.runtime.core import aws, variables
from functions.runtime.core.errors import Permanent, SettingsError
from functions.runtime.core.settings import variable

BLOCKS: Final = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
GROUPS: Final = "http://acs.amazonaws.com/groups/global/"  # AllUsers and AuthenticatedUsers: anyone, and any account
NAME: Final = re.compile(r"[a-z0-9][a-z0-9.-]{2,62}")
# How S3 says that a bucket has none of what was asked for.
NONE: Final = frozenset({"NoSuchPublicAccessBlockConfiguration", "NoSuchTagSet", "NoSuchBucketPolicy"})
# The role's grant holds for a bucket that does not exist as well (infra/constructs/access.py): S3 says so, and does
# not deny.
GONE: Final = "NoSuchBucket"
DENIED: Final = frozenset({"AccessDenied", "403"})

type Reply = Mapping[str, Any]


class BucketGuard:
    """The buckets that `block_public` in [access] names: no call leaves for another."""

    def __init__(self, patterns: str) -> None:
        """BucketGuard the buckets that one of the patterns names; commas join them, and a `*` at an end is any rest."""
        self._patterns = patterns.split(",")

    @classmethod
    def declared(cls) -> Self:
        """Return the guard of the function's declaration; SettingsError says what to declare where there is none."""
        try:
            return cls(variable(variables.BLOCK_PUBLIC))
        except SettingsError as error:
            raise SettingsError(
                'run.bucket_guard needs block_public = ["<bucket>*"] in [access] of function.toml'
            ) from error

    def covers(self, bucket: str) -> bool:
        """Judge by its name whether a bucket is one of them."""
        return bool(NAME.fullmatch(bucket)) and any(_matches(bucket, pattern) for pattern in self._patterns)

    def inspect(self, bucket: str) -> Reply | None:
        """Return how far a bucket is open, None when it is gone.

        `blocks` says of each of S3's four blocks whether it is on. Where one is off, `tags` follow, and what came
        through: `policy_public` and `public_grants` (of the ACL), None where the bucket's policy denies us to know.
        """
        self._check(bucket)
        s3 = aws.s3()
        try:
            on = _ask(s3.get_public_access_block, bucket).get("PublicAccessBlockConfiguration", {})
            seen: dict[str, Any] = {"blocks": {name: bool(on.get(name)) for name in BLOCKS}}
            if all(seen["blocks"].values()):
                return seen
            # It answers for buckets with ABAC too. Source: "Enabling ABAC in general purpose buckets", S3 User Guide.
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
        """Put all four blocks on, which closes a bucket whatever its policy and ACLs say; False when it is gone."""
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
    """The bucket was deleted meanwhile."""


class _DeniedError(Permanent):
    """S3 denied a call that the role's own grant allows."""


def _matches(bucket: str, pattern: str) -> bool:
    return bucket.startswith(pattern[:-1]) if pattern.endswith("*") else bucket == pattern


def _ask(call: Callable[..., Any], bucket: str, **more: object) -> Reply:
    """Return the answer to a call about a bucket, empty where it has none of what was asked for."""
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
            f"S3 denied s3:{action} on {bucket}: the role has it for buckets of this account, so allow it in the "
            "bucket's policy and in the control policies of the organization, or remove the bucket from block_public "
            "in [access]"
        ) from error
    return reply


def _ask_if_allowed(call: Callable[..., Any], bucket: str) -> Reply | None:
    """Return the answer, None where it is denied: whoever opened a bucket may have locked us out of the details."""
    try:
        return _ask(call, bucket)
    except _DeniedError:
        return None


def _is_public(policy: Reply) -> bool | None:
    """Read the status of a policy; no policy is not public."""
    public: bool | None = policy.get("PolicyStatus", {"IsPublic": False}).get("IsPublic")
    return public


def _public_grants(acl: Reply) -> Iterator[str]:
    for grant in acl["Grants"]:
        who = grant["Grantee"].get("URI", "")
        if who.startswith(GROUPS):
            yield f"{grant['Permission']} to {who.removeprefix(GROUPS)}"
