"""Shared by all commands: consoles, option types, and the selection of a deployment."""

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.console import Console, ConsoleDimensions

from herald.terminal.rendering import readable

if TYPE_CHECKING:
    from herald.deployment.deployment import Deployment
    from herald.progress import CountProgress

UNBROKEN: Final = 100_000  # columns

DURATION: Final = re.compile(r"(\d+)([smhd])")
UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def console(*, stderr: bool = False) -> Console:
    """Return a console that never breaks a line, so that a copied subject or command is complete.

    A terminal wraps long lines itself, and copies them without a line break.
    """
    made = Console(stderr=stderr, emoji=False)  # an ARN may contain :key:
    if not (stderr and made.is_terminal):  # only progress on stderr needs the width of the terminal
        made.size = ConsoleDimensions(UNBROKEN, made.height)  # both: Rich ignores a width alone if TERM is dumb
    return made


out: Final = console()
err: Final = console(stderr=True)

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Every = Annotated[bool, typer.Option("--all", help="Show also the functions with patterns that do not nearly match.")]
Verbose = Annotated[bool, typer.Option("--verbose", help="Show physical names of buckets instead of short names.")]
SearchedSince = Annotated[
    str, typer.Option("--since", metavar="T", help="How far back an id is searched: ISO 8601 in UTC, or 2h.")
]
Env = Annotated[str, typer.Option("--env", help="An environment in cdk.json.")]
Profile = Annotated[str | None, typer.Option(help="Use AWS with this profile of your credentials.")]
Region = Annotated[str | None, typer.Option(help="Use AWS in this region.")]
Local = Annotated[bool, typer.Option("--local", help="Use the local AWS; dev uses it by default while it is running.")]


def _with_star(subject: str | None) -> str | None:
    """Return the subject; print a notice if it contains a star before the end, because that star is not a wildcard."""
    if subject and "*" in subject[:-1]:
        say(f"{subject}: only a * at the end is a wildcard; every other * is a literal character")
    return subject


Subject = Annotated[
    str | None,
    typer.Option(
        metavar="S", help="Only this subject, or with 'S*' all subjects with this prefix.", callback=_with_star
    ),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what the command would do, without doing it.")]
Rate = Annotated[float | None, typer.Option(min=0.1, help="The maximum number of messages per second.")]


def duration(text: str) -> timedelta:
    """Read `90s`, `5m`, `2h` or `7d`; BadParameter: any other form."""
    match = DURATION.fullmatch(text)
    if not match:
        raise typer.BadParameter(f"{text!r} is not a duration: write 90s, 5m, 2h or 7d")
    try:
        return timedelta(**{UNITS[match[2]]: int(match[1])})
    except OverflowError as error:
        raise typer.BadParameter(f"{text!r} is too long") from error


def moment(text: str) -> datetime:
    """Read an ISO 8601 time (UTC by default), or a duration before now; BadParameter: any other form."""
    try:
        if DURATION.fullmatch(text):
            return datetime.now(UTC) - duration(text)
        when = datetime.fromisoformat(text)
        return (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError as error:
        raise typer.BadParameter(f"{text!r} is before the year 1 or after 9999") from error
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is not a time: write 2026-11-24T08:00, or 2h for two hours ago") from error


def choose(env: str, profile: str | None, region: str | None, local: bool) -> "Deployment":  # noqa: FBT001 - an option like the others
    """Return the deployment that a command acts on, and print its AWS account or the local AWS on stderr."""
    from herald.deployment import environments  # noqa: PLC0415 - it imports the declarations, which `herald --help` does not need
    from herald.deployment.deployment import Deployment  # noqa: PLC0415 - it imports boto3, which `herald --help` does not need

    environments.check(env)
    deployment = Deployment.choose(environment=env, profile=profile, region=region, local=local)
    say(deployment.where())
    return deployment


def flags(env: str, profile: str | None, region: str | None, local: bool = False) -> str:  # noqa: FBT001, FBT002 - options
    """Return the options that select the same deployment in another command, each after a space."""
    said = {"env": env if env != "dev" else None, "profile": profile, "region": region}
    options = "".join(f" --{name} {shlex.quote(value)}" for name, value in said.items() if value)
    return f"{options} --local" if local else options


def show(value: Mapping[str, Any], *, as_json: bool) -> None:
    """Print an answer as plain JSON, or as colored JSON."""
    if as_json:
        typer.echo(json.dumps(value, indent=2, ensure_ascii=False))
    else:
        out.print_json(data=value)


def say(sentence: str) -> None:
    """Print a notice on stderr."""
    err.print(readable(sentence), markup=False, highlight=False, soft_wrap=True)


@contextmanager
def progress(title: str, total: int | None) -> Iterator["CountProgress"]:
    """Show a progress bar on stderr if it is a terminal; the yielded function adds to its count.

    The total grows if there are more messages than expected: SQS reports an approximate number.
    """
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415 - slow to import

    columns = (TextColumn(title), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, disable=not err.is_terminal) as bar:
        task = bar.add_task(title, total=total)
        done = 0

        def progress(count: int) -> None:
            nonlocal done
            done += count
            bar.update(task, completed=done, total=total and max(total, done))

        yield progress
