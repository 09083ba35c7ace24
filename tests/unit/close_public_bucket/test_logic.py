"""Which buckets are closed, which are left and why, and what is told."""

from typing import Any

import pytest

from functions.close_public_bucket.logic import announce, describe, plan
from functions.close_public_bucket.model import EXCEPTION, Change, Exposure

CHANGE = Change(bucket="herald-site", action="PutBucketPolicy", by="arn:aws:iam::111122223333:user/operator")
CLOSED: dict[str, Any] = {"blocks": {"BlockPublicAcls": True, "BlockPublicPolicy": True}}
OPEN: dict[str, Any] = {
    "blocks": {"BlockPublicAcls": True, "BlockPublicPolicy": False},
    "tags": {},
    "policy_public": True,
    "public_grants": [],
}


def excepted(reason: str) -> dict[str, Any]:
    """Return an open bucket with the tag of an exception."""
    return OPEN | {"tags": {"team": "web", EXCEPTION: reason}}


def test_an_open_bucket_is_closed_and_described() -> None:
    """Which blocks were off, and what came through."""
    now = Exposure.read(OPEN)
    made = plan(now, describe(now))
    assert made.left is None
    assert made.found == {"blocks_off": ["BlockPublicPolicy"], "policy_public": True, "public_grants": []}


def test_a_closed_bucket_is_left() -> None:
    """Whatever the event says of it."""
    now = Exposure.read(CLOSED)
    assert plan(now, describe(now)).left == "the bucket is already closed"


def test_an_exception_is_left_with_its_reason() -> None:
    """The tag's value is the reason."""
    now = Exposure.read(excepted("the public website"))
    assert plan(now, describe(now)).left == "the bucket is an exception: the public website"


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_tag_without_a_reason_is_no_exception(reason: str) -> None:
    """Nobody can judge an exception that nobody gave a reason for."""
    now = Exposure.read(excepted(reason))
    assert plan(now, describe(now)).found


def test_what_an_earlier_attempt_closed_is_told_as_it_found_it() -> None:
    """The bucket is closed by now, by that attempt, which could not tell of it."""
    found = describe(Exposure.read(OPEN))
    assert plan(Exposure.read(CLOSED), found).found == found


def test_an_exception_made_between_two_attempts_counts() -> None:
    """A bucket is judged as it is now, not as it was."""
    assert plan(Exposure.read(excepted("a website")), describe(Exposure.read(OPEN))).found is None


def test_what_is_not_known_is_not_told() -> None:
    """The bucket denied to say more than that a block is off; AWS Config does not say who."""
    found = describe(Exposure.read(OPEN | {"policy_public": None, "public_grants": None}))
    assert found == {"blocks_off": ["BlockPublicPolicy"]}
    assert announce(Change(bucket="b", action="a", by=None), found) == {
        "bucket": "b",
        "action": "a",
        "found": found,
        "done": "public_access_blocked",
    }


def test_the_event_names_who_did_what() -> None:
    """The call, and the caller of CloudTrail's userIdentity."""
    data = announce(CHANGE, {"blocks_off": ["BlockPublicAcls"]})
    assert (data["bucket"], data["action"], data["by"]) == (CHANGE.bucket, CHANGE.action, CHANGE.by)
