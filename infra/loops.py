"""Refuses declarations whose effects can run themselves: what a function writes or emits against what triggers run."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from infra import pattern
from infra.spec import FunctionSpec, Resource, SpecError


def refuse(specs: Sequence[FunctionSpec]) -> None:
    """Raise SpecError for the first cycle in the graph of effects and triggers; it names every step and the key."""
    graph = {spec.name: dict(_triggered_by(spec, specs)) for spec in specs}
    for name in graph:
        path = _way_back(name, graph)
        if path:
            key = graph[name][path[1]]
            message = f"functions/{name}/function.toml: {key} can trigger the function itself: {' → '.join(path)}"
            raise SpecError(message)


def _triggered_by(source: FunctionSpec, specs: Sequence[FunctionSpec]) -> Iterator[tuple[str, str]]:
    """Yield each function that effects of `source` can trigger, with the key that declares the effect."""
    for target in specs:
        for event_type in source.access.emit:
            if _emit_reaches(f"herald.{source.name}", event_type, target):
                yield target.name, f"access.emit '{event_type}'"
        for resource in source.access.write:
            if _write_reaches(resource, target):
                yield target.name, f"access.write '{resource.id}/{resource.path}'"


def _emit_reaches(source: str, event_type: str, target: FunctionSpec) -> bool:
    """Judge by source and type alone: what the data will be is not known before it is emitted."""
    envelope = {"source": source, "detail-type": event_type}
    known = {key: value for key, value in target.trigger.pattern.items() if key in envelope}
    return "herald" in target.buses and (not known or pattern.matches(known, envelope))


def _write_reaches(resource: Resource, target: FunctionSpec) -> bool:
    wanted = target.trigger.pattern
    envelope: dict[str, Any] = {"source": "aws.s3", "detail-type": "Object Created"}
    detail = wanted.get("detail", {})
    known = {key: value for key, value in wanted.items() if key in envelope}
    if "bucket" in detail:
        known["detail"] = {"bucket": detail["bucket"]}
        envelope["detail"] = {"bucket": {"name": f"${{{resource.id}}}"}}
    keys = detail.get("object", {}).get("key")
    return (
        "default" in target.buses
        and (not known or pattern.matches(known, envelope))
        and (keys is None or any(_key_overlaps(resource.path, key) for key in keys))
    )


def _key_overlaps(path: str, key: str | Mapping[str, Any]) -> bool:
    """Judge whether a key under `path` can match: exactly for texts and prefixes, yes for all other operators."""
    prefix = path.removesuffix("*")
    if isinstance(key, str):
        return key == path or (path.endswith("*") and key.startswith(prefix))
    wanted = key.get("prefix")
    if isinstance(wanted, str):
        return prefix.startswith(wanted) or (path.endswith("*") and wanted.startswith(prefix))
    return True


def _way_back(start: str, graph: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Return a path from `start` to itself, empty when there is none."""
    paths, seen = [[start]], set[str]()
    while paths:
        path = paths.pop(0)
        for following in graph[path[-1]]:
            if following == start:
                return [*path, start]
            if following not in seen:
                seen.add(following)
                paths.append([*path, following])
    return []
