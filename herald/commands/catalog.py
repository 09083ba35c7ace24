"""The command that writes the catalog."""

from pathlib import Path
from typing import Annotated

import typer

from herald.terminal.console import out, say
from herald.terminal.rendering import counted


def mount(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command()(catalog)


def catalog(
    *,
    out_: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Write to FILE instead of catalog.html or asyncapi.json."),
    ] = None,
    asyncapi: Annotated[bool, typer.Option("--asyncapi", help="Write an AsyncAPI 3.0 document.")] = False,
) -> None:
    """Write a page of all functions and events: contracts, triggers, grants, and a diagram of the event flow."""
    from herald import catalog as writer
    from infra.declarations.loader import ROOT

    file = out_ or Path("asyncapi.json" if asyncapi else "catalog.html")
    written = writer.write(ROOT, file, as_asyncapi=asyncapi)
    for warning in written.warnings:
        say(f"{warning.node.name} {warning.fault}")
    words = f"Wrote {file}: {counted(written.functions, 'function')}, {counted(written.events, 'event type')}"
    out.print(f"{words}, {counted(len(written.warnings), 'warning')}.", soft_wrap=True, markup=False, highlight=False)
