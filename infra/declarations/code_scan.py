"""What the code of a function emits, writes, publishes and imports, as far as its text tells: nothing of it is run."""

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from infra.declarations import files, packages
from infra.declarations.spec import FunctionSpec, SpecError

# What a run can do that must be declared: the key of [access], and the parameter that says to what.
EFFECTS: Final = {
    "emit": ("emit", "event_type"),
    "write": ("write", "bucket"),
    "create": ("write", "bucket"),
    "publish": ("publish", "topic"),
}


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a run's method, the key of [access] it needs, and what its first argument may be.

    There are no targets where only the run itself knows.
    """

    method: str
    key: str
    targets: frozenset[str]
    line: str


def calls(root: Path, folder: Path) -> Iterator[Call]:
    """Yield the calls in a function's folder, each with its file and line.

    What handlers call their run is `run`, and their web `web`.
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
    """Yield file and line of each call of run.wake in a function's folder."""
    for path in sorted(folder.glob("*.py")):
        for node in ast.walk(parse(path, root)):
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Name(id="run"), attr="wake")):
                    yield f"{path.name}:{node.lineno}"


def strays(root: Path, folder: Path) -> Iterator[str]:
    """Yield, for each import of what is not on a worker, a sentence with its file and line."""
    for path in sorted(folder.rglob("*.py")):
        package = path.relative_to(root).parent.parts
        statements = (node for node in ast.walk(parse(path, root)) if isinstance(node, ast.stmt))
        for statement in statements:
            for module in sorted(_imported(statement, package, root)):
                fault = _missing(module, folder.name, root)
                if fault:
                    yield f"{path.relative_to(root).as_posix()}:{statement.lineno}: it imports {module}, {fault}"


def refuse(root: Path, specs: Iterable[FunctionSpec]) -> None:
    """Raise SpecError for the first function that no worker could import, as far as its text tells."""
    specs = list(specs)
    packages.refuse(root, specs)
    for spec in specs:
        for sentence in strays(root, root / "functions" / spec.name):
            raise SpecError(sentence)


def _imported(statement: ast.stmt, package: Sequence[str], root: Path) -> set[str]:
    """Return the modules that a statement in a package imports, by their full names."""
    match statement:
        case ast.Import(names=names):
            return {alias.name for alias in names}
        case ast.ImportFrom(module=module, names=names, level=level):
            near = package[: len(package) - level + 1] if level else ()
            base = ".".join((*near, *([module] if module else ())))
            return {_source(base, alias.name, root) for alias in names}
    return set()


def _source(base: str, name: str, root: Path) -> str:
    """Return the module that has a name: where the base is a package that binds none such, the one below it."""
    place = root.joinpath(*base.split("."))
    code = place / "__init__.py"
    tree = parse(code, root) if code.is_file() else ast.Module([], [])
    names = (str(getattr(node, said, "")) for node in ast.walk(tree) for said in ("name", "asname", "id"))
    bound = {each.partition(".")[0] for each in names}
    has_it = name == "*" or bound & {name, "*", "__getattr__"}
    return f"{base}.{name}" if place.is_dir() and not has_it else base


def _missing(module: str, function: str, root: Path) -> str:
    """Return why a worker does not have a module, and what to do; nothing where it does, or it is installed nowhere."""
    place, parts = root.joinpath(*module.split(".")), module.split(".")
    if parts[0] != "functions":
        package = packages.not_shipped(root, function, parts[0])
        remedy = f"add it to functions/{function}/requirements.in and run `herald lock {function}`"
        return package and f"but its worker does not have the package {package}: {remedy}"
    if len(parts) == 1:
        return ""
    if parts[1] not in {function, "runtime"}:
        return f"but its worker has functions.{function} and functions.runtime alone: import from these"
    if place.with_suffix(".py").is_file() or (place.is_dir() and not files.is_left(place)):
        return ""
    return "which is not there: correct the name, or add it"


def _target(call: ast.Call, parameter: str) -> ast.expr | None:
    named = (keyword.value for keyword in call.keywords if keyword.arg == parameter)
    return call.args[0] if call.args else next(named, None)


def _texts(value: ast.expr | None, constants: Mapping[str, str]) -> Iterator[str]:
    """Yield the texts an expression may be: a literal, a constant of the folder, or either of two of these."""
    match value:
        case ast.Constant(value=str(text)):
            yield text
        case ast.Name(id=name) if name in constants:
            yield constants[name]
        case ast.IfExp(body=one, orelse=other):
            yield from _texts(one, constants)
            yield from _texts(other, constants)


def parse(path: Path, root: Path) -> ast.Module:
    """Return a source as a tree; SpecError with its file and line when it is no Python."""
    try:
        return ast.parse(path.read_text(encoding="utf-8"))
    except (SyntaxError, ValueError) as error:
        line = f", line {error.lineno}" if isinstance(error, SyntaxError) else ""
        raise SpecError(
            f"{path.relative_to(root).as_posix()}{line}: it is no Python: {getattr(error, 'msg', error)}"
        ) from error


def _constants(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=str(text))):
                yield name, text
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.Constant(value=str(text))):
                yield name, text
