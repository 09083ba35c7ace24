"""Events reconstructed from ledger rows and S3 objects, and the functions that they could run."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from functions.runtime.core.s3_uri import S3Uri
from functions.runtime.envelopes import iot
from functions.runtime.patterns import pattern
from herald.deployment import functions
from herald.deployment.deployment import Deployment
from herald.errors import CommandError
from herald.investigate.history import Decision
from infra.contracts.contracts import EVENT_TYPE
from infra.declarations.spec import OWN, FunctionSpec
from infra.flow.routing import WRITTEN, could_match, event_reaches


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """An event reconstructed from a ledger row: it has no data. `at` is the latest possible time of the event."""

    subject: str
    type: str
    source: str | None
    id: str | None
    at: datetime

    def could_run(self, deployment: Deployment, spec: FunctionSpec) -> bool:
        """Return whether it may run a function, judged by type, source and subject only."""
        if self.source and not event_reaches(self.type, self.source, spec):
            return False
        return could_run(deployment, spec, self.subject, self.type)


def could_run(deployment: Deployment, spec: FunctionSpec, subject: str, event_type: str) -> bool:
    """Return whether an event may run a function, judged by subject and type only."""
    if event_type == iot.TYPE:
        return spec.trigger.iot is not None
    if not spec.buses or (EVENT_TYPE.fullmatch(event_type) and "herald" not in spec.buses):
        return False
    try:
        return could_match(functions.resolved_pattern(deployment, spec), subject, event_type)
    except CommandError:
        return True  # the deployed pattern differs from the declared one and is unknown here


def fault(deployment: Deployment, spec: FunctionSpec, event: Mapping[str, Any]) -> str | None:
    """Return why the pattern of a function does not match an event; None: it matches."""
    try:
        return pattern.mismatch(functions.resolved_pattern(deployment, spec), event)
    except CommandError as error:
        return str(error)


def write_of(deployment: Deployment, subject: str) -> Mapping[str, Any] | None:
    """Return the event that S3 sends for the current object; None: the subject is not an object that exists."""
    uri = S3Uri.parse(subject)
    if not uri or not uri.key:
        return None
    bucket, key = uri.bucket, uri.key
    try:
        head = deployment.client("s3").head_object(Bucket=bucket, Key=key)
    except ClientError:
        return None
    version = {"version-id": head["VersionId"]} if head.get("VersionId") else {}
    made = {"bucket": {"name": bucket}, "object": {"key": key, "size": head["ContentLength"], **version}}
    return {**WRITTEN, "time": head["LastModified"].isoformat(), "detail": made}


def effects_of(decisions: Sequence[Decision]) -> Iterator[tuple[Decision, dict[str, Any]]]:
    """Yield each effect in a tree of decisions, with its decision."""
    for decision in decisions:
        for effect in decision["effects"]:
            yield decision, effect
            yield from effects_of(effect["decisions"])


def caused(deployment: Deployment, decision: Decision, effect: Mapping[str, Any]) -> Happening | None:
    """Return the event that an effect causes; None: the effect is a notice, which runs no function."""
    if effect["kind"] == "notice":
        return None
    spec = deployment.specs.get(decision["function"])
    own = f"{OWN}{spec.first_name if spec else decision['function']}"
    source, event_type = (
        (own, effect["type"]) if effect["kind"] == "event" else (WRITTEN["source"], WRITTEN["detail-type"])
    )
    return Happening(
        subject=effect["subject"], type=event_type, source=source, id=effect.get("id"), at=_ended(decision)
    )


def decided(subject: str, decision: Decision) -> Happening | None:
    """Return the event of a decision; None: the row has no event type. The requester of a CloudEvent is its source."""
    event_type = decision["event_type"]
    if not event_type:
        return None
    source = decision["who"]["requester"] if EVENT_TYPE.fullmatch(event_type) else None
    return Happening(subject=subject, type=event_type, source=source, id=decision["event_id"], at=_ended(decision))


def _ended(decision: Decision) -> datetime:
    """Return the time at which a run was settled; while it is open, the current time."""
    settled = decision["settled_at"]
    return datetime.fromtimestamp(settled / 1000, UTC) if settled else datetime.now(UTC)
