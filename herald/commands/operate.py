"""Commands to operate an installation: pause, resume, replay."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from herald.commands.journal import NOW, From, To
from herald.terminal.console import DryRun, Env, Local, Profile, Rate, Region, Subject, choose, moment, out, progress
from herald.terminal.rendering import counted

Function = Annotated[str, typer.Argument(metavar="FUNCTION", help="The name of its folder.")]


def mount(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    for command in (pause, resume, replay):
        app.command()(command)


def pause(
    function: Function, *, env: Env = "dev", profile: Profile = None, region: Region = None, local: Local = False
) -> None:
    """Stop a function from receiving events; they stay in its queue for up to 14 days."""
    from herald.deployment import switch

    switch.pause(choose(env, profile, region, local), function)
    out.print(f"{function} is paused: its events stay in its queue. Start it again with `herald resume {function}`.")


def resume(
    function: Function, *, env: Env = "dev", profile: Profile = None, region: Region = None, local: Local = False
) -> None:
    """Start a paused function again."""
    from herald.deployment import switch

    switch.resume(choose(env, profile, region, local), function)
    out.print(f"{function} runs.")


def replay(
    *,
    function: Annotated[str, typer.Option("--function", metavar="F", help="The only function that receives them.")],
    from_: From,
    to: To = NOW,
    subject: Subject = None,
    new: Annotated[bool, typer.Option("--new", help="Process events again that were already processed.")] = False,
    name: Annotated[str | None, typer.Option(help="The name of an interrupted replay, to continue it.")] = None,
    rate: Rate = None,
    dry_run: DryRun = False,
    env: Env = "dev",
    profile: Profile = None,
    region: Region = None,
    local: Local = False,
) -> None:
    """Send past events from the journal to one function. Without --new, processed events are duplicates."""
    from herald.deployment import functions
    from herald.deployment.queues import Pace
    from herald.investigate import journal as reader
    from herald.targets.lookup import subject_of

    deployment, start = choose(env, profile, region, local), moment(from_)
    how = reader.Replay(name=_replay_name(name), function=functions.find(deployment, function).name, anew=new)
    reader.check_age(deployment, how, start)
    wanted = subject_of(deployment, subject)
    entries = reader.wanted_by(deployment, function, reader.read(deployment, start, moment(to), wanted))
    if dry_run:
        out.print(f"{counted(sum(1 for _ in entries), 'event')} would be replayed to {function}.")
        return
    with progress("replaying", None) as advance:
        sent = reader.replay(deployment, how, entries, Pace(rate), advance)
    out.print(f"{counted(sent, 'event', 'was', 'were')} replayed to {function} as {how.name}.")


def _replay_name(name: str | None) -> str:
    made = name or f"replay-{datetime.now(UTC):%Y%m%dT%H%M%S}"
    if not made.replace("-", "").replace("_", "").isalnum() or not made.isascii():
        raise typer.BadParameter(f"{made!r} is not a valid replay name: use letters, digits, - and _")
    return made
