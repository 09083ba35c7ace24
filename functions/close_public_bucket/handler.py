"""Closes a bucket that was opened to the public, and emits `policy.remediated`."""

from functions.close_public_bucket.logic import Plan, announce, describe, plan
from functions.close_public_bucket.model import Change, Exposure
from functions.runtime import Event, Run, entrypoint


@entrypoint
def handle(event: Event, run: Run) -> None:
    """Inspect the bucket and close it. The event gives only its name: the event may be old, repeated or our own."""
    change = Change.read(event.subject, event.data)
    decided = _plan(run, change.bucket)
    if decided.found is None:
        run.log.info("bucket left unchanged", bucket=change.bucket, reason=decided.left)
    elif run.bucket_guard.block_public_access(change.bucket):
        run.emit("policy.remediated", announce(change, decided.found), subject=event.subject)


def _plan(run: Run, bucket: str) -> Plan:
    if not run.bucket_guard.covers(bucket):
        return Plan(left="the bucket does not match block_public in [access]")
    inspected = run.bucket_guard.inspect(bucket)
    if inspected is None:
        return Plan(left="the bucket no longer exists")
    now = Exposure.read(inspected)
    return plan(now, run.remember_first(describe(now)))
