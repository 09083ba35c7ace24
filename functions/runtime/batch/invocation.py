"""What the stages of a batch share: the invocation, its time, and the rule that platform errors lose no message."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.runtime.batch.attempt import Handler
from functions.runtime.batch.decision_log import DecisionLog
from functions.runtime.core import telemetry
from functions.runtime.core.replies import Replies
from functions.runtime.core.time_limit import time_limit
from functions.runtime.ledger.ledger import Ledger

SETTLE_MS: Final = 2_000  # kept back for emitting and settling: handlers are interrupted this long before the timeout
EMIT_MS: Final = 1_000  # the part of SETTLE_MS that sending events and wakes may use
LEAST_MS: Final = 100  # a handler is not started with less time than this
NO_RESPONSE: Final = "no response"


@dataclass(frozen=True, slots=True)
class Invocation:
    """One invocation of a function."""

    handle: Handler
    context: LambdaContext
    ledger: Ledger
    decision_log: DecisionLog

    def remaining_ms(self) -> int:
        """Return the time until Lambda stops the invocation."""
        return self.context.get_remaining_time_in_millis()

    def send(self, entries: int, send: Callable[[Replies], None], failure: str) -> Replies:
        """Send a number of entries, and stop early enough that settling has time left; return the replies."""
        replies = Replies(entries, NO_RESPONSE)
        seconds = (self.remaining_ms() - SETTLE_MS + EMIT_MS) / 1_000

        def send_in_time() -> None:
            with time_limit(max(seconds, LEAST_MS / 1_000)):
                send(replies)

        if entries:
            guarded(send_in_time, failure)
        return replies


def guarded(action: Callable[[], None], failure: str) -> bool:
    """Return whether an action on AWS succeeded; log its error, so that the messages stay in the queue."""
    try:
        action()
    except Exception as error:  # noqa: BLE001 - no error may lose a message
        telemetry.log_error(failure, error)
        return False
    return True
