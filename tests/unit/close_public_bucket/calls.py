"""The event of a call that opened a bucket."""

import json
from typing import Any

from infra.declarations import loader

SAMPLE = "aws.s3/aws_api_call_via_cloudtrail.block_deleted"

BUCKET = "herald-dev-website"


def called(name: str = SAMPLE, bucket: str = BUCKET, **detail: Any) -> str:  # noqa: ANN401 - fields of CloudTrail
    """Return a sample as a message about a bucket."""
    text = json.dumps(loader.sample(name)).replace(BUCKET, bucket)
    event = json.loads(text)
    return json.dumps(event | {"detail": event["detail"] | detail})
