"""Finds the functions that should have run on an event but have not, and the reason for each."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, Final

from herald.deployment import functions, switch
from herald.deployment.deployment import Deployment
from herald.deployment.queues import count
from herald.investigate import journal, startup
from herald.investigate.events import Happening, caused, decided, effects_of, fault, write_of
from herald.investigate.history import Decision
from herald.texts import counted
from infra.declarations.spec import FunctionSpec
from infra.flow.routing import ENVELOPE, WRITTEN, is_journalled

MATCHES: Final = "its pattern matches"
MAY_MATCH: Final = "its pattern may match (the journal does not have the event)"
PAUSED: Final = "it is paused: the event waits in its queue"
# The longest time from an event to the queue and to the journal. After it, a missing event was lost or deleted.
TRANSIT: Final = timedelta(minutes=5)
# The longest timeout of a Lambda function: the age that a run's events can have when the run ends.
LONGEST_RUN: Final = timedelta(minutes=15)
LOOKUPS: Final = 10  # events of one answer that are looked up in the journal

type NotRun = dict[str, str]


@dataclass
class Consumers:
    """Finds the functions for one answer; reads the journal only when type and source of the event do not suffice."""

    deployment: Deployment
    _lookups: int = field(default=0, init=False)
    _since: dict[str, datetime | None] = field(default_factory=dict, init=False)
    _listed: dict[tuple[datetime, datetime], list[str]] = field(default_factory=dict, init=False)

    @cached_property
    def paused(self) -> list[str]:
        """The paused functions."""
        return switch.paused(self.deployment)

    def attach(self, decisions: Sequence[Decision]) -> None:
        """Add `not_run` to each effect in a tree of decisions."""
        for decision, effect in effects_of(decisions):
            effect["not_run"] = self._missing(caused(self.deployment, decision, effect), effect["decisions"])

    def of_subject(self, subject: str, decisions: Sequence[Decision]) -> list[NotRun]:
        """Return the functions that have not run on the newest event of the subject that other functions decided."""
        newest = decisions[-1]
        same = [each for each in decisions if each["event_id"] == newest["event_id"]]
        return self._missing(decided(subject, newest), same)

    def missing(self, subject: str, decisions: Sequence[Decision]) -> list[NotRun]:
        """Return the functions that have not run on the subject's newest event or on an effect in the tree."""
        self.attach(decisions)
        below = (each for _, effect in effects_of(decisions) for each in effect["not_run"])
        return [*self.of_subject(subject, decisions), *below]

    def unrun(self, subject: str, decisions: Sequence[Decision]) -> set[str]:
        """Return the functions that may not have run yet, judged by type, source and subject only."""
        found = [
            (caused(self.deployment, decision, effect), effect["decisions"])
            for decision, effect in effects_of(decisions)
        ]
        if decisions:
            same = [each for each in decisions if each["event_id"] == decisions[-1]["event_id"]]
            found.append((decided(subject, decisions[-1]), same))
        return {
            spec.name
            for happening, ran in found
            for spec in self._candidates(happening, ran)
            if happening and not self.deployed_after(spec.name, happening.at)
        }

    def deployed_after(self, function: str, at: datetime) -> datetime | None:
        """Return when a function was deployed, if that was after an event of the time `at`; None: it was not."""
        if function not in self._since:
            self._since[function] = functions.deployed_since(self.deployment, function)
        since = self._since[function]
        return since if since and since > at else None

    def reason(self, function: str, subject: str, at: datetime, matches: str = MATCHES) -> str:
        """Return why a function with a matching pattern has no run on an event of the subject and the time `at`."""
        if function not in self.deployment.queues:
            return f"{matches}, but it is not deployed"
        since = self.deployed_after(function, at)
        if since:
            return self._younger(function, subject, at, f"{matches}, but it was deployed at {_time(since)}")
        if function in self.paused:
            return PAUSED
        begun = f"{matches}, but no run has begun"
        held, dead = self._held(function, "queue"), self._held(function, "dead_letters")
        if held:
            return f"{begun}, and its queue holds {counted(held, 'message')}: {self._start(function)}"
        if dead:
            messages = f"its dead-letter queue holds {counted(dead, 'message')}"
            return f"{begun}, and {messages}: `herald dlq list --function {function}`"
        return self._nowhere(function, datetime.now(UTC) - at, matches, begun)

    def _younger(self, function: str, subject: str, at: datetime, begun: str) -> str:
        """Return that an event was too early for a function, and how to send it if the journal may have it."""
        reason = f"{begun}, after this event; earlier events do not reach it"
        if is_journalled(self.deployment.specs[function]):
            command = f"herald replay --function {function} --subject {shlex.quote(subject)}"
            reason = f"{reason}: `{command} --from {_time(at - LONGEST_RUN)}` sends this event from the journal"
        held = self._held(function, "queue")
        return f"{reason}; its queue holds {counted(held, 'message')}: {self._start(function)}" if held else reason

    def _nowhere(self, function: str, age: timedelta, matches: str, begun: str) -> str:
        if age < TRANSIT:
            return f"{begun}: the event may not have reached its queue yet"
        kept = functions.ledger_retention(self.deployment, function)
        if age > kept:
            return f"{matches}; the ledger keeps runs for {kept.days} days, and the event is older"
        return (
            f"{begun}, and its queue is empty: its pattern was deployed after the event, or the message was deleted; "
            f"`herald replay --function {function}` sends events from the journal again"
        )

    def _start(self, function: str) -> str:
        log = functions.error_log(self.deployment, function)
        failure = startup.failure(self.deployment, function)
        if failure:
            return f"its code fails before it handles an event: {failure} ({log})"
        spec = self.deployment.specs.get(function)
        fair = "the event may wait for events of other subjects (fair = true); " if spec and spec.delivery.fair else ""
        return f"{fair}errors before a run are logged in {log}"

    def _held(self, function: str, kind: str) -> int:
        return count(self.deployment.client("sqs"), self.deployment.queues[function][kind])

    def _missing(self, happening: Happening | None, ran: Sequence[Decision]) -> list[NotRun]:
        specs = list(self._candidates(happening, ran))
        if not happening or not specs:
            return []
        certain = {spec.name for spec in specs if happening.source and spec.trigger.pattern.keys() <= set(ENVELOPE)}
        event = self._event(happening) if certain < {spec.name for spec in specs} else None
        found = []
        for spec in specs:
            sure = spec.name in certain or event is not None
            if sure and spec.name not in certain and fault(self.deployment, spec, event or {}):
                continue
            # Without the event's data most functions would be listed by mistake. List only those that may still run.
            if sure or self._may_wait(spec.name, happening):
                matches = MATCHES if sure else MAY_MATCH
                found.append(
                    {"function": spec.name, "reason": self.reason(spec.name, happening.subject, happening.at, matches)}
                )
        return found

    def _may_wait(self, function: str, happening: Happening) -> bool:
        if function not in self.deployment.queues or self.deployed_after(function, happening.at):
            return False
        recent = datetime.now(UTC) - happening.at < TRANSIT
        return recent or bool(self._held(function, "queue") or self._held(function, "dead_letters"))

    def _candidates(self, happening: Happening | None, ran: Sequence[Decision]) -> Iterator[FunctionSpec]:
        names = {each["function"] for each in ran}
        for spec in self.deployment.specs.values():
            if (
                happening
                and spec.name not in names
                and spec.trigger.pattern
                and happening.could_run(self.deployment, spec)
            ):
                yield spec

    def _event(self, happening: Happening) -> Mapping[str, Any] | None:
        """Return the whole event: for a write from the current object, otherwise from the journal."""
        if happening.type == WRITTEN["detail-type"]:
            return write_of(self.deployment, happening.subject)
        self._lookups += 1
        if self._lookups > LOOKUPS:
            return None
        hours = _hour(happening.at - LONGEST_RUN - TRANSIT), _hour(happening.at + TRANSIT)
        if hours not in self._listed:
            self._listed[hours] = journal.listed(self.deployment, *hours)
        found = journal.newest(self.deployment, self._listed[hours], happening.subject, happening.id)
        return found.envelope if found else None


def _time(when: datetime) -> str:
    return f"{when:%Y-%m-%dT%H:%M:%SZ}"


def _hour(when: datetime) -> datetime:
    """Return the beginning of an hour: the journal is listed by hours."""
    return when.replace(minute=0, second=0, microsecond=0)
