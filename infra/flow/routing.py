"""What reaches what: which functions an event, or the write of an object, can run; judged by declarations alone."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from functions.runtime.patterns import pattern
from functions.runtime.patterns.flat import OR, is_or
from infra.declarations.spec import FunctionSpec, Resource

# The envelope of S3's event of a write, as far as it is the same for all.
WRITTEN: Final[Mapping[str, str]] = {"source": "aws.s3", "detail-type": "Object Created"}
OBJECT: Final = "Object "  # what the types of S3's events of objects begin with
ENVELOPE: Final = ("source", "detail-type")


def event_reaches(event_type: str, source: str | None, target: FunctionSpec) -> bool:
    """Judge by type and source alone: what the data will be is not known before it is emitted.

    Without a source it may be of any on the bus `herald`.
    """
    bus = "default" if source and source.startswith("aws.") else "herald"
    envelope = {"detail-type": event_type} | ({"source": source} if source else {})
    wanted = _of_envelope(target.trigger.pattern, envelope)
    return bus in target.buses and (not wanted or pattern.matches(wanted, envelope))


def asks_for_a_source(target: FunctionSpec) -> bool:
    """Judge whether a pattern limits the sources of its events, in every branch that it has."""
    return bool(_of_envelope(target.trigger.pattern, ["source"]))


def is_journalled(target: FunctionSpec) -> bool:
    """Judge whether the journal may have what runs a function: of the default bus it keeps S3's events of objects."""
    asked = target.trigger.pattern
    sources, types = asked.get("source", [WRITTEN["source"]]), asked.get("detail-type", [OBJECT])
    of_s3 = any(not isinstance(each, str) or each == WRITTEN["source"] for each in sources)
    of_objects = any(not isinstance(each, str) or each.startswith(OBJECT) for each in types)
    return "herald" in target.buses or bool(target.buses and of_s3 and of_objects)


def write_reaches(resource: Resource, target: FunctionSpec) -> bool:
    """Judge by bucket and key: whether S3's event about an object written there can run it; tables have no events."""
    wanted = target.trigger.pattern
    envelope: dict[str, Any] = {**WRITTEN}
    detail = wanted.get("detail", {})
    known = _of_envelope(wanted, ENVELOPE)
    if "bucket" in detail:
        known["detail"] = {"bucket": detail["bucket"]}
        envelope["detail"] = {"bucket": {"name": f"${{{resource.id}}}"}}
    keys = detail.get("object", {}).get("key")
    return (
        resource.kind == "bucket"
        and "default" in target.buses
        and (not known or pattern.matches(known, envelope))
        and (keys is None or any(_key_overlaps(resource.path, key) for key in keys))
    )


def could_match(wanted: Mapping[str, Any], subject: str, event_type: str) -> bool:
    """Judge by subject and type alone whether a pattern, its resources named, may match an event.

    Of an object the bucket and the key count too, where the pattern asks for them.
    """
    event: dict[str, Any] = {"detail-type": event_type}
    if not (subject.startswith("s3://") and event_type.startswith("Object ")):
        return pattern.matches(_of_envelope(wanted, event), event)
    bucket, _, key = subject.removeprefix("s3://").partition("/")
    event |= {"source": "aws.s3", "detail": {"bucket": {"name": bucket}, "object": {"key": key}}}
    detail = wanted.get("detail", {})
    place = {"bucket": detail.get("bucket", {}), "object": _of_envelope(detail.get("object", {}), ["key"])}
    return pattern.matches(_of_envelope(wanted, ENVELOPE) | {"detail": place}, event)


def could_be_about(wanted: Mapping[str, Any], buses: Collection[str], subject: str) -> bool:
    """Judge by the subject alone, its type unknown, whether an event that a pattern matches may be about it.

    On the bus `herald` a subject is `detail.subject`, or `<source>#<id>`. Of S3's events it names bucket and key, of
    AWS's other events a resource in any form.
    """
    if "herald" in buses:
        asked = _of_envelope(wanted.get("detail", {}), ["subject"])
        return "#" in subject or not asked or pattern.matches({"detail": asked}, {"detail": {"subject": subject}})
    if "default" not in buses or wanted.get("source") != [WRITTEN["source"]]:
        return "default" in buses
    types = wanted.get("detail-type", [{}])
    if not subject.startswith("s3://") or not all(isinstance(each, str) and each.startswith(OBJECT) for each in types):
        return subject.startswith(("s3://", f"{WRITTEN['source']}#", "arn:"))
    return any(could_match(wanted, subject, each) for each in types)


def _of_envelope(wanted: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    """Return what a pattern asks of these fields; branches count where every one of them asks for something."""
    known = {name: wanted[name] for name in names if name in wanted}
    branches = [_of_envelope(branch, names) for branch in wanted.get(OR, ()) if is_or(wanted[OR])]
    return known | {OR: branches} if branches and all(branches) else known


def _key_overlaps(path: str, key: str | Mapping[str, Any]) -> bool:
    """Judge whether a key under `path` can match: exactly for texts and prefixes, yes for all other operators."""
    prefix = path.removesuffix("*")
    if isinstance(key, str):
        return key == path or (path.endswith("*") and key.startswith(prefix))
    wanted = key.get("prefix")
    if isinstance(wanted, str):
        return prefix.startswith(wanted) or (path.endswith("*") and wanted.startswith(prefix))
    return True
