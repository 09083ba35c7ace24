"""PutEvents for one entry, once for each key of a sender."""

from collections.abc import Mapping

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.runtime.core.errors import KeyReusedError, Transient
from functions.runtime.core.replies import SUCCEEDED, Replies
from functions.runtime.run.put_events import put_events
from functions.runtime.run.steps import run_once


def put_event_once(entry: Mapping[str, str], key: str, digest: str, context: LambdaContext) -> bool:
    """Put an entry on the bus unless an entry with this key was put before; return whether it was put now.

    The call is a step, and its result keeps the digest of the content. KeyReusedError if the digest of the entry that
    was put before differs. Rows of older versions have the key alone as their result, so their content is not compared.
    """
    put_now = False

    def put(*, request: Mapping[str, str]) -> Mapping[str, str]:
        nonlocal put_now
        replies = Replies(1, "EventBridge did not answer")
        put_events([entry], replies)
        if replies[0] != SUCCEEDED:
            raise Transient(f"EventBridge did not accept the event: {replies[0]}")
        put_now = True
        return request

    kept = run_once(put, {"key": key, "digest": digest}, name="request", key="[key]", context=context)
    if isinstance(kept, dict) and kept["digest"] != digest:
        raise KeyReusedError("an event with this key and other content was sent before")
    return put_now
