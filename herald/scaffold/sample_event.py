"""An event for a pattern in a file: a sample that matches it, or one that is made up from the pattern."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from functions.runtime.core.errors import EnvelopeError
from functions.runtime.core.suggestions import nearest
from functions.runtime.envelopes import iot
from functions.runtime.envelopes.envelope import parse
from functions.runtime.patterns import pattern
from herald.errors import CommandError
from herald.scaffold import new_contract, on_objects
from herald.scaffold.matching import matching
from herald.scaffold.minimal_value import minimal_value
from herald.scaffold.new_files import Files, as_json
from infra.contracts import contracts
from infra.contracts.contracts import DRAFT, Contract
from infra.declarations.naming import is_aws

KINDS: Final = {bool: "boolean", int: "number", float: "number", str: "string", list: "array", type(None): "null"}

SOURCE: Final = re.compile(r"aws\.[a-z0-9_.-]{1,60}")
KIND_LENGTH: Final = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleEvent:
    """A pattern, an event that matches it, the name of its sample, and the files of what is not there yet."""

    pattern: Mapping[str, Any]
    sample: str
    event: Mapping[str, Any]
    files: Files = field(default_factory=dict)


def of(file: Path, name: str, root: Path) -> SampleEvent:
    """Return a sample event that matches the pattern in a file; CommandError: no such event can be generated."""
    wanted = _read(file)
    for sample, event in new_contract.samples(root).items():
        if pattern.matches(wanted, event):
            _refuse_messages(event, f"events/{sample}.json", file)
            return SampleEvent(pattern=wanted, sample=sample, event=event)
    if "detail-type" not in wanted:
        raise CommandError(f"{file} names no detail-type, and no sample in events/ matches it: name one")
    head = {key: value for key, value in wanted.items() if key in {"source", "detail-type"}}
    envelope = matching(head, new_contract.ENVELOPE | {"source": "example"})
    make = _of_aws if is_aws(envelope["source"]) else _of_ours
    return make(wanted, envelope, name, root)


def _refuse_messages(event: Mapping[str, Any], sample: str, file: Path) -> None:
    """Raise CommandError for what a device published: it comes without a bus, and no pattern is asked."""
    if iot.is_message(event):
        levels = str(event.get("topic", "<topic>")).split("/")
        topic = "/".join("+" if level == event.get("device") else level for level in levels)
        raise CommandError(
            f"{file} is of no event of a bus: {sample}, which it matches, is what a device published, and for that "
            f"no pattern is asked: write --on iot:{topic}"
        )


def _read(file: Path) -> dict[str, Any]:
    try:
        wanted = json.loads(file.read_text(encoding="utf-8"))
        if not isinstance(wanted, dict):
            raise pattern.PatternError("it must be a JSON object")
        pattern.check(wanted)
        pattern.check_declared(wanted)
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}") from error
    except RecursionError as error:
        raise CommandError(f"{file} is no JSON that can be read: it is nested too deeply") from error
    except ValueError as error:
        raise CommandError(f"{file} is no event pattern: {error}") from error
    return wanted


def _of_ours(wanted: Mapping[str, Any], envelope: Mapping[str, Any], name: str, root: Path) -> SampleEvent:
    """Make up a CloudEvent; its type must have a contract."""
    event_type, source = envelope["detail-type"], envelope["source"]
    promised, data = new_contract.of(root, event_type), new_contract.example(root, event_type)
    sample = f"{event_type}/{name}"
    event = matching(wanted, new_contract.cloud_event(sample, promised.version, source, data))
    _refuse_strangers(event["detail"]["data"], promised)
    _refuse_broken(event["detail"]["data"], promised, sample)
    return SampleEvent(pattern=wanted, sample=sample, event=event, files={f"events/{sample}.json": as_json(event)})


def _of_aws(wanted: Mapping[str, Any], envelope: dict[str, Any], name: str, root: Path) -> SampleEvent:
    """Make up an event of AWS, after a sample of its kind where there is one; its contract is begun with it."""
    source, kind = str(envelope["source"]), str(envelope["detail-type"])
    _refuse_unnamable(source, kind)
    stem = contracts.aws_name(source, kind)
    sample, promised = f"{stem}.{name}", contracts.newest(contracts.load(root), stem)
    alike = [event for event in new_contract.samples(root, source).values() if event.get("detail-type") == kind]
    made_up = alike[0] if alike else envelope | {"detail": _detail(source, kind, promised)}
    event = matching(wanted, made_up | {"id": str(new_contract.identity(sample))})
    _refuse_unread(event, sample)
    files = {f"events/{sample}.json": as_json(event)}
    if promised:
        _refuse_broken(event["detail"], promised, sample)
    else:
        files[f"events/{stem}.1.schema.json"] = as_json(_begun(event))
    return SampleEvent(pattern=wanted, sample=sample, event=event, files=files)


def _refuse_unnamable(source: str, kind: str) -> None:
    """Raise CommandError for a source or type that AWS does not send and that cannot be a file name."""
    if not SOURCE.fullmatch(source):
        raise CommandError(
            f"source '{source}' is none of AWS's: they are short, and of lower-case letters, digits, '.', '_' and '-'"
        )
    if len(kind) > KIND_LENGTH:
        raise CommandError(f"detail-type has {len(kind)} characters, more than the {KIND_LENGTH} EventBridge takes")


def _detail(source: str, kind: str, promised: Contract | None) -> dict[str, Any]:
    """Return the detail of an AWS event without a sample, before it is changed to match the pattern."""
    known = on_objects.object_detail(kind, "example.txt") if source == "aws.s3" and kind.startswith("Object ") else {}
    return known | (minimal_value(promised.schema, promised.schema) if promised else {})


def _refuse_unread(event: Mapping[str, Any], sample: str) -> None:
    """Raise CommandError for an event that no function could read."""
    try:
        parse(json.dumps(event))
    except EnvelopeError as error:
        raise CommandError(
            f"what can be made up for the pattern is no event that functions take: {error}. {_advice(sample)}"
        ) from error


def _refuse_broken(data: object, promised: Contract, sample: str) -> None:
    fault = new_contract.fault(data, promised.schema)
    if fault:
        raise CommandError(
            f"what can be made up for the pattern breaks the contract of the event: {fault}. {_advice(sample)}"
        )


def _refuse_strangers(data: object, promised: Contract) -> None:
    """Raise CommandError for a field that the pattern requires and the contract lacks: no sender may send it."""
    for path, known in new_contract.strangers(data, promised.schema, promised.schema, "detail.data"):
        near = nearest(path.rpartition(".")[2], known)
        raise CommandError(f"the pattern asks for {path}, and {promised.file} has no such field{near}")


def _advice(sample: str) -> str:
    return f"Write events/{sample}.json yourself: a sample that matches is taken as it is"


def _begun(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return the beginning of a contract for the detail of an AWS event, with the fields of the pattern."""
    kind, source = event["detail-type"], event["source"]
    head = {
        "$schema": DRAFT,
        "title": kind,
        "description": f"The detail of {kind}, an event of {source}, as far as functions here read it.",
    }
    return head | _described(event["detail"])


def _described(value: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    if not isinstance(value, dict):
        return {"type": KINDS[type(value)]}
    properties = {name: _described(below) for name, below in value.items()}
    return {"type": "object", "required": list(value), "properties": properties}
