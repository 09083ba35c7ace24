"""How what a run caused leaves: events by PutEvents, notices by SNS."""

import json
from collections.abc import Mapping, Sequence
from itertools import batched
from typing import Any, Final

from aws_lambda_powertools.utilities.idempotency import IdempotencyConfig, idempotent_function
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.runtime import aws
from functions.runtime.errors import Transient
from functions.runtime.ledger import KEEP_SECONDS, ledger
from functions.runtime.settings import settings

ENTRIES_PER_CALL: Final = 10  # the most PutEvents takes
TITLE_LENGTH: Final = 100  # SNS: a subject is ASCII on one line, under 100 characters


def put_events(events: Sequence[Mapping[str, Any]]) -> None:
    """Put CloudEvents on the bus, each as the detail of its entry; Transient when an entry was not taken."""
    for group in batched(events, ENTRIES_PER_CALL, strict=False):
        reply = aws.events().put_events(
            Entries=[
                {
                    "Source": event["source"],
                    "DetailType": event["type"],
                    "Detail": json.dumps(event, ensure_ascii=False),
                    "EventBusName": settings().bus,
                }
                for event in group
            ]
        )
        refused = [entry["ErrorCode"] for entry in reply["Entries"] if "ErrorCode" in entry]
        if refused:
            message = f"the bus refused {len(refused)} of {len(group)} events: {refused[0]}"
            raise Transient(message)


def send_notice(notice: Mapping[str, Any], context: LambdaContext) -> str:
    """Publish one notice, once per run; return its message id.

    SNS has no idempotency of its own, so the call is a Powertools step in the ledger: an attempt that follows one
    which failed later on does not tell people again.
    """
    config = IdempotencyConfig(
        event_key_jmespath="[run, ordinal, topic]",
        raise_on_no_idempotency_key=True,
        expires_after_seconds=KEEP_SECONDS,
        hash_function="sha256",
        lambda_context=context,
    )
    step = idempotent_function(
        _publish, data_keyword_argument="notice", persistence_store=ledger(), config=config, key_prefix="notice"
    )
    message_id: str = step(notice=dict(notice))
    return message_id


def _publish(*, notice: Mapping[str, Any]) -> str:
    title = notice["title"].encode("ascii", "replace").decode().replace("\n", " ")[: TITLE_LENGTH - 1]
    return aws.sns().publish(TopicArn=notice["topic"], Subject=title, Message=notice["text"])["MessageId"]
