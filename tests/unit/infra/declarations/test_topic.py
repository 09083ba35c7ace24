"""Topic filters: which are refused, which topics they match, and the SQL of their rule."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.declarations import topic


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        ("$aws/things/+/shadow/update", "topics that begin with '$' are reserved by AWS IoT"),
        ("$share/group/devices/+", "topics that begin with '$' are reserved"),
        ("devices/#/readings/+", "'#' may only be the last level"),
        ("devices/+x/readings", "'+' and '#' must be whole levels, not part of one as in '+x'"),
        ("devices/+/readings#", "'+' and '#' must be whole levels, not part of one as in 'readings#'"),
        ("devices/7/readings", "it has 0 levels '+'; it needs exactly one"),
        ("sites/+/devices/+", "it has 2 levels '+'; it needs exactly one"),
        ("a/b/c/d/e/f/g/h/+", "it has 8 slashes, more than AWS IoT's limit of 7"),
        ("+/" + "ü" * 128, "it has 258 bytes, more than AWS IoT's limit of 256"),
        ("devices/+/o'clock", "the rule's SQL cannot contain quotes, backslashes, control characters or surrogates"),
        ("devices/+/\x00", "the rule's SQL cannot contain quotes, backslashes"),
        ("devices/+/\udcff", "the rule's SQL cannot contain quotes, backslashes, control"),
        ("devices/+/${bucket.outputs}", "a topic filter cannot contain '${'"),
        ("${bucket.outputs}/+", "a topic filter cannot contain '${'"),
    ],
)
def test_an_invalid_filter_is_refused(wanted: str, reason: str) -> None:
    """The message contains it."""
    with pytest.raises(topic.TopicError) as refused:
        topic.check(wanted)
    assert str(refused.value).startswith(f"'{wanted}': {reason}")


@pytest.mark.parametrize("wanted", ["devices/+/readings", "+", "+/#", "a/b/c/d/e/f/g/+", "devices/+/ü ☃", "/+"])
def test_a_valid_filter_is_accepted(wanted: str) -> None:
    """MQTT allows empty levels and any letters."""
    topic.check(wanted)


@pytest.mark.parametrize(
    ("wanted", "published", "device"),
    [
        ("devices/+/readings", "devices/7/readings", "7"),
        ("devices/+/readings", "devices//readings", ""),
        ("devices/+/readings", "devices/7/readings/x", None),
        ("devices/+/readings", "devices/7", None),
        ("devices/+/readings", "Devices/7/readings", None),
        ("+", "7", "7"),
        ("+/#", "7", "7"),
        ("+/#", "7/a/b", "7"),
        ("devices/+/#", "devices/7/a/b", "7"),
        ("devices/+/#", "devices", None),
    ],
)
def test_a_matching_topic_names_the_device(wanted: str, published: str, device: str | None) -> None:
    """MQTT 3.1.1, 4.7.1: `+` is one level; `#` is any number of levels and matches the level above too."""
    assert topic.device_of(wanted, published) == device


levels = st.sampled_from(["a", "bb", "", "é"])


@given(before=st.lists(levels, max_size=3), after=st.lists(levels, max_size=3), rest=st.booleans(), device=levels)
def test_the_sql_selects_the_device(
    before: list[str],
    after: list[str],
    rest: bool,  # noqa: FBT001 - drawn by hypothesis
    device: str,
) -> None:
    """`topic(n)` selects the level that `device_of` returns; AWS IoT counts levels from 1."""
    wanted = "/".join([*before, "+", *after, *["#"] * rest])
    published = "/".join([*before, device, *after, *["x", "y"] * rest])
    topic.check(wanted)
    assert topic.device_of(wanted, published) == device
    place = re.search(r"topic\((\d+)\) AS device", topic.sql(wanted))
    assert place
    assert published.split("/")[int(place[1]) - 1] == device


def test_the_sql_reads_no_field_of_the_payload() -> None:
    """Otherwise it would not accept payloads that are not JSON."""
    assert topic.sql("devices/+/readings") == (
        "SELECT encode(*, 'base64') AS payload, topic() AS topic, topic(2) AS device, "
        "clientid() AS client_id, timestamp() AS received_at FROM 'devices/+/readings'"
    )


def test_a_message_becomes_an_event_for_validation() -> None:
    """JSON or not; an EventBridge event stays unchanged."""
    message = {"received_at": 1, "topic": "devices/7/readings", "payload": "WzFd"}
    assert topic.as_event(message) == {"source": "aws.iot", "detail-type": "IoT Message", "detail": {"payload": [1]}}
    assert topic.as_event(message | {"payload": "/w=="})["detail"] == {"payload_base64": "/w=="}
    event = {"detail": {}, "received_at": 1}
    assert topic.as_event(event) is event
