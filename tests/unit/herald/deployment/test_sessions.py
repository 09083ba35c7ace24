"""Times of AWS's answers are those that botocore reads."""

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.utils import parse_timestamp
from moto import mock_aws

from herald.deployment.sessions import read_time
from herald.local import emulator


@pytest.mark.parametrize(
    "value",
    [
        "2026-11-28T08:00:00.000Z",
        "2026-11-28T08:00:00Z",
        "2026-11-28T08:00:00.123456Z",
        "2026-11-28T08:00:00+02:00",
        "Sat, 28 Nov 2026 08:00:00 GMT",
        "28 Nov 2026 08:00Z",
        1795852800,
        1795852800.5,
        "1795852800",
    ],
)
def test_a_time_is_read_as_botocore_reads_it(value: Any) -> None:  # noqa: ANN401 - a text or a number
    """Of each form that a protocol of AWS has, with its time zone."""
    found, expected = read_time(value), parse_timestamp(value)
    assert (found, found.utcoffset(), found.isoformat()) == (expected, expected.utcoffset(), expected.isoformat())


def test_what_is_no_time_is_refused_as_botocore_refuses_it() -> None:
    """Also where it ends as a time in UTC does."""
    with pytest.raises(ValueError, match="Invalid timestamp"):
        read_time("neverZ")


def test_clients_of_a_session_read_times_so() -> None:
    """A listing's times have datetime's own zone, which dateutil's times have not."""
    with mock_aws():
        client = emulator.session().client("s3")
        client.create_bucket(Bucket="listed-bucket")
        client.put_object(Bucket="listed-bucket", Key="k", Body=b"")
        (listed,) = client.list_objects_v2(Bucket="listed-bucket")["Contents"]
        found: datetime = listed["LastModified"]
    assert found.tzinfo is UTC
