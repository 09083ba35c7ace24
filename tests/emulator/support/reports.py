"""JUnit reports, and the function that summarizes them."""

from collections.abc import Sequence
from typing import Any, Final

from herald.deployment.queues import post
from tests.emulator.support.deployed import Aws

REPORTS: Final = "summarise_test_report"
GREEN: Final = b'<testsuite name="s"><testcase name="a" time="0.5"/></testsuite>'
RED: Final = b'<testsuite name="s"><testcase name="a"/><testcase name="b"><failure message="m"/></testcase></testsuite>'


def enqueue(aws: Aws, bodies: Sequence[str]) -> None:
    """Put messages into the queue of the function, in few calls."""
    messages: list[dict[str, Any]] = [{"MessageBody": each, "MessageAttributes": {}} for each in bodies]
    sent = post(aws.deployment.client("sqs"), aws.deployment.queues[REPORTS]["queue"], messages)
    assert len(sent) == len(bodies)
