"""Finds the effects and imports in a function's source code, without running it."""

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from infra.declarations import files, packages
from infra.declarations.spec import FunctionSpec, SpecError

# The methods of a run with effects that [access] must declare: the key, and the parameter that names the target.
EFFECTS: Final = {
    "emit": ("emit", "event_type"),
    "write": ("write", "bucket"),
    "create": ("write", "bucket"),
    "publish": ("publish", "topic"),
}


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a run's method, the key of [access] that it needs, and the possible values of its first argument.

    `targets` is empty if the value is known only at run time.
    """

    method: str
    key: str
    targets: frozenset[str]
    line: str


def calls(root: Path, folder: Path) -> Iterator[Call]:
    """Yield the calls in a function's folder, each with its file and line.

    By convention, handlers name their parameters `run` and `web`.
    """
    trees = {path.name: parse(path, root) for path in sorted(folder.glob("*.py"))}
    constants = {name: text for tree in trees.values() for name, text in _constants(tree)}
    for file, tree in trees.items():
        for node in ast.walk(tree):
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Name(id="run" | "web"), attr=method)) if method in EFFECTS:
                    key, parameter = EFFECTS[method]
                    targets = frozenset(_texts(_target(node, parameter), constants))
                    yield Call(method, key, targets, f"{file}:{node.lineno}")


def wakes(root: Path, folder: Path) -> Iterator[str]:
    """Yield the file and line of each call of run.wake in a function's folder."""
    for path in sorted(folder.glob("*.py")):
        for node in ast.walk(parse(path, root)):
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Name(id="run"), attr="wake")):
                    yield f"{path.name}:{node.lineno}"


def strays(root: Path, folder: Path) -> Iterator[str]:
    """Yield a message with file and line for each import of a module that the worker does not have."""
    for path in sorted(folder.rglob("*.py")):
        package = path.relative_to(root).parent.parts
        statements = (node for node in ast.walk(parse(path, root)) if isinstance(node, ast.stmt))
        for statement in statements:
            for module in sorted(_imported(statement, package, root)):
                fault = _missing(module, folder.name, root)
                if fault:
                    yield f"{path.relative_to(root).as_posix()}:{statement.lineno}: imports {module}, {fault}"


def refuse(root: Path, specs: Iterable[FunctionSpec]) -> None:
    """Raise SpecError for the first function with an import that fails on a worker."""
    specs = list(specs)
    packages.refuse(root, specs)
    for spec in specs:
        for sentence in strays(root, root / "functions" / spec.name):
            raise SpecError(sentence)


def _imported(statement: ast.stmt, package: Sequence[str], root: Path) -> set[str]:
    """Return the full names of the modules that a statement in a package imports."""
    match statement:
        case ast.Import(names=names):
            return {alias.name for alias in names}
        case ast.ImportFrom(module=module, names=names, level=level):
            near = package[: len(package) - level + 1] if level else ()
            base = ".".join((*near, *([module] if module else ())))
            return {_source(base, alias.name, root) for alias in names}
    return set()


def _source(base: str, name: str, root: Path) -> str:
    """Return the module that `from base import name` needs: `base.name` if `base` does not bind the name itself."""
    place = root.joinpath(*base.split("."))
    code = place / "__init__.py"
    tree = parse(code, root) if code.is_file() else ast.Module([], [])
    names = (str(getattr(node, each, "")) for node in ast.walk(tree) for each in ("name", "asname", "id"))
    bound = {each.partition(".")[0] for each in names}
    has_it = name == "*" or bound & {name, "*", "__getattr__"}
    return f"{base}.{name}" if place.is_dir() and not has_it else base


def _missing(module: str, function: str, root: Path) -> str:
    """Return why a worker does not have a module, and the remedy; "" if it does, or if the module is unknown here."""
    place, parts = root.joinpath(*module.split(".")), module.split(".")
    if parts[0] != "functions":
        package = packages.not_shipped(root, function, parts[0])
        remedy = f"add it to functions/{function}/requirements.in and run `herald lock {function}`"
        return package and f"but the worker does not have the package {package}: {remedy}"
    if len(parts) == 1:
        return ""
    if parts[1] not in {function, "runtime"}:
        return f"but the worker has only functions.{function} and functions.runtime"
    if place.with_suffix(".py").is_file() or (place.is_dir() and not files.is_left(place)):
        return ""
    return "which does not exist: correct the name, or add the module"


def _target(call: ast.Call, parameter: str) -> ast.expr | None:
    named = (keyword.value for keyword in call.keywords if keyword.arg == parameter)
    return call.args[0] if call.args else next(named, None)


def _texts(value: ast.expr | None, constants: Mapping[str, str]) -> Iterator[str]:
    """Yield the possible values of an expression: a literal, a constant of the folder, or one of two of these."""
    match value:
        case ast.Constant(value=str(text)):
            yield text
        case ast.Name(id=name) if name in constants:
            yield constants[name]
        case ast.IfExp(body=one, orelse=other):
            yield from _texts(one, constants)
            yield from _texts(other, constants)


def parse(path: Path, root: Path) -> ast.Module:
    """Return the syntax tree of a source file; SpecError names the file and line of a syntax error."""
    try:
        return ast.parse(path.read_text(encoding="utf-8"))
    except (SyntaxError, ValueError) as error:
        line = f", line {error.lineno}" if isinstance(error, SyntaxError) else ""
        raise SpecError(
            f"{path.relative_to(root).as_posix()}{line}: not valid Python: {getattr(error, 'msg', error)}"
        ) from error


def _constants(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=str(text))):
                yield name, text
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.Constant(value=str(text))):
                yield name, text
