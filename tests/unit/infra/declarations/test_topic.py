"""Which topic filters are refused, what the others match, and the SQL that is made of them."""

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
        ("devices/+x/readings", "'+' and '#' stand for whole levels, not within one as in '+x'"),
        ("devices/+/readings#", "'+' and '#' stand for whole levels, not within one as in 'readings#'"),
        ("devices/7/readings", "it has 0 levels '+': exactly one names the device"),
        ("sites/+/devices/+", "it has 2 levels '+': exactly one names the device"),
        ("a/b/c/d/e/f/g/h/+", "it has 8 slashes, more than the 7 AWS IoT takes"),
        ("+/" + "ü" * 128, "it has 258 bytes, more than the 256 AWS IoT takes"),
        ("devices/+/o'clock", "quotes, backslashes, control characters and halves of characters cannot stand in the"),
        ("devices/+/\x00", "quotes, backslashes, control characters"),
        ("devices/+/\udcff", "quotes, backslashes, control characters and halves of characters"),
        ("devices/+/${bucket.outputs}", "'${' stands for no resource here"),
        ("${bucket.outputs}/+", "'${' stands for no resource here"),
    ],
)
def test_a_filter_that_cannot_be_is_refused(wanted: str, reason: str) -> None:
    """The sentence quotes it."""
    with pytest.raises(topic.TopicError) as refused:
        topic.check(wanted)
    assert str(refused.value).startswith(f"'{wanted}': {reason}")


@pytest.mark.parametrize("wanted", ["devices/+/readings", "+", "+/#", "a/b/c/d/e/f/g/+", "devices/+/ü ☃", "/+"])
def test_a_filter_that_can_be_is_taken(wanted: str) -> None:
    """Empty levels and any letters are MQTT's."""
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
def test_a_topic_names_the_device_where_the_filter_matches(wanted: str, published: str, device: str | None) -> None:
    """MQTT 3.1.1, 4.7.1: `+` is one level, `#` any number, the one above included."""
    assert topic.device_of(wanted, published) == device


levels = st.sampled_from(["a", "bb", "", "é"])


@given(before=st.lists(levels, max_size=3), after=st.lists(levels, max_size=3), rest=st.booleans(), device=levels)
def test_the_device_stands_where_the_sql_looks(
    before: list[str],
    after: list[str],
    rest: bool,  # noqa: FBT001 - drawn by hypothesis
    device: str,
) -> None:
    """What `topic(n)` selects is what the samples are held against; AWS IoT counts levels from 1."""
    wanted = "/".join([*before, "+", *after, *["#"] * rest])
    published = "/".join([*before, device, *after, *["x", "y"] * rest])
    topic.check(wanted)
    assert topic.device_of(wanted, published) == device
    place = re.search(r"topic\((\d+)\) AS device", topic.sql(wanted))
    assert place
    assert published.split("/")[int(place[1]) - 1] == device


def test_the_sql_names_nothing_in_the_payload() -> None:
    """So that it takes what is no JSON: of `*` alone it makes Base64."""
    assert topic.sql("devices/+/readings") == (
        "SELECT encode(*, 'base64') AS payload, topic() AS topic, topic(2) AS device, "
        "clientid() AS client_id, timestamp() AS received_at FROM 'devices/+/readings'"
    )


def test_a_message_is_held_against_its_contract_as_an_event() -> None:
    """JSON or not; what EventBridge brings stays as it is."""
    told = {"received_at": 1, "topic": "devices/7/readings", "payload": "WzFd"}
    assert topic.as_event(told) == {"source": "aws.iot", "detail-type": "IoT Message", "detail": {"payload": [1]}}
    assert topic.as_event(told | {"payload": "/w=="})["detail"] == {"payload_base64": "/w=="}
    event = {"detail": {}, "received_at": 1}
    assert topic.as_event(event) is event
