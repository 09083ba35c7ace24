"""What the code of a function emits, writes, publishes and imports, as far as its text tells: nothing of it is run."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from infra.spec import FunctionSpec, SpecError

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


def calls(folder: Path) -> Iterator[Call]:
    """Yield the calls in a function's folder, each with its file and line.

    What handlers call their run is `run`, and their desk `desk`.
    """
    trees = {path.name: _parse(path, folder) for path in sorted(folder.glob("*.py"))}
    constants = {name: text for tree in trees.values() for name, text in _constants(tree)}
    for file, tree in trees.items():
        for node in ast.walk(tree):
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Name(id="run" | "desk"), attr=method)) if method in EFFECTS:
                    key, parameter = EFFECTS[method]
                    targets = frozenset(_texts(_target(node, parameter), constants))
                    yield Call(method, key, targets, f"{file}:{node.lineno}")


def strays(root: Path, folder: Path) -> Iterator[str]:
    """Yield, for each import of a module of functions/ that is not there, a sentence with its file and line."""
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(_parse(path, folder)):
            match node:
                case ast.ImportFrom(module=str(module), level=0):
                    modules = [module]
                case ast.Import(names=names):
                    modules = [alias.name for alias in names]
                case _:
                    continue
            for module in modules:
                place = root.joinpath(*module.split("."))
                if module.startswith("functions.") and not (place.is_dir() or place.with_suffix(".py").is_file()):
                    yield f"{_name(path, folder)}:{node.lineno}: it imports {module}, which is not there"


def refuse(root: Path, specs: Iterable[FunctionSpec]) -> None:
    """Raise SpecError for the first function that no worker could import, as far as its text tells."""
    for spec in specs:
        for sentence in strays(root, root / "functions" / spec.name):
            raise SpecError(sentence)


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


def _name(path: Path, folder: Path) -> str:
    return f"functions/{folder.name}/{path.relative_to(folder).as_posix()}"


def _parse(path: Path, folder: Path) -> ast.Module:
    """Return a source as a tree; SpecError with its file and line when it is no Python."""
    try:
        return ast.parse(path.read_text(encoding="utf-8"))
    except (SyntaxError, ValueError) as error:
        line = f", line {error.lineno}" if isinstance(error, SyntaxError) else ""
        message = f"{_name(path, folder)}{line}: it is no Python: {getattr(error, 'msg', error)}"
        raise SpecError(message) from error


def _constants(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=str(text))):
                yield name, text
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.Constant(value=str(text))):
                yield name, text
