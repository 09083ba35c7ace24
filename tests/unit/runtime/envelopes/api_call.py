"""The event of an API call that CloudTrail records."""

from typing import Any


def api_call(source: str = "aws.s3", **detail: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of CloudTrail
    """Return a call as CloudTrail tells it on the default bus."""
    return {
        "id": "fresh",
        "detail-type": "AWS API Call via CloudTrail",
        "source": source,
        "account": "111122223333",
        "time": "2026-11-12T00:00:09Z",
        "region": "eu-west-1",
        "resources": [],
        "detail": {
            "eventID": "e-1",
            "eventTime": "2026-11-12T00:00:00Z",
            "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/operator"},
            "sourceIPAddress": "192.0.2.44",
        }
        | detail,
    }
