"""Reads the body of each message, from S3 where it did not fit into the message, and parses the event in it."""

from collections.abc import Sequence
from functools import partial
from typing import Final

from functions.runtime.batch.invocation import Invocation, guarded
from functions.runtime.batch.job import Job, State, in_state
from functions.runtime.batch.record import Record, with_body
from functions.runtime.run.memory import read_limit_bytes

NO_MEMORY_SECONDS: Final = 1  # until SQS delivers a message again that did not fit into memory beside the others


def read_bodies(jobs: Sequence[Job], _invocation: Invocation) -> None:
    """Read bodies, as many as can be parsed together in the function's memory; the first one is always read.

    The other messages stay in the queue, and so does a message if its stored body cannot be read now.
    """
    free_bytes, any_read = read_limit_bytes(), False

    def read(job: Job) -> None:
        nonlocal free_bytes, any_read
        found = with_body(job.sqs_record)
        size = len(found["body"].encode(errors="surrogatepass"))
        if any_read and size > free_bytes:
            job.leave_in_queue(NO_MEMORY_SECONDS)
            return
        job.sqs_record = found
        free_bytes, any_read = free_bytes - size, True

    for job in jobs:
        if not guarded(partial(read, job), "not handled: the stored body could not be read"):
            job.leave_in_queue()


def parse(jobs: Sequence[Job], invocation: Invocation) -> None:
    """Parse messages; a message that is not an event is rejected later, by its attempt."""
    for job in in_state(jobs, State.RECEIVED):
        job.record = Record.of(job.sqs_record, invocation.context.aws_request_id)
        job.state = State.PARSED
