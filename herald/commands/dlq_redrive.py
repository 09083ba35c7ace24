"""Commands for dead letters: send them back to their queues, or delete them."""

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from herald.commands.dlq_options import Error, OlderThan, OnlyFunction, wanted
from herald.errors import CommandError
from herald.terminal.console import (
    DryRun,
    Env,
    Local,
    Profile,
    Rate,
    Region,
    Subject,
    choose,
    err,
    out,
    progress,
)
from herald.terminal.rendering import counted, readable

if TYPE_CHECKING:
    from herald.dead_letters.listing import Filter
    from herald.dead_letters.redrive import Redriven
    from herald.deployment.deployment import Deployment


def mount(group: typer.Typer) -> None:
    """Add the commands to `herald dlq`."""
    group.command()(redrive)
    group.command()(drop)


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
    selected = wanted(deployment, function, error, subject, older_than)
    everything = not (function or error or subject or older_than)
    if dry_run or (everything and not yes):
        count = _plan(deployment, selected, force=force)
        if dry_run:
            return
        if count:
            _confirm(f"Redrive {counted(count, 'dead letter')} of all functions?")
    with progress("redriving", listing.total(deployment, selected)) as advance:
        result = redriving.redrive(deployment, selected, force=force, pace=Pace(rate), progress=advance)
    _report(result)


def _plan(deployment: "Deployment", selected: "Filter", *, force: bool) -> int:
    """Print the dead letters that a redrive would move, by function and error; return how many they are."""
    from herald.dead_letters import listing
    from herald.dead_letters import redrive as redriving

    found = listing.read(deployment, selected)
    consumed = [each for each in found if redriving.has_consumer(deployment, each.function)]
    ready = [each for each in consumed if force or not redriving.is_spent(each)]
    for each in listing.groups(ready):
        line = f"{readable(each['function'])}  {readable(each['error'])}  {counted(each['count'], 'dead letter')}"
        err.print(line, markup=False, highlight=False, soft_wrap=True)
    out.print(f"{counted(len(ready), 'dead letter')} would be redriven, {len(found) - len(ready)} refused.")
    return len(ready)


def _report(result: "Redriven") -> None:
    """Print how many dead letters were redriven; CommandError with the reasons if others were not."""
    from herald.dead_letters.redrive import REDRIVES

    out.print(f"{counted(result.moved, 'dead letter')} redriven.")
    left = {
        f"already redriven {REDRIVES} times: use --force to redrive again": result.refused,
        "the function is not deployed, or SQS rejected the message": result.failed,
    }
    faults = [f"{counted(number, 'dead letter')} not redriven: {reason}" for reason, number in left.items() if number]
    if faults:
        raise CommandError("\n".join(faults))


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
    selected = replace(wanted(deployment, function, error, subject, older_than or "0s"), waiting=False)
    found = len(listing.read(deployment, selected))
    if dry_run or not found:
        out.print(f"{counted(found, 'dead letter')} would be deleted." if found else "No dead letters found.")
        return
    if not yes:
        _confirm(f"Delete {counted(found, 'dead letter')} permanently?")
    with progress("deleting", listing.total(deployment, selected)) as advance:
        dropped = redriving.drop(deployment, selected, advance)
    out.print(f"{counted(dropped, 'dead letter')} deleted.")


def _confirm(question: str) -> None:
    """Ask for confirmation; BadParameter: stdin is not a terminal."""
    if not sys.stdin.isatty():
        raise typer.BadParameter("there is no terminal to confirm at: use --yes")
    typer.confirm(question, abort=True, err=True)
