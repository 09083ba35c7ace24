"""Writes a new function: its declaration, its code, its tests and its sample."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from herald.errors import CommandError
from herald.scaffold import code, new_contract, new_files, trigger_choice
from herald.scaffold.toml import as_toml
from herald.scaffold.trigger import Trigger
from infra.declarations import loader, naming
from infra.declarations.files import is_left


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """The files of a new function, and the command that invokes it; None if an object must be written first.

    `note` is a step that AWS needs before the function works, or "".
    """

    files: Sequence[str]
    send: str | None
    note: str


def new(root: Path, name: str, *, on: str, emit: Sequence[str], owner: str) -> Written:
    """Write a function that passes every check; CommandError or SpecError: the arguments do not allow one.

    All files are removed again if the loader rejects them: names, pattern, sample, contracts, or a loop.
    """
    naming.check(name)
    for folder in (f"functions/{name}", f"tests/unit/{name}"):
        if (root / folder).exists() and not is_left(root / folder):
            raise CommandError(f"{folder} is there already")
    chosen = trigger_choice.choose(on, name, root, emit)
    data = {event_type: new_contract.example(root, event_type) for event_type in emit}
    written = {f"functions/{name}/function.toml": _declaration(chosen, list(data), owner)}
    written |= code.of(name, chosen, data) | chosen.files
    new_files.write(root, written, lambda: loader.load(root))
    return Written(files=list(written), send=chosen.send, note=chosen.note)


def _declaration(chosen: Trigger, emit: Sequence[str], owner: str) -> str:
    access = dict(chosen.access) | ({"emit": list(emit)} if emit else {})
    lines = [
        "#:schema ../function.schema.json",
        f"description = {as_toml(chosen.described)}",
        f"owner = {as_toml(owner)}",
        "",
        "[trigger]",
        f"samples = {as_toml(list(chosen.samples))}",
        chosen.lines.strip("\n"),
    ]
    if access:
        lines += ["", "[access]", *(f"{key} = {as_toml(value)}" for key, value in access.items())]
    return "\n".join(lines) + "\n"
