"""The command line: results go to stdout, progress to stderr; exit codes: 0 success, 1 failure, 2 wrong usage."""

from typing import Annotated

import typer
from rich.text import Text

from herald.commands import (
    author,
    catalog,
    check,
    explain,
    local,
    operate,
    reconcile,
    runs,
    send,
    status,
    trace,
    why,
)
from herald.commands.dlq import dlq
from herald.commands.journal import journal
from herald.errors import CommandError
from herald.terminal.console import err
from herald.terminal.rendering import readable

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Event-driven automation on AWS.")
app.add_typer(local.group, name="local")
app.add_typer(dlq, name="dlq")
app.add_typer(journal, name="journal")
for module in (author, operate, reconcile, send, why, explain, runs, trace, status, catalog, check):
    module.mount(app)


def _version(*, requested: bool) -> None:
    """Print the version and exit."""
    from importlib.metadata import version

    if requested:
        typer.echo(f"herald {version('herald')}")
        raise typer.Exit


@app.callback()
def options(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            is_eager=True,
            callback=lambda requested: _version(requested=requested),
            help="Print the version.",
        ),
    ] = False,
) -> None:
    """Event-driven automation on AWS."""


def main() -> None:
    """Run the command line; print an expected error as one message on stderr, without a traceback."""
    from botocore.exceptions import BotoCoreError, ClientError

    from infra.declarations.spec import SpecError

    try:
        app(prog_name="herald")
    except (CommandError, SpecError, BotoCoreError, ClientError) as error:
        words = "\n".join(map(readable, str(error).splitlines()))
        err.print(Text.assemble(("herald: ", "bold red"), words), soft_wrap=True)
        raise SystemExit(1) from error
