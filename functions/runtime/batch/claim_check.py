"""Stores bodies that do not fit into a dead letter together with its attribute, in the journal's bucket.

SQS limits a message with its attributes to 1 MiB ("Amazon SQS message quotas", Amazon SQS Developer Guide), and
EventBridge delivers events of up to that size. The dead letter of a larger event has a reference as its body; after a
redrive, the worker reads the stored body. The pattern is known as claim check.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from functions.runtime.core import aws
from functions.runtime.core.s3_uri import S3Uri
from functions.runtime.core.settings import queue_settings, settings
from functions.runtime.run.objects import UNREADABLE


def store(body: str) -> str:
    """Put a body into the bucket and return its key; a repetition overwrites the same key, which expires later."""
    content = body.encode()
    key = f"{_prefix()}{hashlib.sha256(content).hexdigest()[:32]}.json"
    bucket = queue_settings().journal
    aws.s3().put_object(Bucket=bucket, Key=key, Body=content, ContentType="application/json")
    return key


def reference(key: str) -> str:
    """Return the body of a dead letter that refers to a stored body, readable by people."""
    return json.dumps({"body_at": str(S3Uri(queue_settings().journal, key))})


def is_reference(body: str, key: str | None) -> bool:
    """Return whether a body is the reference to the object with this key."""
    return key is not None and body == reference(key)


def restore(record: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """Return an SQS record with its stored body, or unchanged where S3 does not return the object.

    The role may not list the bucket, so S3 answers AccessDenied for an object that has expired (GetObject, Amazon S3
    API Reference). Only keys with this function's prefix are read.
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
