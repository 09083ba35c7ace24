"""What the code of a function emits, writes and publishes, as far as its text tells: nothing is imported or run."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

# What a run can do that must be declared, and the parameter that says to what.
EFFECTS: Final = {"emit": "event_type", "write": "bucket", "publish": "topic"}


@dataclass(frozen=True, slots=True)
class Call:
    """A call of `run.<effect>` and what its first argument may be; empty where only the run itself knows."""

    effect: str
    targets: frozenset[str]
    line: str


def calls(folder: Path) -> Iterator[Call]:
    """Yield the calls in a function's folder, each with its file and line; `run` is what handlers call their run."""
    trees = {path.name: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.py"))}
    constants = {name: text for tree in trees.values() for name, text in _constants(tree)}
    for file, tree in trees.items():
        for node in ast.walk(tree):
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Name(id="run"), attr=effect)) if effect in EFFECTS:
                    yield Call(effect, frozenset(_texts(_target(node, effect), constants)), f"{file}:{node.lineno}")


def _target(call: ast.Call, effect: str) -> ast.expr | None:
    named = (keyword.value for keyword in call.keywords if keyword.arg == EFFECTS[effect])
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


def _constants(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=str(text))):
                yield name, text
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.Constant(value=str(text))):
                yield name, text
