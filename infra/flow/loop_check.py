"""Refuses declarations that form a loop: a function's events or writes must not trigger the function itself."""

from collections.abc import Iterator, Mapping, Sequence

from infra.declarations.spec import FunctionSpec, SpecError
from infra.flow.routing import event_reaches, write_reaches


def refuse(specs: Sequence[FunctionSpec]) -> None:
    """Raise SpecError for the first loop; the message contains every step and the key that declares the first."""
    graph = {spec.name: dict(_triggered_by(spec, specs)) for spec in specs}
    for name in graph:
        path = _loop(name, graph)
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
                yield target.name, f"access.write '{resource}'"


def _loop(start: str, graph: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Return the shortest path from `start` to itself; [] if there is none."""
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
