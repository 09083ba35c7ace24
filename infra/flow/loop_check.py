"""Refuses declarations whose effects can run themselves: what a function writes or emits against what triggers run."""

from collections.abc import Iterator, Mapping, Sequence

from infra.declarations.spec import FunctionSpec, SpecError
from infra.flow.routing import event_reaches, write_reaches


def refuse(specs: Sequence[FunctionSpec]) -> None:
    """Raise SpecError for the first cycle in the graph of effects and triggers; it names every step and the key."""
    graph = {spec.name: dict(_triggered_by(spec, specs)) for spec in specs}
    for name in graph:
        path = _way_back(name, graph)
        if path:
            key = graph[name][path[1]]
            raise SpecError(
                f"functions/{name}/function.toml: {key} can trigger the function itself: {' → '.join(path)}"
            )


def _triggered_by(source: FunctionSpec, specs: Sequence[FunctionSpec]) -> Iterator[tuple[str, str]]:
    """Yield each function that effects of `source` can trigger, with the key that declares the effect."""
    for target in specs:
        for event_type in source.access.emit:
            if event_reaches(event_type, source.source, target):
                yield target.name, f"access.emit '{event_type}'"
        for resource in source.access.write:
            if write_reaches(resource, target):
                yield target.name, f"access.write '{resource.id}/{resource.path}'"


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
