"""Waits until no run of a subject is open and no function that could run on its events has messages."""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Final

from functions.runtime.ledger.decisions import OPEN
from herald.deployment.deployment import Deployment
from herald.deployment.queues import count
from herald.errors import CommandError
from herald.investigate.consumers import TRANSIT, Consumers
from herald.investigate.events import fault, write_of
from herald.investigate.history import Decision, History
from herald.local import emulator
from infra.declarations.spec import FunctionSpec
from infra.flow.routing import could_be_about

# How long an event may be on its way where no queue shows it yet: between the bus and a queue. EventBridge takes
# 0.4 s in 99 of 100 cases; the emulator takes none that can be measured.
TRANSIT_SECONDS: Final = {"local": 0.5, "aws": 5.0}
WAIT_SECONDS: Final = 120

type Progress = Callable[[str], None]


def wait(deployment: Deployment, subject: str, progress: Progress) -> str | None:
    """Return when nothing of the subject is open; after two minutes return what still is.

    An event that is on its way has no row: all queues it may come to must be empty for as long as an event may take
    from the bus to a queue. `tell` gets what is waited for, whenever that changes. Paused functions are left out.
    """
    transit, consumers = TRANSIT_SECONDS["local" if deployment.endpoint else "aws"], Consumers(deployment)
    running = deployment.running
    quiet_since, told = time.monotonic(), ""

    def settled() -> bool:
        nonlocal quiet_since, told
        decisions = History(deployment).decisions(subject)
        awaited = _awaited(consumers, subject, decisions, running)
        text = ", ".join(awaited)
        if awaited:
            quiet_since = time.monotonic()
            if text != told:
                progress(f"waiting for {text}")
        told = text
        return time.monotonic() - quiet_since >= transit

    if emulator.wait_until(settled, WAIT_SECONDS, every=transit / 10):
        return None
    left = ", ".join(_left(consumers, subject, running))
    return f"{subject}: after {WAIT_SECONDS} s still waiting for {left}" if left else None


def _awaited(consumers: Consumers, subject: str, decisions: Sequence[Decision], running: Sequence[str]) -> list[str]:
    if not decisions:
        begin = _to_begin(consumers.deployment, subject, running)
        if begin:
            return begin
    return [*_open(decisions), *_busy(consumers.deployment, _concerned(consumers, subject, decisions, running))]


def _to_begin(deployment: Deployment, subject: str, running: Sequence[str]) -> list[str]:
    """Return the functions that a recent write of an object runs, and that have not begun."""
    event = write_of(deployment, subject)
    if event is None or datetime.now(UTC) - datetime.fromisoformat(event["time"]) > TRANSIT:
        return []
    specs = [each for each in deployment.specs.values() if each.trigger.pattern and each.name in running]
    return [f"{spec.name} (no run has begun)" for spec in specs if fault(deployment, spec, event) is None]


def _concerned(consumers: Consumers, subject: str, decisions: Sequence[Decision], running: Sequence[str]) -> list[str]:
    """Return the running functions, by the names of their queues, that an event of the subject or of its runs may run.

    Until a rename is deployed the function takes its events from the queue of its former name.
    """
    names, waiting = consumers.unrun(subject, decisions), could_wait(consumers.deployment, subject)
    return [name for name in running if name in waiting or consumers.deployment.present(name) in names]


def could_wait(deployment: Deployment, subject: str) -> list[str]:
    """Return the functions whose queues may hold an event of a subject; of one that is gone nothing is known."""
    specs = {name: deployment.specs.get(deployment.present(name)) for name in deployment.queues}
    return [name for name, spec in specs.items() if spec is None or _could_be_about(deployment, spec, subject)]


def _could_be_about(deployment: Deployment, spec: FunctionSpec, subject: str) -> bool:
    if spec.trigger.iot:
        return subject.startswith("device/")  # as functions/runtime/envelopes/iot.py names what a device publishes
    try:
        return could_be_about(deployment.resolved(spec), spec.buses, subject)
    except CommandError:
        return True  # what is deployed has another pattern, which is not known here


def _open(decisions: Sequence[Decision]) -> list[str]:
    found = []
    for decision in decisions:
        if decision["decision"] in OPEN:
            found.append(f"{decision['function']} ({decision['decision']})")
        for effect in decision["effects"]:
            found += _open(effect["decisions"])
    return found


def _busy(deployment: Deployment, names: Sequence[str]) -> list[str]:
    sqs = deployment.client("sqs")
    return [f"{name} (its queue is not empty)" for name in names if count(sqs, deployment.queues[name]["queue"])]


def _left(consumers: Consumers, subject: str, running: Sequence[str]) -> list[str]:
    """Return what is open by the rows; queues of a busy installation are never empty, so only missing runs count."""
    deployment = consumers.deployment
    decisions = History(deployment).decisions(subject)
    if not decisions:
        return _awaited(consumers, subject, decisions, running)
    missing = {each["function"] for each in consumers.missing(subject, decisions)}
    return [*_open(decisions), *_busy(deployment, [name for name in running if deployment.present(name) in missing])]
