"""A stage for the runtime: queues, a ledger, a bus and a clock in memory, with faults that tests inject.

Nothing leaves the process, so that thousands of schedules run in seconds.
"""

import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from functions.runtime.batch import fairness
from functions.runtime.batch.attempt import Handler
from functions.runtime.batch.carried import ATTRIBUTE
from functions.runtime.core import aws, clock, settings, telemetry
from functions.runtime.http import senders
from functions.runtime.ledger import ledger as ledgers
from functions.runtime.ledger import statements, step_store
from functions.runtime.run import contracts
from functions.runtime.sqs import entrypoint
from tests.staged_aws import QUEUE_URL, Message, StagedAws

CACHED: Final = (
    settings.settings,
    settings.queue_settings,
    ledgers.ledger,
    step_store.step_store,
    telemetry.logger,
    telemetry.metrics,
    telemetry.invocations,
    fairness.fairness,
    senders.declared,
)
SETTINGS: Final = {
    "FUNCTION": "f",
    "ENVIRONMENT": "test",
    "LEDGER": "ledger",
    "QUEUE_URL": QUEUE_URL,
    "DEAD_LETTER_URL": "dead",
    "DEAD_LETTER_BODIES": "journal",
    "BUS": "bus",
    "MAX_ATTEMPTS": "3",
    "BASE_SECONDS": "2",
    "CAP_SECONDS": "60",
    "MAX_AGE_SECONDS": "0",
    "FAIR": "false",
    "WAKES": "false",
    "MAX_CONCURRENCY": "10",
    "ORDER": "none",
    "KEEP_DAYS": "90",
}
TIMEOUT_MS: Final = 30_000
NO_CONTRACTS: Final = Path("/nonexistent")  # the types in tests have no contracts


class Killed(BaseException):
    """The worker crashes: no later code runs, and `except Exception` does not catch it."""


class Stage(StagedAws):
    """The surroundings of one function; `left_ms` is the time that each invocation has left."""

    def __init__(self, handle: Handler) -> None:
        """Create empty queues, an empty table and a fixed time."""
        super().__init__()
        self.handle = handle
        self.left_ms = TIMEOUT_MS
        self.requests = itertools.count(1)

    def deliver(self, *message_ids: str, all_of_them: bool = False) -> list[str]:
        """Deliver messages in one batch: the named or the visible ones; return the ids that stay in the queue."""
        visible = [each for each in self.queue.values() if all_of_them or each.visible_at <= self.now]
        batch = [self.queue[name] for name in message_ids] if message_ids else visible[:10]
        for message in batch:
            message.receives += 1
            message.visible_at = self.now + 6 * TIMEOUT_MS
        records = [self._record(message) for message in batch]
        answer = entrypoint(self.handle)({"Records": records}, self._context())
        failed = {str(failure["itemIdentifier"]) for failure in answer["batchItemFailures"]}
        for message in batch:
            if message.id not in failed:
                del self.queue[message.id]
        return sorted(failed)

    def drain(self, rounds: int = 200) -> None:
        """Let time pass and deliver until the queue is empty; AssertionError if it is not empty after these rounds."""
        for _ in range(rounds):
            if not self.queue:
                return
            self.now = max(self.now, min(message.visible_at for message in self.queue.values()))
            self.deliver()
        raise AssertionError([vars(message) for message in self.queue.values()])

    def redrive(self) -> None:
        """Move all dead letters back, with their attributes."""
        moved, self.dead = self.dead, []
        for message in moved:
            self.send(message.body, attributes=message.attributes)

    def dead_letters(self) -> list[dict[str, Any]]:
        """Return the attribute of each dead letter."""
        return [json.loads(each.attributes[ATTRIBUTE]["stringValue"]) for each in self.dead]

    def rows(self) -> list[dict[str, Any]]:
        """Return the rows of runs as plain values."""
        items = [statements.plain(item) for item in self.table.items.values()]
        return [item for item in items if "facts" in item]

    def decisions(self) -> list[str]:
        """Return the decisions, in the order of the first claims."""
        return [str(row["decision"]) for row in sorted(self.rows(), key=lambda row: row["first_at"])]

    def _context(self) -> Any:  # noqa: ANN401 - Lambda's context
        stage = self

        class Context:
            function_name = "herald-test-f"
            aws_request_id = f"request-{next(stage.requests)}"

            @staticmethod
            def get_remaining_time_in_millis() -> int:
                return stage.left_ms

        return Context()

    @staticmethod
    def _record(message: Message) -> dict[str, Any]:
        return {
            "messageId": message.id,
            "receiptHandle": message.id,
            "body": message.body,
            "attributes": {
                "ApproximateReceiveCount": str(message.receives),
                "SentTimestamp": str(message.sent_at),
                **message.system,
            },
            "messageAttributes": message.attributes,
        }


def install(stage: Stage, patch: pytest.MonkeyPatch, **changed: str) -> Stage:
    """Let the runtime use a stage, with changed settings."""
    for cached in CACHED:
        cached.cache_clear()
    for name, value in (SETTINGS | changed).items():
        patch.setenv(f"HERALD_{name}", value)
    patch.setenv("POWERTOOLS_LOG_LEVEL", "CRITICAL")
    for client in ("dynamodb", "sqs", "events"):
        patch.setattr(aws, client, lambda: stage)
    patch.setattr(contracts, "EVENTS", NO_CONTRACTS)
    patch.setattr(clock, "now_ms", lambda: stage.now)
    patch.setattr("functions.runtime.ledger.statements.PAUSE_SECONDS", 0)
    patch.setattr("functions.runtime.run.put_events.PAUSE_SECONDS", 0)
    return stage


def on(call: str, when: str, error: BaseException, *, times: int = 1) -> Callable[[str, str], None]:
    """Return a fault that raises an error so many times, before or after a call takes effect."""
    left = itertools.count(times, -1)

    def fail(called: str, at: str) -> None:
        if (called, at) == (call, when) and next(left) > 0:
            raise error

    return fail


def lost_reply() -> ReadTimeoutError:
    """Return the error that botocore raises when a response is lost."""
    return ReadTimeoutError(endpoint_url="https://dynamodb")


def throttled() -> ClientError:
    """Return the error that botocore raises when a service throttles all its attempts."""
    return ClientError({"Error": {"Code": "ThrottlingException", "Message": "slow down"}}, "BatchExecuteStatement")
