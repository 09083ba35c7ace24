"""Something may have opened a bucket; it is closed again, unless it is an exception, and `policy.remediated` tells."""

from functions.close_public_bucket.logic import Plan, announce, describe, plan
from functions.close_public_bucket.model import Change, Exposure
from functions.runtime import Event, Permanent, Run, entrypoint


@entrypoint
def handle(event: Event, run: Run) -> None:
    """Look at the bucket: the event says only where, for it may be old, repeated, or of our own closing."""
    try:
        change = Change.read(event.subject, event.data)
    except (AttributeError, KeyError, ValueError) as error:
        raise Permanent(f"{event.type} names no bucket: {error!r}") from error
    made = _plan(run, change.bucket)
    if made.found is None:
        run.log.info("the bucket is left as it is", bucket=change.bucket, reason=made.left)
    elif run.bucket_guard.block_public_access(change.bucket):
        run.emit("policy.remediated", announce(change, made.found), subject=event.subject)


def _plan(run: Run, bucket: str) -> Plan:
    if not run.bucket_guard.covers(bucket):
        return Plan(left="it is outside of close in [access]")
    look = run.bucket_guard.inspect(bucket)
    if look is None:
        return Plan(left="it is gone")
    now = Exposure.read(look)
    return plan(now, run.remember_first(describe(now)))
