"""Commands for dead letters: count them, read them, send them back, delete them."""

import json
import sys
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from herald.errors import CommandError
from herald.terminal.console import (
    DryRun,
    Env,
    Json,
    Local,
    Profile,
    Rate,
    Region,
    Subject,
    choose,
    duration,
    err,
    out,
    progress,
    show,
)
from herald.terminal.rendering import counted, readable

if TYPE_CHECKING:
    from herald.dead_letters.letters import Filter
    from herald.deployment.deployment import Deployment

dlq = typer.Typer(no_args_is_help=True, help="Dead letters of all functions, and the undelivered events.")

OnlyFunction = Annotated[str | None, typer.Option("--function", metavar="F", help="Those of one function.")]
Error = Annotated[str | None, typer.Option(metavar="E", help="Those with one error, as `herald dlq list` names it.")]
OlderThan = Annotated[str | None, typer.Option(metavar="AGE", help="Those that came before: 30m, 2h or 7d ago.")]


@dlq.command("list")
def list_(
    *,
    function: OnlyFunction = None,
    error: Error = None,
    subject: Subject = None,
    older_than: OlderThan = None,
    json_: Json = False,
    env: Env = "dev",
    profile: Profile = None,
    region: Region = None,
    local: Local = False,
) -> None:
    """Count dead letters by function and error."""
    from herald.dead_letters import letters

    deployment = choose(env, profile, region, local)
    wanted = _wanted(deployment, function, error, subject, older_than)
    groups = letters.groups(letters.read(deployment, wanted))
    if json_:
        show({"groups": groups}, as_json=True)
        return
    for each in groups:
        place = f" ({each['place']})" if each["place"] != each["function"] else ""
        times = f"{_time(each['oldest_at'])} to {_time(each['newest_at'])}"
        title = Text.assemble((readable(each["function"]), "bold"), place, " ", (readable(each["error"]), "red"))
        out.print(title.append(f"  {counted(each['count'], 'letter')}, {times}"), soft_wrap=True)
        newest = "the newest: " if each["count"] > 1 else ""
        out.print(f"    {newest}{readable(each['reason'])}", markup=False, highlight=False, soft_wrap=True)
    if not groups:
        out.print("There are no such letters.")


@dlq.command("show")
def show_(
    *,
    function: OnlyFunction = None,
    error: Error = None,
    subject: Subject = None,
    older_than: OlderThan = None,
    json_: Json = False,
    env: Env = "dev",
    profile: Profile = None,
    region: Region = None,
    local: Local = False,
) -> None:
    """Tell everything each dead letter says of itself, and leave it where it is."""
    from herald.dead_letters import letters

    deployment = choose(env, profile, region, local)
    found = letters.read(deployment, _wanted(deployment, function, error, subject, older_than))
    if json_:
        show({"letters": [letter.describe() for letter in letters.with_bodies(deployment, found)]}, as_json=True)
        return
    for letter in found:
        out.print(f"── {_time(letter.sent_at)} {readable(letter.function)}", style="bold", markup=False, soft_wrap=True)
        told = {name: getattr(letter, name) or "-" for name in ("error", "reason", "subject")}
        told |= {"message": letter.message["MessageId"], "said": json.dumps(dict(letter.said), ensure_ascii=False)}
        for name, value in told.items():
            out.print(f"{name:<8} {readable(value)}", markup=False, highlight=False, soft_wrap=True)
    err.print(counted(len(found), "letter"))


