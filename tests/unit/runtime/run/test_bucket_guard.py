"""The bucket guard against the S3 of moto, and the values that a run remembers."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from functions.runtime import Event, Permanent, Run, Transient
from functions.runtime.core import aws
from functions.runtime.ledger import statements
from functions.runtime.run.bucket_guard import BLOCKS, BucketGuard
from tests.events import body, cloud_event
from tests.unit.runtime.conftest import World

BUCKET = "herald-site"
CLOSED = {"blocks": dict.fromkeys(BLOCKS, True)}
PUBLIC_POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Principal": "*",
            "Action": "s3:GetObject",
            "Resource": f"arn:aws:s3:::{BUCKET}/*",
        },
    }
)


@pytest.fixture
def bucket(world: World) -> BucketGuard:
    """Create a bucket without any block; return a guard that covers it."""
    assert world
    s3 = aws.s3()
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.delete_public_access_block(Bucket=BUCKET)
    return BucketGuard("herald-*,website")


def test_a_bucket_with_nothing_public_is_open_where_a_block_is_off(bucket: BucketGuard) -> None:
    """A bucket without tags, policy and blocks causes no error."""
    assert bucket.inspect(BUCKET) == {
        "blocks": dict.fromkeys(BLOCKS, False),
        "tags": {},
        "policy_public": False,
        "public_grants": [],
    }


def test_what_came_through_is_seen(bucket: BucketGuard) -> None:
    """The result has the one block that is on, the tags, the public policy, and the public grants of the ACL."""
    s3 = aws.s3()
    s3.put_public_access_block(
        Bucket=BUCKET,
        PublicAccessBlockConfiguration=dict.fromkeys(BLOCKS, False) | {"IgnorePublicAcls": True},  # type: ignore[arg-type] # of its shape
    )
    s3.put_bucket_tagging(Bucket=BUCKET, Tagging={"TagSet": [{"Key": "team", "Value": "web"}]})
    s3.put_bucket_policy(Bucket=BUCKET, Policy=PUBLIC_POLICY)
    s3.put_bucket_acl(Bucket=BUCKET, ACL="public-read")
    seen = bucket.inspect(BUCKET)
    assert seen
    assert [name for name, on in seen["blocks"].items() if on] == ["IgnorePublicAcls"]
    assert (seen["tags"], seen["policy_public"]) == ({"team": "web"}, True)
    assert seen["public_grants"] == ["READ to AllUsers"]


def test_a_closed_bucket_keeps_its_policy(bucket: BucketGuard) -> None:
    """Only the blocks change: the public policy stays, and has no effect."""
    aws.s3().put_bucket_policy(Bucket=BUCKET, Policy=PUBLIC_POLICY)
    assert bucket.block_public_access(BUCKET)
    assert bucket.inspect(BUCKET) == CLOSED
    assert json.loads(aws.s3().get_bucket_policy(Bucket=BUCKET)["Policy"]) == json.loads(PUBLIC_POLICY)


def test_a_bucket_that_is_gone_is_neither_open_nor_closed(bucket: BucketGuard) -> None:
    """A bucket may be deleted at any time."""
    aws.s3().delete_bucket(Bucket=BUCKET)
    assert bucket.inspect(BUCKET) is None
    assert bucket.block_public_access(BUCKET) is False


@pytest.mark.parametrize(
    "name", ["other", "website2", "herald", "Herald-a", "herald-a/b", "herald-a\n", "", "a-herald-b"]
)
@pytest.mark.parametrize("act", [BucketGuard.inspect, BucketGuard.block_public_access])
def test_no_call_leaves_for_a_bucket_outside(
    name: str, act: Callable[[BucketGuard, str], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Names are compared as a whole, and an invalid name is not covered."""
    monkeypatch.setattr(aws, "s3", lambda: pytest.fail("S3 was called"))
    guard = BucketGuard("herald-*,website")
    assert not guard.covers(name)
    with pytest.raises(Permanent, match="is outside of block_public"):
        act(guard, name)


@pytest.mark.parametrize("name", ["herald-a", "herald-a.b-c", "website"])
def test_what_is_declared_is_covered(name: str) -> None:
    """A pattern is a whole name or a prefix."""
    assert BucketGuard("herald-*,website").covers(name)


def decided(world: World, handle: Callable[[Event, Run], Any]) -> tuple[str, str]:
    """Run a handler on an event; return its decision and reason."""
    world.send(body(cloud_event()))
    world.deliver(handle)
    (row,) = world.rows()
    return row["decision"], row["reason"]


def test_a_function_without_the_grant_has_no_guard(world: World) -> None:
    """The reason says what to declare."""
    decision, reason = decided(world, lambda _, run: run.bucket_guard.covers(BUCKET))
    assert decision == "retrying"
    assert reason == 'run.bucket_guard needs block_public = ["<bucket>*"] in [access] of function.toml'


def test_a_run_has_the_guard_of_its_declaration(
    bucket: BucketGuard, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The deployment sets the patterns."""
    monkeypatch.setenv("HERALD_BLOCK_PUBLIC", "herald-*")
    assert decided(world, lambda _, run: run.bucket_guard.block_public_access(BUCKET))[0] == "processed"
    assert bucket.inspect(BUCKET) == CLOSED


def test_a_later_attempt_remembers_what_the_first_one_saw(world: World) -> None:
    """The second attempt gets the first attempt's value."""
    sights = iter([{"open": True}, {"open": False}])
    kept = []

    def inspect(_event: Event, run: Run) -> None:
        kept.append(run.remember_first(next(sights)))
        if len(kept) == 1:
            raise Transient("not now")

    world.send(body(cloud_event()))
    world.deliver(inspect)
    world.requeue()
    world.deliver(inspect, request_id="second")
    assert kept == [{"open": True}, {"open": True}]


def test_two_events_have_two_memories(world: World) -> None:
    """Each run has a value of its own."""
    kept = []
    world.send(body(cloud_event()), body(cloud_event()))
    world.deliver(lambda event, run: kept.append(run.remember_first({"id": event.id})))
    assert len({each["id"] for each in kept}) == 2


def test_a_ledger_that_cannot_remember_fails_the_attempt(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the value, a later attempt could not report what the first one saw."""
    monkeypatch.setattr(statements, "PAUSE_SECONDS", 0)
    real = aws.dynamodb().batch_execute_statement

    def throttle_memories(**call: Any) -> Any:  # noqa: ANN401 - boto3's keywords and reply
        if "'kept'" in call["Statements"][0]["Statement"]:
            return {"Responses": [{"Error": {"Code": "ThrottlingError"}}]}
        return real(**call)

    monkeypatch.setattr(aws.dynamodb(), "batch_execute_statement", throttle_memories)
    decision, reason = decided(world, lambda _, run: run.remember_first({}))
    assert (decision, reason) == ("retrying", "the ledger could not remember: ThrottlingError")
