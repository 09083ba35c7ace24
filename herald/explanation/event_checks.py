"""Checks an event as functions do, without its pattern: envelope, contract, and who may send its source."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from functions.runtime.core.errors import ContractError, EnvelopeError
from functions.runtime.core.event import Event
from functions.runtime.core.suggestions import nearest
from functions.runtime.envelopes import iot
from functions.runtime.envelopes.envelope import parse
from functions.runtime.run import contracts
from infra.contracts import contracts as declared
from infra.declarations.loader import ROOT
from infra.declarations.naming import OWN, is_aws
from infra.declarations.spec import FunctionSpec


def parsed(envelope: Mapping[str, Any]) -> tuple[Event | None, str | None]:
    """Return the event that functions read from an envelope, or why they cannot read it.

    A file may lack `id` and `time`, which EventBridge adds, and `device`, which the rule of AWS IoT adds.
    """
    added = {"device": "-"} if iot.is_message(envelope) else {"id": "-", "time": "1970-01-01T00:00:00Z"}
    try:
        return parse(json.dumps(added | dict(envelope))), None
    except EnvelopeError as error:
        return None, str(error)


def contract_fault(event: Event) -> str | None:
    """Return why an event breaks its contract; None if it has no contract or satisfies it."""
    try:
        if not is_aws(event.source):
            contracts.accept(event)
    except ContractError as error:
        return str(error)
    return None


def contract_of(event: Event) -> str | None:
    """Return the contract that an event names, such as `report.published/1`; None: functions check none."""
    if event.type not in declared.event_types(declared.load(ROOT)):
        return None
    try:
        version = event.contract_version
    except ContractError:
        return event.schema
    return f"{event.type}/{version}"


def version_fault(spec: FunctionSpec, event: Event) -> str | None:
    """Return why a function does not read the version of an event's contract; None if it does."""
    reads = spec.reads.get(event.type, ())
    try:
        if not reads or event.contract_version in reads:
            return None
        return f"{event.type}/{event.contract_version}: {spec.name} reads {', '.join(map(str, reads))} only"
    except ContractError as error:
        return str(error)


def source_fault(specs: Iterable[FunctionSpec], source: str, event_type: str) -> str | None:
    """Return why no sender may put the event on a bus; None if one may.

    Only AWS services send sources that begin with `aws.`. The policy of the bus accepts the source of a function from
    this function only, and its role may emit only the types of its access.emit.
    """
    if not source.startswith(OWN):
        return None
    owners = {spec.source: spec for spec in specs}
    if source not in owners:
        return f"no function has the source {source!r}{nearest(source, owners)}"
    spec = owners[source]
    if event_type in spec.access.emit:
        return None
    return f"{spec.name} may not emit {event_type!r}: its access.emit has {', '.join(spec.access.emit) or 'no types'}"
