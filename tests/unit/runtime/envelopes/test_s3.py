"""Events of S3."""

import json

import pytest

from functions.runtime.envelopes.envelope import parse
from tests.events import body, object_created


def test_s3_event_is_known_by_its_object() -> None:
    """The subject is the object's URI; version, size, requester and address come along."""
    event = parse(body(object_created("reports/ü é'\"\n/../x.xml", size=771)))
    assert event.subject == "s3://outputs-bucket/reports/ü é'\"\n/../x.xml"
    assert event.object is not None
    assert (event.object.size, event.requester, event.source_ip) == (771, "111122223333", "192.0.2.44")
    assert event.lineage.correlation_id == event.id


def test_s3_notification_sent_again_is_the_same_event() -> None:
    """S3 gives a repeated notification a fresh EventBridge id; the version tells that it is the same write."""
    first = object_created()
    again = first | {"id": "another"}
    assert parse(body(first)).id == parse(body(again)).id


@pytest.mark.parametrize("other", [{"version-id": "v-other"}, {"key": "reports/b.xml"}])
def test_s3_events_of_different_writes_differ(other: dict[str, str]) -> None:
    """Another version or another key is another event."""
    first = object_created(version="v-one")
    second = json.loads(body(first))
    second["detail"]["object"] |= other
    assert parse(body(first)).id != parse(body(second)).id


def test_s3_event_without_a_version_is_known_by_its_sequencer() -> None:
    """Unversioned buckets send no version-id; then the sequencer tells two writes apart."""
    one, two = (parse(body(object_created(version=None))) for _ in range(2))
    again = object_created(version=None, sequencer="0A")
    assert parse(body(again)).id == parse(body(again | {"id": "sent again"})).id
    assert one.object is not None
    assert one.object.version_id is None
    assert one.id != two.id


def test_s3_event_that_can_repeat_for_one_version_is_known_by_its_eventbridge_id() -> None:
    """Tags may be added to one version twice: two events, although bucket, key and version are the same."""
    first = object_created(version="v-one") | {"detail-type": "Object Tags Added"}
    assert parse(body(first)).id != parse(body(first | {"id": "another"})).id
