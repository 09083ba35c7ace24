"""Checks `formerly`: a former name belongs to one function only, because the keys of runs contain it."""

from collections.abc import Collection, Mapping, Sequence

from infra.declarations import naming
from infra.declarations.spec import FunctionSpec, SpecError


def check(specs: Sequence[FunctionSpec], folders: Collection[str]) -> None:
    """Raise SpecError for the first former name that is invalid or that another function uses."""
    owners: dict[str, str] = {}
    for spec in specs:
        for name in spec.formerly:
            fault = _fault(name, spec, folders, owners)
            if fault:
                raise SpecError(f"functions/{spec.name}/function.toml: formerly: {fault}")
            owners[name] = spec.name


def _fault(name: str, spec: FunctionSpec, folders: Collection[str], owners: Mapping[str, str]) -> str:
    if name == spec.name:
        return f"'{name}' is the function's current name; list only earlier names"
    if name in folders:
        return f"'{name}' is a folder in functions/; a former name must not be in use"
    if name in owners:
        return f"functions/{owners[name]}/function.toml lists '{name}' too; a name belongs to one function"
    return naming.fault(name)
