"""What a function may be called, and what it may have been called before."""

import keyword
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from infra.declarations.spec import SNAKE_CASE, FunctionSpec, SpecError

RESERVED: Final = frozenset({"journal"})  # the platform's own, by the name of its queues
NAME_LENGTH: Final = 40  # Lambda allows 64 characters; the environment and the service's name take the rest


def check(name: str) -> None:
    """Raise SpecError for a name that no function can have."""
    if not SNAKE_CASE.fullmatch(name) or len(name) > NAME_LENGTH:
        raise SpecError(f"the folder name '{name}' must be snake_case and have at most {NAME_LENGTH} characters")
    if keyword.iskeyword(name):
        raise SpecError(f"the folder name '{name}' is a word of Python: no module can have it")
    if name in RESERVED:
        raise SpecError(f"the folder name '{name}' is taken: the platform has a function of that name")


def pascal(name: str) -> str:
    """Return a name in snake_case as ids and outputs of CloudFormation have it."""
    return "".join(word.capitalize() for word in name.split("_"))


def secret_output(function: str) -> str:
    """Return the output of its stack that says what a function's own secret is called on AWS."""
    return f"Secret{pascal(function)}"


def refuse_former(specs: Sequence[FunctionSpec], folders: Collection[str]) -> None:
    """Raise SpecError for the first former name that is none, or not one function's alone, as run keys must be."""
    whose: dict[str, str] = {}
    for spec in specs:
        for name in spec.formerly:
            fault = _fault(name, spec, folders, whose)
            if fault:
                raise SpecError(f"functions/{spec.name}/function.toml: formerly: {fault}")
            whose[name] = spec.name


def _fault(name: str, spec: FunctionSpec, folders: Collection[str], whose: Mapping[str, str]) -> str:
    if name == spec.name:
        return f"'{name}' is its own name; a function that has its first name again needs no formerly"
    if name in folders:
        return f"'{name}' is a folder in functions/: only one that is gone can have been renamed"
    if name in whose:
        other = "twice" if whose[name] == spec.name else f"in functions/{whose[name]}/function.toml too"
        return f"'{name}' is named {other}: a name belongs to one function, once"
    try:
        check(name)
    except SpecError as error:
        return str(error)
    return ""
