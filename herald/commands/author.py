"""Commands that create functions and contracts, pin packages and run tests."""

from collections.abc import Sequence
from typing import Annotated

import typer

from herald.terminal.console import out
from herald.terminal.rendering import counted

Name = Annotated[str, typer.Argument(metavar="NAME", help="The name of its folder: snake_case.")]
Type = Annotated[str, typer.Argument(metavar="TYPE", help="Dotted lower-case words, such as customer.created.")]


def mount(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.command()(new)
    app.command("new-event")(new_event)
    app.command()(lock)
    app.command()(test)


def new(
    name: Name,
    *,
    on: Annotated[
        str,
        typer.Option(
            metavar="TRIGGER",
            help="s3:<prefix> in the bucket outputs, s3:<bucket>/<prefix>, iot:<topic>, http, an event type, or a "
            ".json file with a pattern.",
        ),
    ],
    emit: Annotated[
        list[str] | None, typer.Option(metavar="TYPE", help="An event type that the function emits; may be repeated.")
    ] = None,
    owner: Annotated[str, typer.Option(help="The team that owns it; each team has its own stack.")] = "platform",
) -> None:
    """Create a working function: declaration, code, tests and a sample event."""
    from herald.scaffold import new_function
    from infra.declarations.loader import ROOT

    written = new_function.new(ROOT, name, on=on, emit=emit or [], owner=owner)
    _print(written.files)
    out.print(f"Next: `herald test {name}`, `herald local up`.", soft_wrap=True)
    if written.note:
        out.print(written.note, markup=False, soft_wrap=True)
    if written.send:
        out.print(f"Then run it: `{written.send}`.", markup=False, soft_wrap=True)


def new_event(event_type: Type) -> None:
    """Create the contract of an event type, with one valid and one invalid sample."""
    from herald.scaffold import new_contract
    from infra.declarations.loader import ROOT

    _print(new_contract.new(ROOT, event_type))
    out.print(f"Next: describe the data of {event_type} in 1.schema.json, and adapt example.json.", soft_wrap=True)


def lock(name: Name) -> None:
    """Pin the packages of functions/NAME/requirements.in, with hashes, in functions/NAME/requirements.txt."""
    from herald.check import locking
    from infra.declarations.loader import ROOT

    pinned = locking.lock(ROOT, name)
    out.print(f"functions/{name}/requirements.txt pins {counted(pinned, 'package')}.", highlight=False, soft_wrap=True)
    out.print(f"Next: `herald test {name}` installs them here and runs the tests.", soft_wrap=True)


def test(name: Name) -> None:
    """Run the tests of one function, and the contract and architecture tests that apply to it."""
    from herald.scaffold import run_tests

    raise typer.Exit(run_tests.run(name))


def _print(files: Sequence[str]) -> None:
    for file in files:
        out.print(file, markup=False, highlight=False, soft_wrap=True)
