"""The command line: what people type. Answers go to stdout, progress to stderr; exit 0 done, 1 failed, 2 misused."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from herald.commands import author, operate
from herald.commands.dlq import dlq
from herald.errors import CommandError
from herald.terminal.console import Env, Json, Local, Profile, Region, choose, err, flags, out, say, show
from herald.terminal.rendering import counted, readable

if TYPE_CHECKING:
    from herald.deployment.deployment import Deployment

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Event-driven automation on AWS.")
local_group = typer.Typer(no_args_is_help=True, help="Herald on this machine: a local AWS, and the app deployed to it.")
app.add_typer(local_group, name="local")
app.add_typer(dlq, name="dlq")
author.mount(app)
operate.mount(app)


def _version(*, asked: bool) -> None:
    """Print the version and end."""
    from importlib.metadata import version

    if asked:
        typer.echo(f"herald {version('herald')}")
        raise typer.Exit


@app.callback()
def options(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version", is_eager=True, callback=lambda asked: _version(asked=asked), help="Print the version."
        ),
    ] = False,
) -> None:
    """Event-driven automation on AWS."""


@local_group.command()
def up(env: Env = "dev") -> None:
    """Start the local AWS, deploy everything that changed, and check it."""
    from herald.local import emulator
    from herald.local import local as machine

    with err.status("") as status:

        def progress(step: str) -> None:
            err.print(f"· {step}")
            status.update(step)

        with emulator.alone():
            deployment = machine.up(env, progress)
    out.print(f"Herald is up at {deployment.endpoint}. Try `herald send FILE --to reports/`.", soft_wrap=True)


@local_group.command()
def down() -> None:
    """End the local AWS and everything in it."""
    from herald.local import emulator

    with emulator.alone():
        ended = emulator.stop()
    out.print("The local AWS has ended." if ended else "The local AWS was not running.")


@local_group.command()
def status(*, json_: Json = False, env: Env = "dev") -> None:
    """Name the endpoint, buckets, bus, ledger table, queues, topic, endpoints and secrets of the local AWS."""
    from herald.deployment.deployment import Deployment
    from herald.local.status import describe

    show(describe(Deployment.local(env)), as_json=json_)


@app.command()
def send(
    file: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, readable=True)],
    *,
    to: Annotated[
        str | None,
        typer.Option(metavar="PREFIX", help="Put FILE into the bucket outputs under PREFIX, or to s3:BUCKET/PREFIX."),
    ] = None,
    event: Annotated[
        bool,
        typer.Option(
            "--event", help="Let the event in FILE happen: on the bus, in the queues, on a topic or at a URL."
        ),
    ] = False,
    env: Env = "dev",
    profile: Profile = None,
    region: Region = None,
    local: Local = False,
) -> None:
    """Put a file into a bucket, an event on the bus, or a sample where it belongs; print its subject."""
    from herald.send import send as sending

    if (to is None) == (not event):
        raise typer.BadParameter("say either --to PREFIX or --event")
    deployment = choose(env, profile, region, local)
    subject = sending.send_file(deployment, file, to) if to is not None else sending.send_event(deployment, file, say)
    # As it is for the command that reads it; where people look at it, it may not move their cursor.
    typer.echo(readable(subject) if out.is_terminal else subject, color=True)


@app.command()
def why(
    subject: Annotated[str, typer.Argument(metavar="SUBJECT", help="s3://bucket/key, or a domain event's subject.")],
    *,
    wait: Annotated[
        bool, typer.Option("--wait", help="Return when no run of it is open, or after two minutes.")
    ] = False,
    json_: Json = False,
    env: Env = "dev",
    profile: Profile = None,
    region: Region = None,
    local: Local = False,
) -> None:
    """Tell every decision about a subject: what, where, why, who, and what it caused."""
    from herald.investigate import why as asking
    from herald.terminal import rendering

    if not subject:
        raise typer.BadParameter("the subject is empty")
    deployment = choose(env, profile, region, local)
    left = _wait(deployment, subject) if wait else None
    answer = asking.why(deployment, subject)
    if json_:
        show(answer, as_json=True)
    else:
        out.print(rendering.answer(answer, flags(env, profile, region, local)))
    if left:
        raise CommandError(left)


def _wait(deployment: "Deployment", subject: str) -> str | None:
    """Wait, and show for what; return what is still open at the deadline."""
    from herald.investigate import waiting

    with err.status("waiting until no run is open") as status:

        def progress(text: str) -> None:
            status.update(readable(text))
            if not err.is_terminal:
                say(text)

        return waiting.wait(deployment, subject, progress)


@app.command()
def catalog(
    *,
    out_: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write there, not to catalog.html or asyncapi.json.")
    ] = None,
    asyncapi: Annotated[bool, typer.Option("--asyncapi", help="Write an AsyncAPI 3.0 document for machines.")] = False,
) -> None:
    """Write a page of all functions and events: contracts, triggers, grants, and the picture of who runs whom."""
    from herald import catalog as cataloguing
    from infra.declarations.loader import ROOT

    file = out_ or Path("asyncapi.json" if asyncapi else "catalog.html")
    written = cataloguing.write(ROOT, file, as_asyncapi=asyncapi)
    for gap in written.warnings:
        say(f"{gap.node.name} {gap.fault}")
    words = f"Wrote {file}: {counted(written.functions, 'function')}, {counted(written.events, 'event type')}"
    out.print(f"{words}, {counted(len(written.warnings), 'warning')}.", soft_wrap=True, markup=False, highlight=False)


@app.command()
def check(
    *,
    base: Annotated[
        str | None, typer.Option(metavar="REV", help="Compare contracts with those of this revision of git.")
    ] = None,
    json_: Json = False,
) -> None:
    """Hold declarations, contracts, samples and code against each other; exit 1 where they disagree."""
    from herald.check import check as checking
    from herald.check.revision import RevisionError

    try:
        answer = checking.check(base)
    except RevisionError as error:
        raise typer.BadParameter(str(error), param_hint="--base") from error
    for notice in answer.notices:
        say(notice)
    sentences = [*answer.disagreements, *(refusal.sentence for refusal in answer.refusals)]
    if json_:
        show(answer.describe(), as_json=True)
    else:
        for sentence in sentences or ["Declarations, contracts, samples and code agree."]:
            out.print(readable(sentence), markup=False, highlight=False, soft_wrap=True)
    if sentences:
        raise typer.Exit(1)


def main() -> None:
    """Run the command line; an error it foresaw is one sentence on stderr, not a traceback."""
    from botocore.exceptions import BotoCoreError, ClientError

    from infra.declarations.spec import SpecError

    try:
        app(prog_name="herald")
    except (CommandError, SpecError, BotoCoreError, ClientError) as error:
        words = "\n".join(map(readable, str(error).splitlines()))
        err.print(Text.assemble(("herald: ", "bold red"), words), soft_wrap=True)
        raise SystemExit(1) from error
