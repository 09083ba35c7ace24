"""Decides from declarations alone which functions an event, or the write of an object, can run."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from functions.runtime.core.s3_uri import S3Uri
from functions.runtime.patterns import pattern
from functions.runtime.patterns.flat import OR, is_or
from infra.declarations.naming import is_aws
from infra.declarations.spec import FunctionSpec, Resource

# The envelope of each S3 event about a written object. Source: "EventBridge", Amazon S3 User Guide.
WRITTEN: Final[Mapping[str, str]] = {"source": "aws.s3", "detail-type": "Object Created"}
OBJECT: Final = "Object "  # prefix of the detail types of S3's events about objects
ENVELOPE: Final = ("source", "detail-type")


def event_reaches(event_type: str, source: str | None, target: FunctionSpec) -> bool:
    """Return whether type and source match a function's pattern; the data is unknown before the event is emitted.

    Without a source, the event may have any source on the bus `herald`.
    """
    bus = "default" if is_aws(source) else "herald"
    envelope = {"detail-type": event_type} | ({"source": source} if source else {})
    wanted = _conditions_on(envelope, target.trigger.pattern)
    return bus in target.buses and (not wanted or pattern.matches(wanted, envelope))


def asks_for_a_source(target: FunctionSpec) -> bool:
    """Return whether a pattern has a condition on `source`, in every branch."""
    return bool(_conditions_on(["source"], target.trigger.pattern))


def is_journalled(target: FunctionSpec) -> bool:
    """Return whether the journal may contain a function's events: it has all of `herald` and S3's object events."""
    asked = target.trigger.pattern
    sources, types = asked.get("source", [WRITTEN["source"]]), asked.get("detail-type", [OBJECT])
    of_s3 = any(not isinstance(each, str) or each == WRITTEN["source"] for each in sources)
    of_objects = any(not isinstance(each, str) or each.startswith(OBJECT) for each in types)
    return "herald" in target.buses or bool(target.buses and of_s3 and of_objects)


def write_reaches(resource: Resource, target: FunctionSpec) -> bool:
    """Return whether S3's event about an object written to a resource can run a function; tables cause no events."""
    wanted = target.trigger.pattern
    envelope: dict[str, Any] = {**WRITTEN}
    detail = wanted.get("detail", {})
    known = _conditions_on(ENVELOPE, wanted)
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
    """Return whether a pattern with physical names may match an event with this subject and type.

    For an event about an object, the conditions on bucket and key count too.
    """
    event: dict[str, Any] = {"detail-type": event_type}
    uri = S3Uri.parse(subject)
    if not (uri and event_type.startswith(OBJECT)):
        return pattern.matches(_conditions_on(event, wanted), event)
    event |= {"source": "aws.s3", "detail": {"bucket": {"name": uri.bucket}, "object": {"key": uri.key}}}
    detail = wanted.get("detail", {})
    place = {"bucket": detail.get("bucket", {}), "object": _conditions_on(["key"], detail.get("object", {}))}
    return pattern.matches(_conditions_on(ENVELOPE, wanted) | {"detail": place}, event)


def could_be_about(wanted: Mapping[str, Any], buses: Collection[str], subject: str) -> bool:
    """Return whether an event that a pattern matches may have this subject; the event's type is unknown.

    On the bus `herald`, the subject is `detail.subject`, or `<source>#<id>`. For S3's events it contains bucket and
    key, for other AWS events any form of a resource.
    """
    if "herald" in buses:
        asked = _conditions_on(["subject"], wanted.get("detail", {}))
        return "#" in subject or not asked or pattern.matches({"detail": asked}, {"detail": {"subject": subject}})
    if "default" not in buses or wanted.get("source") != [WRITTEN["source"]]:
        return "default" in buses
    types, uri = wanted.get("detail-type", [{}]), S3Uri.parse(subject)
    if not uri or not all(isinstance(each, str) and each.startswith(OBJECT) for each in types):
        return bool(uri) or subject.startswith((f"{WRITTEN['source']}#", "arn:"))
    return any(could_match(wanted, subject, each) for each in types)


def _conditions_on(names: Collection[str], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Return a pattern's conditions on these fields; `$or` is included if every branch has such a condition."""
    known = {name: wanted[name] for name in names if name in wanted}
    branches = [_conditions_on(names, branch) for branch in wanted.get(OR, ()) if is_or(wanted[OR])]
    return known | {OR: branches} if branches and all(branches) else known


def _key_overlaps(path: str, key: str | Mapping[str, Any]) -> bool:
    """Return whether a key under `path` can match: exact for texts and prefixes, true for all other operators."""
    prefix = path.removesuffix("*")
    if isinstance(key, str):
        return key == path or (path.endswith("*") and key.startswith(prefix))
    wanted = key.get("prefix")
    if isinstance(wanted, str):
        return prefix.startswith(wanted) or (path.endswith("*") and wanted.startswith(prefix))
    return True
