"""How what a run caused leaves: events by PutEvents, notices by SNS."""

import hashlib
import json
import random
import re
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from aws_lambda_powertools.utilities.idempotency import IdempotencyConfig, idempotent_function
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import BotoCoreError, ClientError

from functions.runtime.core import aws
from functions.runtime.core.errors import KeyReusedError, Permanent, Transient, UndeclaredError
from functions.runtime.core.lineage import Lineage, to_extensions
from functions.runtime.core.replies import SUCCEEDED, Replies
from functions.runtime.core.settings import settings
from functions.runtime.ledger.ledger import ledger
from functions.runtime.run import contracts
from functions.runtime.run.batching import EVENT_BYTES, calls

TRIES: Final = 3
PAUSE_SECONDS: Final = 0.1
SUBJECT_LENGTH: Final = 99
NO_SUBJECT: Final = "(no title)"
BLANKS: Final = re.compile(
    r"[\s\x00-\x1f\x7f-\x9f]+"
)  # blanks, ends of lines, and the control characters C0, DEL and C1


def derived_id(identity: str) -> str:
    """Return the id of an event by what it comes from, so that a repeat of that repeats it."""
    return hashlib.sha256(identity.encode()).hexdigest()[:32]


def cloud_event(
    event_type: str,
    data: Mapping[str, Any],
    *,
    subject: str,
    event_id: str,
    lineage: Lineage,
    happened: str | None = None,
) -> dict[str, Any]:
    """Return an event of this function as a CloudEvent; `happened` is when, now unless given.

    UndeclaredError when the type is not declared, Permanent when the data breaks its newest contract.
    """
    _check_declared(event_type)
    schema = contracts.vouch(event_type, data)
    return {
        "specversion": "1.0",
        "id": event_id,
        "source": f"herald.{settings().first_name}",
        "type": event_type,
        "subject": subject,
        "time": happened or datetime.now(UTC).isoformat(),
        "datacontenttype": "application/json",
        **({"dataschema": schema} if schema else {}),
        "data": dict(data),
        **to_extensions(lineage),
    }


def _check_declared(event_type: str) -> None:
    """Raise UndeclaredError for a type that the role does not allow: for its sake the bus would refuse a whole call."""
    declared = settings().emits
    if declared and event_type not in declared:
        raise UndeclaredError(f"{event_type} is not declared: access.emit has {', '.join(declared)}")


def entry(event: Mapping[str, Any]) -> dict[str, str]:
    """Return a CloudEvent as an entry of PutEvents; Permanent, with its size, when the bus would not take it."""
    made = {
        "Source": event["source"],
        "DetailType": event["type"],
        "Detail": json.dumps(event, ensure_ascii=False),
        "EventBusName": settings().bus,
    }
    if _size(made) > EVENT_BYTES:
        raise Permanent(f"{event['type']} has {_size(made):,} bytes; an event has at most {EVENT_BYTES:,}")
    return made


def put_events(entries: Sequence[Mapping[str, str]], replies: Replies) -> None:
    """Put entries on the bus in as few calls as it takes, and record the reply to each.

    Those it refuses are put again, up to three times in all. A call that it refuses as a whole, such as one that the
    role does not allow, is its answer to each of its entries; one that it does not answer leaves them as they were.
    The first of such errors is raised once all other calls were made.
    """
    failures: list[Exception] = []
    open_ = list(range(len(entries)))
    for number in range(TRIES):
        if number:
            time.sleep(random.uniform(0, PAUSE_SECONDS * 2**number))  # noqa: S311 - jitter, not a secret
        groups = calls({place: _size(entries[place]) for place in open_})
        open_ = [place for group in groups for place in _put(group, entries, replies, failures)]
        if not open_:
            break
    if failures:
        raise failures[0]


def _put(
    group: Sequence[int], entries: Sequence[Mapping[str, str]], replies: Replies, failures: list[Exception]
) -> list[int]:
    """Put the entries of one call, as above; return which of them may be put again."""
    try:
        reply = aws.events().put_events(Entries=[entries[place] for place in group])  # type: ignore[misc] # our entries have its shape
    except ClientError as error:
        failures.append(error)
        for place in group:
            replies.fail(place, error.response["Error"]["Code"])
        return []
    except BotoCoreError as error:
        failures.append(error)
        return []
    for place, answer in zip(group, reply["Entries"], strict=True):
        if "ErrorCode" in answer:
            replies.fail(place, answer["ErrorCode"])
        else:
            replies.succeed(place)
    return [place for place in group if replies[place] != SUCCEEDED]


def _size(made: Mapping[str, str]) -> int:
    return sum(len(made[name].encode()) for name in ("Source", "DetailType", "Detail"))


def send_notice(notice: Mapping[str, Any], context: LambdaContext) -> str:
    """Publish one notice, once per run; return its message id.

    SNS has no idempotency of its own, so the call is a Powertools step in the ledger: an attempt that follows one
    which failed later on does not tell people again.
    """
    config = _step("[run, ordinal, topic]", context)
    step = idempotent_function(
        _publish, data_keyword_argument="notice", persistence_store=ledger(), config=config, key_prefix="notice"
    )
    message_id: str = step(notice=dict(notice))
    return message_id


def put_event_once(made: Mapping[str, str], key: str, digest: str, context: LambdaContext) -> bool:
    """Put an entry on the bus unless it is known to have been put under this key; return whether it was put now.

    It is a Powertools step, as a notice is: put first and written down after. KeyReusedError when what was put under
    the key came from other content: the digest is kept in the step's result. A row of before digests were kept has the
    key alone as its result, and says nothing of the content.
    """
    put_now = False

    def put(*, request: Mapping[str, str]) -> Mapping[str, str]:
        nonlocal put_now
        replies = Replies(1, "no answer")
        put_events([made], replies)
        if replies.failed():
            raise Transient(f"the bus refused it: {replies[0]}")
        put_now = True
        return request

    step = idempotent_function(
        put,
        data_keyword_argument="request",
        persistence_store=ledger(),
        config=_step("[key]", context),
        key_prefix="request",
    )
    kept = step(request={"key": key, "digest": digest})
    if isinstance(kept, dict) and kept["digest"] != digest:
        raise KeyReusedError("the key was used before, for other content")
    return put_now


def _step(key: str, context: LambdaContext) -> IdempotencyConfig:
    return IdempotencyConfig(
        event_key_jmespath=key,
        raise_on_no_idempotency_key=True,
        expires_after_seconds=settings().keep_days * 86_400,
        hash_function="sha256",
        lambda_context=context,
    )


def notice_subject(title: str) -> str:
    """Return a title as SNS takes it: without control characters and ends of lines, and shorter than 100 characters.

    It is ASCII, and begins with a letter, a number or a punctuation mark: SNS asked for both when its subjects were
    ASCII, and not every reader of mail has learned more. Source: "Publish", Amazon SNS API Reference.
    """
    plain = BLANKS.sub(" ", title).strip().encode("ascii", "replace").decode()
    return plain[:SUBJECT_LENGTH].rstrip() or NO_SUBJECT


def _publish(*, notice: Mapping[str, Any]) -> str:
    subject = notice_subject(notice["title"])
    return aws.sns().publish(TopicArn=notice["topic"], Subject=subject, Message=notice["text"])["MessageId"]
