"""Checks [settings] of function.toml against the dataclass that the function passes to run.settings.

The source code is parsed and never run, because a function's packages may not be installed at synthesis. Types that
the source code does not show, such as imported types, are left to the function's tests, which build the dataclass
from function.toml.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import EllipsisType
from typing import Any, Final

from functions.runtime.core.suggestions import nearest
from functions.runtime.patterns.values import show
from infra.declarations.code_scan import parse
from infra.declarations.spec import FunctionSpec, SpecError

PLAIN: Final[Mapping[str, tuple[type, ...]]] = {"bool": (bool,), "int": (int,), "float": (int, float), "str": (str,)}
NEVER: Final = frozenset({"bytes", "complex", "dict", "frozenset", "object", "set"})  # types without values in TOML
NOT_KEYS: Final = frozenset({"ClassVar", "KW_ONLY"})


@dataclass(frozen=True, slots=True)
class Model:
    """A class in a function's folder, and its file."""

    node: ast.ClassDef
    file: str

    @property
    def is_dataclass(self) -> bool:
        """Whether a decorator makes it a dataclass."""
        return any("dataclass" in ast.unparse(each) for each in self.node.decorator_list)


def refuse(root: Path, specs: Iterable[FunctionSpec]) -> None:
    """Raise SpecError for the first setting that would fail every run of its function."""
    for spec in specs:
        for sentence in faults(root, spec):
            raise SpecError(sentence)


def faults(root: Path, spec: FunctionSpec) -> Iterator[str]:
    """Yield a message about each setting that does not fit the dataclass, and about each missing setting."""
    paths = sorted((root / "functions" / spec.name).rglob("*.py"))
    trees = {path.relative_to(root).as_posix(): parse(path, root) for path in paths}
    models = {
        node.name: Model(node, file)
        for file, tree in trees.items()
        for node in tree.body
        if isinstance(node, ast.ClassDef)
    }
    for name in sorted({each for tree in trees.values() for each in _read_as(tree)} & models.keys()):
        if models[name].is_dataclass:
            yield from _misfits(spec, models[name], models)
        else:
            yield f"{models[name].file}:{models[name].node.lineno}: {name} must be a dataclass for run.settings"


def _read_as(tree: ast.Module) -> Iterator[str]:
    """Yield the names of the classes in calls such as run.settings(Settings) or run.settings(model.Settings)."""
    imports = [each for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for each in node.names]
    named = {each.asname: each.name for each in imports if each.asname}
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(attr="settings"), args=[ast.Name(id=name)]):
                yield named.get(name, name)
            case ast.Call(func=ast.Attribute(attr="settings"), args=[ast.Attribute(attr=name)]):
                yield name


def _misfits(spec: FunctionSpec, model: Model, models: Mapping[str, Model]) -> Iterator[str]:
    known = _fields(model, models)
    if known is None:
        return
    where, owner = f"functions/{spec.name}/function.toml: settings.", f"{model.node.name} in {model.file}"
    for key, value in spec.settings.items():
        if key not in known:
            yield f"{where}{key} is not a field of {owner}{nearest(key, known)}"
        elif _fits(value, known[key].annotation) is False:
            yield f"{where}{key} is {show(value)}, but {owner} needs {ast.unparse(known[key].annotation)}"
    for key, field in known.items():
        if key not in spec.settings and not _has_default(field.value):
            yield f"{where}{key} is missing: {owner} has no default for it"


def _fields(model: Model, models: Mapping[str, Model]) -> dict[str, ast.AnnAssign] | None:
    """Return the fields of a dataclass and its bases; None if a base is not in the function's folder."""
    found: dict[str, ast.AnnAssign] = {}
    for base in reversed(model.node.bases):
        parent = models.get(base.id) if isinstance(base, ast.Name) else None
        its = _fields(parent, models) if parent and parent is not model else None
        if its is None:
            return None
        found |= its
    for node in model.node.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and not _is_not_a_key(node.annotation):
            found[node.target.id] = node
    return found


def _is_not_a_key(annotation: ast.expr) -> bool:
    return any(getattr(node, "id", getattr(node, "attr", "")) in NOT_KEYS for node in ast.walk(annotation))


def _has_default(value: ast.expr | None) -> bool:
    """Return whether a field has a default: a value, or `field(…)` with a default."""
    if isinstance(value, ast.Call) and ast.unparse(value.func).rpartition(".")[2] == "field":
        return any(each.arg in {None, "default", "default_factory"} for each in value.keywords)
    return value is not None


def _fits(value: Any, hint: ast.expr) -> bool | None:  # noqa: ANN401 - a TOML value
    """Return whether a value has the type of an annotation; None if the source code does not show it."""
    match hint:
        case ast.Constant(value=str(text)):
            return _fits(value, ast.parse(text, mode="eval").body)
        case ast.BinOp(left=one, op=ast.BitOr(), right=other):
            either = {_fits(value, one), _fits(value, other)}
            return True if True in either else None if None in either else False
        case ast.Subscript(value=ast.Name(id=name), slice=inner):
            return _fits_generic(value, name, inner)
        case ast.Name(id=name) if name in PLAIN:
            return isinstance(value, PLAIN[name]) and isinstance(value, bool) is (name == "bool")
    never = isinstance(hint, ast.Constant) or (isinstance(hint, ast.Name) and hint.id in NEVER)
    return False if never else None


def _fits_generic(value: Any, name: str, inner: ast.expr) -> bool | None:  # noqa: ANN401 - a TOML value
    match name, inner:
        case "Literal", _:
            allowed = inner.elts if isinstance(inner, ast.Tuple) else [inner]
            return any(isinstance(each, ast.Constant) and _same(value, each.value) for each in allowed)
        case ("list", item) | ("tuple", ast.Tuple(elts=[item, ast.Constant(value=EllipsisType())])):
            each = {_fits(one, item) for one in value} if isinstance(value, list) else {False}
            return False if False in each else None if None in each else True
    return False if name in NEVER else None


def _same(value: object, allowed: object) -> bool:
    return type(value) is type(allowed) and value == allowed
