"""Short names of buckets: what commands accept for a subject, and what answers show."""

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from herald.deployment.short_names import ShortNames

OUTPUTS: Final = "herald-dev-storage-outputs1f2e-abc"
TOPIC: Final = "arn:aws:sns:eu-west-1:111122223333:herald-dev-storage-Notices-abc"
NAMES: Final = ShortNames({"outputs": OUTPUTS, "old": "data"}, "dev", {TOPIC: "topic.notices"})


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("outputs/reports/a.xml", f"s3://{OUTPUTS}/reports/a.xml"),
        ("s3://outputs/reports/a.xml", f"s3://{OUTPUTS}/reports/a.xml"),
        ("s3://outputs", f"s3://{OUTPUTS}"),
        ("outputs/*", f"s3://{OUTPUTS}/*"),
        ("old/x", "s3://data/x"),
        ("s3://data/x", "s3://data/x"),
        (f"s3://{OUTPUTS}/a", f"s3://{OUTPUTS}/a"),
        ("s3://elsewhere/a", "s3://elsewhere/a"),
        ("outputs", "outputs"),
        ("customer/42", "customer/42"),
    ],
)
def test_a_short_subject_stands_for_an_object(given: str, expected: str) -> None:
    """The name of a bucket alone is a word: it may be a subject of another kind."""
    assert NAMES.full(given) == expected


@given(st.text(min_size=1))
def test_a_short_subject_is_read_as_the_subject_that_it_was_made_of(key: str) -> None:
    """People copy it from an answer into the next command."""
    subject = f"s3://{OUTPUTS}/{key}"
    assert NAMES.full(NAMES.short(subject)) == subject


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"object s3://{OUTPUTS}/a b", "object outputs/a b"),
        (f"the bucket s3://{OUTPUTS}", "the bucket s3://outputs"),
        (f"name: '{OUTPUTS}' is not 'x'", "name: 'outputs' is not 'x'"),
        (f"arn:aws:s3:::{OUTPUTS}/a", f"arn:aws:s3:::{OUTPUTS}/a"),
        (f"s3://{OUTPUTS}-more/a", f"s3://{OUTPUTS}-more/a"),
        ("data is missing in s3://data/x", "data is missing in old/x"),
        (f"notice {TOPIC}", "notice topic.notices"),
    ],
)
def test_texts_of_answers_have_short_names(text: str, expected: str) -> None:
    """A bucket whose name is an ordinary word is shortened in addresses only."""
    assert NAMES.shorten({"a": [text, 1, None]}) == {"a": [expected, 1, None]}


def test_json_has_the_short_name_beside_each_subject() -> None:
    """The physical name stays."""
    answer = NAMES.with_short({"subject": f"s3://{OUTPUTS}/a", "effects": [{"subject": TOPIC}, {"subject": None}]})
    assert answer == {
        "subject": f"s3://{OUTPUTS}/a",
        "short_subject": "outputs/a",
        "effects": [{"subject": TOPIC, "short_subject": "topic.notices"}, {"subject": None}],
    }
