"""The ids that several events have are named with their number."""

from functions.runtime.envelopes.envelope import parse
from herald.investigate.repeated_ids import RepeatedIds
from tests.events import body, cloud_event


def sentences(*events: tuple[str, str]) -> list[str]:
    """Return the sentences about events, each a subject and an id."""
    repeated = RepeatedIds()
    for subject, event_id in events:
        repeated.add(parse(body(cloud_event(subject=subject, id=event_id))))
    return list(repeated.sentences())


def test_ids_of_one_event_are_not_named() -> None:
    """One id for two subjects is no repetition."""
    assert sentences(("a", "1"), ("a", "2"), ("b", "1")) == []


def test_the_most_frequent_ids_are_named_first() -> None:
    """At most three are named."""
    events = [(name, "1") for name, count in (("a", 2), ("b", 1_200), ("c", 3), ("d", 4)) for _ in range(count)]
    assert sentences(*events) == [
        "b: 1,200 events have the id 1; a function processes each id once",
        "d: 4 events have the id 1; a function processes each id once",
        "c: 3 events have the id 1; a function processes each id once",
    ]
