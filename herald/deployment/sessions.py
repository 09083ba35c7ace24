"""Sessions of boto3 that list thousands of objects quickly."""

from datetime import datetime
from typing import Any

import boto3
import botocore.session
from botocore.utils import parse_timestamp


def session(**options: str | None) -> boto3.Session:
    """Return a session with these options of `boto3.Session`.

    A listing of S3 has a time for each object. botocore reads times with dateutil, which takes more than half of the
    CPU of a listing. Its factory of parsers takes another reader, as the AWS CLI gives it one.
    """
    core = botocore.session.Session()
    core.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=read_time)
    return boto3.Session(botocore_session=core, **options)


def read_time(value: Any) -> datetime:  # noqa: ANN401 - a text or a number of any protocol
    """Read times in UTC of ISO 8601 with datetime, and all others as botocore does."""
    if isinstance(value, str) and value.endswith("Z"):
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            pass
    return parse_timestamp(value)
