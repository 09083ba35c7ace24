"""A double of S3's bucket settings."""

from typing import Any

from botocore.exceptions import ClientError


class Buckets:
    """S3 as far as it is asked here: one bucket, open; `denied` are the calls that it answers with AccessDenied."""

    def __init__(self) -> None:
        """Begin with no block, no tag and a public policy."""
        self.blocks: dict[str, bool] = {}
        self.tags: dict[str, str] = {}
        self.gone = False
        self.denied: set[str] = set()
        self.calls: list[str] = []

    def get_public_access_block(self, **_: object) -> dict[str, Any]:
        """S3's, which knows no block but one that was put."""
        self._called("GetPublicAccessBlock", missing=not self.blocks and "NoSuchPublicAccessBlockConfiguration")
        return {"PublicAccessBlockConfiguration": self.blocks}

    def get_bucket_tagging(self, **_: object) -> dict[str, Any]:
        """S3's, which calls no tags an error."""
        self._called("GetBucketTagging", missing=not self.tags and "NoSuchTagSet")
        return {"TagSet": [{"Key": key, "Value": value} for key, value in self.tags.items()]}

    def get_bucket_policy_status(self, **_: object) -> dict[str, Any]:
        """S3's."""
        self._called("GetBucketPolicyStatus")
        return {"PolicyStatus": {"IsPublic": True}}

    def get_bucket_acl(self, **_: object) -> dict[str, Any]:
        """S3's, with nothing but the owner's grant."""
        self._called("GetBucketAcl")
        return {"Grants": [{"Grantee": {"Type": "CanonicalUser", "ID": "owner"}, "Permission": "FULL_CONTROL"}]}

    def put_public_access_block(self, **call: Any) -> None:  # noqa: ANN401 - boto3's keywords
        """S3's."""
        self._called("PutPublicAccessBlock")
        self.blocks = dict(call["PublicAccessBlockConfiguration"])

    def _called(self, operation: str, *, missing: str | bool = False) -> None:
        self.calls.append(operation)
        code = "NoSuchBucket" if self.gone else "AccessDenied" if operation in self.denied else missing
        if code:
            raise ClientError({"Error": {"Code": str(code), "Message": "m"}}, operation)
