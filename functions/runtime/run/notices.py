"""Notices: messages to the subscribers of an SNS topic."""

import re
from collections.abc import Mapping
from typing import Any, Final

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.runtime.core import aws
from functions.runtime.run.steps import run_once

SUBJECT_LENGTH: Final = 99
NO_SUBJECT: Final = "(no title)"
BLANKS: Final = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")  # white space and the control characters C0, DEL and C1


def send_notice(notice: Mapping[str, Any], context: LambdaContext) -> str:
    """Publish a notice once per run; return its message id.

    SNS has no idempotency for standard topics, so the call is a step: an attempt after a failed one does not publish
    the notice again. `run` and `ordinal` of the notice are the key of the step.
    """
    return run_once(_publish, notice, name="notice", key="[run, ordinal, topic]", context=context)


def notice_subject(title: str) -> str:
    """Return a title as a subject that SNS accepts: one line of printable ASCII, shorter than 100 characters.

    SNS accepts more than ASCII today. Subjects stay ASCII because some mail clients do not display other characters.
    Source: "Publish", Amazon SNS API Reference.
    """
    plain = BLANKS.sub(" ", title).strip().encode("ascii", "replace").decode()
    return plain[:SUBJECT_LENGTH].rstrip() or NO_SUBJECT


def _publish(*, request: Mapping[str, Any]) -> str:
    subject = notice_subject(request["title"])
    return aws.sns().publish(TopicArn=request["topic"], Subject=subject, Message=request["text"])["MessageId"]
