"""The reference of the command line, from its commands."""

from collections.abc import Iterator
from typing import Any, Final

import typer

from herald.cli import app
from herald.reference.markdown import page as markdown
from herald.reference.markdown import prose, table

INTRODUCTION: Final = """
Answers go to stdout, progress and errors to stderr. The exit code is 0 for success, 1 for a failure, 2 for misuse.
"""


def page() -> str:
    """Return the page."""
    return markdown("Command line", INTRODUCTION, *_commands(typer.main.get_command(app), "herald"))


def _commands(command: Any, path: str) -> Iterator[str]:  # noqa: ANN401 - typer's own Click
    below = getattr(command, "commands", {})
    for name in sorted(below):
        yield from _commands(below[name], f"{path} {name}")
    if not below:
        arguments = [_argument(each) for each in command.params if each.param_type_name == "argument"]
        yield f"## `{' '.join([path, *arguments])}`"
        yield prose(command.help)
        rows = [(f"`{_names(each)}`", _default(each), each.help or "") for each in command.params]
        yield table(("Parameter", "Default", "Description"), rows) if rows else ""


def _argument(parameter: Any) -> str:  # noqa: ANN401 - typer's own Click
    name = (parameter.metavar or parameter.name).upper()
    return name if parameter.required else f"[{name}]"


def _names(parameter: Any) -> str:  # noqa: ANN401 - typer's own Click
    if parameter.param_type_name == "argument":
        return str(parameter.metavar or parameter.name).upper()
    value = "" if parameter.is_flag else f" {parameter.metavar or 'VALUE'}"
    return ", ".join(parameter.opts) + value


def _default(parameter: Any) -> str:  # noqa: ANN401 - typer's own Click
    if parameter.required:
        return "required"
    return "" if parameter.default in (None, False, ()) else f"`{parameter.default}`"
