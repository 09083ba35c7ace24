"""The command that sends a file, a sample event or a sample request."""

from pathlib import Path
from typing import Annotated

import typer

from herald.terminal.console import Env, Local, Profile, Region, choose, out, say
from herald.terminal.rendering import readable


def mount(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command()(send)


def send(
    file: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, readable=True)],
    *,
    to: Annotated[
        str | None,
        typer.Option(
            metavar="PREFIX",
            help="Upload FILE to the bucket outputs under PREFIX; s3:BUCKET/PREFIX for another bucket.",
        ),
    ] = None,
    event: Annotated[
        bool,
        typer.Option("--event", help="Send the event in FILE to its bus, queues, topic or URL."),
    ] = False,
    env: Env = "dev",
    profile: Profile = None,
    region: Region = None,
    local: Local = False,
) -> None:
    """Upload a file to a bucket, or send a sample event, message or request; print its subject."""
    from herald.send import send as sending

    if (to is None) == (not event):
        raise typer.BadParameter("use either --to PREFIX or --event")
    deployment = choose(env, profile, region, local)
    subject = sending.send_file(deployment, file, to) if to is not None else sending.send_event(deployment, file, say)
    # A pipe receives the exact subject; a terminal receives it with control characters escaped.
    typer.echo(readable(subject) if out.is_terminal else subject, color=True)
