"""Bodies of dead letters that do not fit into a message together with their attribute: objects in the journal's bucket.

SQS limits a message to 1 MiB, its attributes included ("Amazon SQS message quotas", Amazon SQS Developer Guide), and
EventBridge delivers events of up to that size. The dead letter of a larger one has a reference for its body (the
pattern is known as claim check); redriven, the message is read with the body that it had.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from functions.runtime.core import aws
from functions.runtime.core.settings import queue_settings, settings
from functions.runtime.run.objects import UNREADABLE


def store(body: str) -> str:
    """Put a body into the bucket and return its key; a repetition puts the same object, which expires later."""
    content = body.encode()
    key = f"{_prefix()}{hashlib.sha256(content).hexdigest()[:32]}.json"
    bucket = queue_settings().journal
    aws.s3().put_object(Bucket=bucket, Key=key, Body=content, ContentType="application/json")
    return key


def reference(key: str) -> str:
    """Return what the dead letter has for a body, for people."""
    return json.dumps({"body_at": f"s3://{queue_settings().journal}/{key}"})


def is_reference(body: str, key: str | None) -> bool:
    """Judge whether a message has the reference to an object for its body, and not that body itself."""
    return key is not None and body == reference(key)


def restore(record: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """Return an SQS record with the body that was stored; unchanged where it cannot be had.

    The role may not list the bucket, so S3 answers AccessDenied for an object that has expired (GetObject, Amazon S3
    API Reference). A key that this function did not make is not asked for.
    """
    if not key.startswith(_prefix()):
        return record
    try:
        reply = aws.s3().get_object(Bucket=queue_settings().journal, Key=key)
    except ClientError as error:
        if error.response["Error"]["Code"] not in UNREADABLE:
            raise
        return record
    return {**record, "body": reply["Body"].read().decode()}


def _prefix() -> str:
    return f"dead-letters/{settings().first_name}/"
