"""Runs one handler as a worker does, on content from stdin, and prints its peak memory in MiB and how it ended.

It is a process of its own: `python -m tests.memory_probe <function> <sample>`. The peak is Linux's VmHWM: ru_maxrss
would begin with that of the parent.
"""

import importlib
import json
import sys
from pathlib import Path
from typing import Final

from functions.runtime.core import aws
from functions.runtime.envelopes.envelope import parse
from infra.declarations import loader
from tests.doubles import NAMES, RecordingRun, run_handler

STATUS: Final = Path("/proc/self/status")
CLIENTS: Final = (aws.s3, aws.sqs, aws.sns, aws.dynamodb, aws.events)


def main(function: str, sample: str) -> None:
    """Handle the sample with the content as its object; whatever the handler raises is how it ended."""
    importlib.import_module("aws_xray_sdk.core")
    for client in CLIENTS:
        client()
    handle = importlib.import_module(f"functions.{function}.handler").handle
    event = parse(json.dumps(loader.resolve(loader.sample(sample), NAMES)))
    ending = "returned"
    try:
        run_handler(handle, event, RecordingRun(sys.stdin.buffer.read()))
    except Exception as error:  # noqa: BLE001 - the test judges it
        ending = type(error).__name__
    (peak,) = [line.split()[1] for line in STATUS.read_text().splitlines() if line.startswith("VmHWM:")]
    sys.stdout.write(f"{int(peak) // 1024} {ending}")


if __name__ == "__main__":
    main(*sys.argv[1:])
