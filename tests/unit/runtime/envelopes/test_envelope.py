"""What becomes an event, and what is refused with which words."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.runtime.core.errors import EnvelopeError
from functions.runtime.core.lineage import Cause
from functions.runtime.envelopes.envelope import parse
from tests.events import body, cloud_event, object_created
from tests.unit.runtime.envelopes.api_call import api_call


def test_cloud_event_carries_its_lineage() -> None:
    """Correlation, cause, depth and sequence are read from the extension attributes."""
    event = parse(
        body(
            cloud_event(
                correlationid="c",
                causationid="i",
                causationsubject="s3://b/k",
                causationfunction="f",
                depth=3,
                sequence="7",
                data={"name": "Ada"},
            )
        )
    )
    assert (event.subject, event.type, event.sequence, event.data) == (
        "customer/42",
        "customer.created",
        "7",
        {"name": "Ada"},
    )
    assert event.lineage.cause == Cause(subject="s3://b/k", function="f", event_id="i")
    assert (event.lineage.correlation_id, event.lineage.depth) == ("c", 3)


@pytest.mark.parametrize("subject", [None, ""])
def test_cloud_event_without_subject_is_known_by_source_and_id(subject: str | None) -> None:
    """Every event has a subject to ask for; an empty one is none."""
    event = parse(body(cloud_event(id="9", subject=subject)))
    assert event.subject == "shop#9"


def _without(path: str, event: dict[str, Any]) -> str:
    *parents, last = path.split(".")
    table = event
    for name in parents:
        table = table[name]
    del table[last]
    return body(event)


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("", "the body is not JSON"),
        ("<xml/>", "the body is not JSON"),
        ("[" * 100_000, "the body is not JSON"),
        (r'{"a": "\ud800"}', "the body is not JSON"),
        ("[]", "the body is a JSON list, not an EventBridge event"),
        ("{}", "detail is missing"),
        ('{"detail": 1, "source": "x"}', "detail is int, not dict"),
        ('{"detail": {}}', "source is missing"),
        ('{"detail": {}, "source": "x"}', "id is missing"),
        (_without("detail.object.key", object_created()), "detail.object.key is missing"),
        (_without("detail.bucket", object_created()), "detail.bucket.name is missing"),
        (body(object_created("")), "detail.object.key is empty"),
        (body(object_created(size="10")), "detail.object.size is str, not int"),
        (body(object_created(size=-1)), "detail.object.size is -1, below 0"),
        (body(cloud_event(specversion="0.3")), "detail.specversion is not '1.0'"),
        (body(cloud_event() | {"source": "crm"}), "detail.source is 'shop', but source of the envelope is 'crm'"),
        (
            body(cloud_event() | {"detail-type": "a.b"}),
            "detail.type is 'customer.created', but detail-type of the envelope is 'a.b'",
        ),
        (_without("detail.eventID", api_call()), "detail.eventID is missing"),
        (body(api_call(requestParameters={"bucketName": 7})), "detail.requestParameters.bucketName is int, not str"),
        (body(cloud_event(data="text")), "detail.data is str, not dict"),
        (body(cloud_event(subject=7)), "detail.subject is int, not str"),
        (body(cloud_event(subject="x" * 2_049)), "detail.subject has 2,049 bytes, more than 2,048"),
        (body(cloud_event(subject=None, id="x" * 2_047)), "the subject has 2,052 bytes, more than 2,048"),
        (body(cloud_event(correlationid="x" * 300_000)), "detail.correlationid has 300,000 bytes, more than 2,048"),
    ],
)
def test_what_is_no_event_is_refused_with_what_and_where(message: str, reason: str) -> None:
    """Each fault has a sentence that names the field."""
    with pytest.raises(EnvelopeError, match=reason.replace("(", r"\(")):
        parse(message)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(
    damage=json_values,
    path=st.sampled_from(["source", "detail", "id", "time", "detail.object", "detail.object.size", "resources"]),
)
def test_damaged_events_are_parsed_or_refused_never_worse(damage: object, path: str) -> None:
    """Whatever stands in a field, parsing ends in an event or in an EnvelopeError."""
    event = object_created()
    *parents, last = path.split(".")
    table: Any = event
    for name in parents:
        table = table[name]
    table[last] = damage
    try:
        assert parse(body(event)).subject
    except EnvelopeError as error:
        assert str(error)  # noqa: PT017 - either outcome is right, and a refusal has words
