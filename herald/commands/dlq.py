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
    from herald.dead_letters.listing import Filter
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
    from herald.dead_letters import listing

    deployment = choose(env, profile, region, local)
    wanted = _wanted(deployment, function, error, subject, older_than)
    groups = listing.groups(listing.read(deployment, wanted))
    if json_:
        show({"groups": groups}, as_json=True)
        return
    for each in groups:
        queue = f" ({each['queue']})" if each["queue"] != each["function"] else ""
        times = f"{_time(each['oldest_at'])} to {_time(each['newest_at'])}"
        title = Text.assemble((readable(each["function"]), "bold"), queue, " ", (readable(each["error"]), "red"))
        out.print(title.append(f"  {counted(each['count'], 'dead letter')}, {times}"), soft_wrap=True)
        newest = "newest: " if each["count"] > 1 else ""
        out.print(f"    {newest}{readable(each['reason'])}", markup=False, highlight=False, soft_wrap=True)
    if not groups:
        out.print("No dead letters found.")


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
    """Show dead letters in full, and leave them in their queues."""
    from herald.dead_letters import listing

    deployment = choose(env, profile, region, local)
    found = listing.read(deployment, _wanted(deployment, function, error, subject, older_than))
    if json_:
        described = [dead_letter.describe() for dead_letter in listing.with_bodies(deployment, found)]
        show({"dead_letters": described}, as_json=True)
        return
    for dead_letter in found:
        out.print(
            f"── {_time(dead_letter.sent_at)} {readable(dead_letter.function)}",
            style="bold",
            markup=False,
            soft_wrap=True,
        )
        fields = {name: getattr(dead_letter, name) or "-" for name in ("error", "reason", "subject")}
        fields["message"] = dead_letter.message["MessageId"]
        fields["details"] = json.dumps(dict(dead_letter.details), ensure_ascii=False)
        for name, value in fields.items():
            out.print(f"{name:<8} {readable(value)}", markup=False, highlight=False, soft_wrap=True)
    err.print(counted(len(found), "dead letter"))


@dlq.command()
def redrive(
    *,
    function: OnlyFunction = None,
    error: Error = None,
    subject: Subject = None,
    older_than: OlderThan = None,
    force: Annotated[bool, typer.Option("--force", help="Also those that were redriven three times.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation when no filter is given.")] = False,
    rate: Rate = None,
    dry_run: DryRun = False,
    env: Env = "dev",
    profile: Profile = None,
    region: Region = None,
    local: Local = False,
) -> None:
    """Move dead letters back to the queues of their functions, where each runs once more.

    Without --function, --error, --subject and --older-than it lists all dead letters and asks for confirmation.
    """
    from herald.dead_letters import listing
    from herald.dead_letters import redrive as redriving
    from herald.deployment.queues import Pace

    deployment = choose(env, profile, region, local)
    wanted = _wanted(deployment, function, error, subject, older_than)
    everything = not (function or error or subject or older_than)
    if dry_run or (everything and not yes):
        plan = _plan(deployment, wanted, force=force)
        if dry_run:
            return
        if plan:
            _confirm(f"Redrive {counted(plan, 'dead letter')} of all functions?")
    with progress("redriving", listing.total(deployment, wanted)) as advance:
        result = redriving.redrive(deployment, wanted, force=force, pace=Pace(rate), progress=advance)
    out.print(f"{counted(result.moved, 'dead letter')} redriven.")
    left = {
        f"already redriven {redriving.REDRIVES} times: use --force to redrive again": result.refused,
        "the function is not deployed, or SQS rejected the message": result.failed,
    }
    faults = [f"{counted(number, 'dead letter')} not redriven: {reason}" for reason, number in left.items() if number]
    if faults:
        raise CommandError("\n".join(faults))


def _plan(deployment: "Deployment", wanted: "Filter", *, force: bool) -> int:
    """Print the dead letters that a redrive would move, by function and error; return how many they are."""
    from herald.dead_letters import listing
    from herald.dead_letters import redrive as redriving

    found = listing.read(deployment, wanted)
    there = [dead_letter for dead_letter in found if redriving.has_consumer(deployment, dead_letter.function)]
    ready = [dead_letter for dead_letter in there if force or not redriving.is_spent(dead_letter)]
    for each in listing.groups(ready):
        line = f"{readable(each['function'])}  {readable(each['error'])}  {counted(each['count'], 'dead letter')}"
        err.print(line, markup=False, highlight=False, soft_wrap=True)
    out.print(f"{counted(len(ready), 'dead letter')} would be redriven, {len(found) - len(ready)} refused.")
    return len(ready)


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
    """Delete dead letters permanently; their decisions stay in the ledger.

    Messages that arrive meanwhile are kept, and so are unprocessed ones in a renamed function's old queue: `herald dlq
    redrive` moves those.
    """
    from herald.dead_letters import listing
    from herald.dead_letters import redrive as redriving

    deployment = choose(env, profile, region, local)
    wanted = replace(_wanted(deployment, function, error, subject, older_than or "0s"), waiting=False)
    found = len(listing.read(deployment, wanted))
    if dry_run or not found:
        out.print(f"{counted(found, 'dead letter')} would be deleted." if found else "No dead letters found.")
        return
    if not yes:
        _confirm(f"Delete {counted(found, 'dead letter')} permanently?")
    with progress("deleting", listing.total(deployment, wanted)) as advance:
        dropped = redriving.drop(deployment, wanted, advance)
    out.print(f"{counted(dropped, 'dead letter')} deleted.")


def _confirm(question: str) -> None:
    """Ask for confirmation; BadParameter: stdin is not a terminal."""
    if not sys.stdin.isatty():
        raise typer.BadParameter("there is no terminal to confirm at: use --yes")
    typer.confirm(question, abort=True, err=True)


def _wanted(
    deployment: "Deployment", function: str | None, error: str | None, subject: str | None, older_than: str | None
) -> "Filter":
    """Return the filter that the options select; CommandError: the function does not exist."""
    from herald.dead_letters.listing import Filter, check_function
    from herald.deployment import functions
    from herald.targets.lookup import subject_of

    before = datetime.now(UTC) - duration(older_than) if older_than else None
    if function is not None:
        current = functions.current_name(deployment, function)
        check_function(deployment, function if function in deployment.all_queues else current)
        function = current
    return Filter(function=function, error=error, subject=subject_of(deployment, subject), before=before)


def _time(ms: int) -> str:
    return f"{datetime.fromtimestamp(ms / 1000, UTC):%Y-%m-%d %H:%M:%S}"
