"""The modules of functions/, infra/ and herald/, and the imports between them."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from infra.declarations.loader import ROOT

PACKAGES: Final = ("functions", "infra", "herald")
PATHS: Final = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def name_of(path: Path) -> str:
    """Return the full name of a module."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES: Final = {name_of(path): path for path in PATHS}


def imports_of(name: str, path: Path, modules: Mapping[str, Path]) -> set[str]:
    """Return the modules that a module imports, also within functions, but not for type checking only."""
    package = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
    found: set[str] = set()
    for node in _at_runtime(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Import(names=names):
                found |= {alias.name for alias in names}
            case ast.ImportFrom(module=module, names=names, level=level):
                near = package[: len(package) - level + 1] if level else []
                base = ".".join((*near, *([module] if module else ())))
                found |= {f"{base}.{alias.name}" if f"{base}.{alias.name}" in modules else base for alias in names}
    return found & modules.keys() - {name}


def circles(graph: Mapping[str, set[str]]) -> list[list[str]]:
    """Return the groups of modules that import each other, sorted."""
    reached = {name: _reachable(name, graph) for name in graph}
    groups = {frozenset(other for other in reached[name] if name in reached[other]) for name in graph}
    return sorted(sorted(group) for group in groups if group)


def _reachable(name: str, graph: Mapping[str, set[str]]) -> set[str]:
    seen, pending = set[str](), [*graph[name]]
    while pending:
        following = pending.pop()
        if following not in seen:
            seen.add(following)
            pending.extend(graph[following])
    return seen


def _at_runtime(node: ast.AST) -> Iterator[ast.AST]:
    """Yield a node and all nodes below it, except the branch of `if TYPE_CHECKING`."""
    yield node
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test).endswith("TYPE_CHECKING"):
            yield from (each for other in child.orelse for each in _at_runtime(other))
        else:
            yield from _at_runtime(child)
