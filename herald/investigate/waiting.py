"""Waits until a subject has no open run and the queues of the functions that may run on its events are empty."""

import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from functions.runtime.ledger.decisions import OPEN
from herald.deployment import functions, switch
from herald.deployment.deployment import Deployment
from herald.deployment.queues import count
from herald.errors import CommandError
from herald.investigate.consumers import TRANSIT, Consumers
from herald.investigate.events import fault, write_of
from herald.investigate.history import Decision, History
from herald.investigate.startup import Startups
from herald.local import emulator
from herald.progress import Progress
from infra.declarations.spec import FunctionSpec
from infra.flow.routing import could_be_about

# The longest expected time from the bus to a queue: while an event is between them, no queue shows it. The p99 of
# EventBridge is 0.4 s. On the local AWS the time is too short to measure.
TRANSIT_SECONDS: Final = {"local": 0.5, "aws": 5.0}
WAIT_SECONDS: Final = 120

type Awaited = tuple[str, str]  # a function, and its decision or the state of its queue


def wait(deployment: Deployment, subject: str, progress: Progress) -> str | None:
    """Wait until the subject has no open run; return None, or a text with the functions that did not end.

    After two minutes the text lists the open runs. Functions that cannot start are not waited for: the text names them.

    An event between the bus and a queue has no row. So the queues it may reach must stay empty for the time that an
    event may need from the bus to a queue. `progress` receives what the command waits for, whenever that changes.
    Paused functions are left out.
    """
    transit, consumers = TRANSIT_SECONDS["local" if deployment.endpoint else "aws"], Consumers(deployment)
    running, startups = switch.running(deployment), Startups(deployment, every=transit)
    quiet_since, reported = time.monotonic(), ""

    def settled() -> bool:
        nonlocal quiet_since, reported
        decisions = History(deployment).decisions(subject)
        awaited = _awaited(consumers, subject, decisions, running)
        failures = startups.check({name for name, _ in awaited})
        text = _listed([each for each in awaited if each[0] not in failures])
        if text:
            quiet_since = time.monotonic()
            if text != reported:
                progress(f"waiting for {text}")
        reported = text
        return time.monotonic() - quiet_since >= transit

    in_time = emulator.wait_until(settled, WAIT_SECONDS, every=transit / 10)
    if in_time and not startups.failures:
        return None
    left = _left(consumers, subject, running)
    if in_time:
        return _cannot_start(deployment, subject, {name: startups.failures.get(name) for name, _ in left})
    return f"{subject}: after {WAIT_SECONDS} s still waiting for {_listed(left)}" if left else None


def _cannot_start(deployment: Deployment, subject: str, failures: Mapping[str, str | None]) -> str | None:
    """Return a text with the error of each function that cannot start, and the command that shows its log."""
    lines = [
        f"{subject}: {name} cannot start: {text}; see its log with `{functions.log_command(deployment, name)}`"
        for name, text in failures.items()
        if text
    ]
    return "\n".join(lines) or None


def _listed(awaited: Sequence[Awaited]) -> str:
    return ", ".join(f"{name} ({state})" for name, state in awaited)


def _awaited(
    consumers: Consumers, subject: str, decisions: Sequence[Decision], running: Sequence[str]
) -> list[Awaited]:
    if not decisions:
        begin = _to_begin(consumers, subject, running)
        if begin:
            return begin
    return [*_open(decisions), *_busy(consumers.deployment, _concerned(consumers, subject, decisions, running))]


def _to_begin(consumers: Consumers, subject: str, running: Sequence[str]) -> list[Awaited]:
    """Return the functions that a recent write of an object should run."""
    deployment = consumers.deployment
    event = write_of(deployment, subject)
    if event is None:
        return []
    at = datetime.fromisoformat(event["time"])
    if datetime.now(UTC) - at > TRANSIT:
        return []
    specs = [each for each in deployment.specs.values() if each.trigger.pattern and each.name in running]
    reached = [spec for spec in specs if fault(deployment, spec, event) is None]
    return [(spec.name, "no run has begun") for spec in reached if not consumers.deployed_after(spec.name, at)]


def _concerned(consumers: Consumers, subject: str, decisions: Sequence[Decision], running: Sequence[str]) -> list[str]:
    """Return the running functions that an event of the subject or of its runs may run, by the names of their queues.

    Until a rename is deployed, a function receives its events from the queue of its former name.
    """
    names, waiting = consumers.unrun(subject, decisions), could_wait(consumers.deployment, subject)
    return [name for name in running if name in waiting or functions.current_name(consumers.deployment, name) in names]


def could_wait(deployment: Deployment, subject: str) -> list[str]:
    """Return the functions with queues that may hold an event of a subject, including undeclared functions."""
    specs = {name: deployment.specs.get(functions.current_name(deployment, name)) for name in deployment.queues}
    return [name for name, spec in specs.items() if spec is None or _could_be_about(deployment, spec, subject)]


def _could_be_about(deployment: Deployment, spec: FunctionSpec, subject: str) -> bool:
    if spec.trigger.iot:
        return subject.startswith(
            "device/"
        )  # the subject that functions/runtime/envelopes/iot.py gives to device messages
    try:
        return could_be_about(functions.resolved_pattern(deployment, spec), spec.buses, subject)
    except CommandError:
        return True  # the deployed pattern differs from the declared one and is unknown here


def _open(decisions: Sequence[Decision]) -> list[Awaited]:
    found = []
    for decision in decisions:
        if decision["decision"] in OPEN:
            found.append((decision["function"], decision["decision"]))
        for effect in decision["effects"]:
            found += _open(effect["decisions"])
    return found


def _busy(deployment: Deployment, names: Sequence[str]) -> list[Awaited]:
    sqs = deployment.client("sqs")
    return [(name, "its queue is not empty") for name in names if count(sqs, deployment.queues[name]["queue"])]


def _left(consumers: Consumers, subject: str, running: Sequence[str]) -> list[Awaited]:
    """Return the open runs, and the queues of functions with a missing run.

    Other queues do not count: in a busy environment queues are never empty.
    """
    deployment = consumers.deployment
    decisions = History(deployment).decisions(subject)
    if not decisions:
        return _awaited(consumers, subject, decisions, running)
    missing = {each["function"] for each in consumers.missing(subject, decisions)} & consumers.unrun(subject, decisions)
    return [
        *_open(decisions),
        *_busy(deployment, [name for name in running if functions.current_name(deployment, name) in missing]),
    ]