@dlq.command()
def redrive(
    *,
    function: OnlyFunction = None,
    error: Error = None,
    subject: Subject = None,
    older_than: OlderThan = None,
    force: Annotated[bool, typer.Option("--force", help="Also those that were redriven three times.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask, where nothing says which letters are meant.")] = False,
    rate: Rate = None,
    dry_run: DryRun = False,
    env: Env = "dev",
    profile: Profile = None,
    region: Region = None,
    local: Local = False,
) -> None:
    """Move dead letters back to their functions' queues, where each runs again, once.

    Without --function, --error, --subject and --older-than it lists all of them, and asks.
    """
    from herald.dead_letters import letters
    from herald.deployment.queues import Pace

    deployment = choose(env, profile, region, local)
    wanted = _wanted(deployment, function, error, subject, older_than)
    everything = not (function or error or subject or older_than)
    if dry_run or (everything and not yes):
        plan = _plan(deployment, wanted, force=force)
        if dry_run:
            return
        if plan:
            _confirm(f"Redrive {counted(plan, 'letter')} of all functions?")
    with progress("redriving", letters.total(deployment, wanted)) as advance:
        moved = letters.redrive(deployment, wanted, force=force, pace=Pace(rate), progress=advance)
    out.print(f"{counted(moved.moved, 'letter', 'was', 'were')} redriven.")
    why = {
        f", redriven {letters.REDRIVES} times before: --force moves such letters": moved.refused,
        ": the function is not there, or its queue would not take what was sent": moved.failed,
    }
    stays = [f"{counted(number, 'letter', 'stays', 'stay')}{reason}" for reason, number in why.items() if number]
    if stays:
        raise CommandError("\n".join(stays))


def _plan(deployment: "Deployment", wanted: "Filter", *, force: bool) -> int:
    """Print the letters that a redrive would move, by function and error; return how many they are."""
    from herald.dead_letters import letters

    found = letters.read(deployment, wanted)
    there = [letter for letter in found if letters.has_a_taker(deployment, letter.function)]
    going = [letter for letter in there if force or not letters.is_spent(letter)]
    for each in letters.groups(going):
        words = f"{readable(each['function'])}  {readable(each['error'])}  {counted(each['count'], 'letter')}"
        err.print(words, markup=False, highlight=False, soft_wrap=True)
    out.print(f"{counted(len(going), 'letter')} would be redriven, {len(found) - len(going)} refused.")
    return len(going)


@dlq.command()
def drop(
    *,
    function: OnlyFunction = None,
    error: Error = None,
    subject: Subject = None,
    older_than: OlderThan = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    dry_run: DryRun = False,
    env: Env = "dev",
    profile: Profile = None,
    region: Region = None,
    local: Local = False,
) -> None:
    """Delete dead letters for good; what was decided of them stays in the ledger.

    What comes meanwhile stays, and what a rename left waiting, which never ran: `herald dlq redrive` moves that.
    """
    from herald.dead_letters import letters

    deployment = choose(env, profile, region, local)
    wanted = replace(_wanted(deployment, function, error, subject, older_than or "0s"), waiting=False)
    found = len(letters.read(deployment, wanted))
    if dry_run or not found:
        out.print(f"{counted(found, 'letter')} would be deleted." if found else "There are no such letters.")
        return
    if not yes:
        _confirm(f"Delete {counted(found, 'letter')} for good?")
    with progress("deleting", letters.total(deployment, wanted)) as advance:
        dropped = letters.drop(deployment, wanted, advance)
    out.print(f"{counted(dropped, 'letter', 'was', 'were')} deleted.")


def _confirm(question: str) -> None:
    """Ask a person; where none can answer, it is misuse not to have said --yes."""
    if not sys.stdin.isatty():
        raise typer.BadParameter("there is no terminal to ask at: say --yes")
    typer.confirm(question, abort=True, err=True)


def _wanted(
    deployment: "Deployment", function: str | None, error: str | None, subject: str | None, older_than: str | None
) -> "Filter":
    """Return which letters are meant; CommandError when there is no such function."""
    from herald.dead_letters.letters import Filter, check_function

    before = datetime.now(UTC) - duration(older_than) if older_than else None
    if function is not None:
        present = deployment.present(function)
        check_function(deployment, function if function in deployment.all_queues else present)
        function = present
    return Filter(function=function, error=error, subject=subject, before=before)


def _time(ms: int) -> str:
    return f"{datetime.fromtimestamp(ms / 1000, UTC):%Y-%m-%d %H:%M:%S}"
