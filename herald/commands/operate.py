"""Commands to operate an installation: pause, resume, journal, replay, reconcile."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer

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
    moment,
    out,
    progress,
    say,
    show,
)
from herald.terminal.rendering import counted, readable

journal = typer.Typer(no_args_is_help=True, help="The journal of all events.")

Function = Annotated[str, typer.Argument(metavar="FUNCTION", help="The name of its folder.")]
From = Annotated[str, typer.Option("--from", metavar="T", help="ISO 8601 in UTC, or 2h for two hours ago.")]
To = Annotated[str, typer.Option("--to", metavar="T", help="The same forms as --from; the default is now.")]
NOW = "0s"


def mount(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.add_typer(journal, name="journal")
    for command in (pause, resume, replay, reconcile):
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


@journal.command("show")
def show_journal(
    *,
    from_: From = "1h",
    to: To = NOW,
    subject: Subject = None,
    json_: Annotated[bool, typer.Option("--json", help="Print each event as one line of JSON.")] = False,
    env: Env = "dev",
    profile: Profile = None,
    region: Region = None,
    local: Local = False,
) -> None:
    """Show the events between two times, including events that ran no function."""
    from herald.investigate import journal as reader
    from herald.investigate.repeated_ids import RepeatedIds
    from herald.targets.lookup import subject_of

    deployment, repeated = choose(env, profile, region, local), RepeatedIds()
    for entry in reader.read(deployment, moment(from_), moment(to), subject_of(deployment, subject), say):
        if json_:
            typer.echo(entry.body)
        else:
            event, time = entry.event, entry.envelope["time"]  # --from and --to select by this time
            repeated.add(event)
            words = f"{time}  {event.type}  {event.subject}  {event.id}"
            out.print(readable(words), markup=False, highlight=False, soft_wrap=True)
    for sentence in repeated.sentences():
        say(sentence)


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


def reconcile(
    function: Function,
    *,
    repair: Annotated[bool, typer.Option("--repair", help="Send missing and stuck events again.")] = False,
    from_: From = "14d",
    stuck_after: Annotated[
        str, typer.Option(metavar="AGE", help="An open run without progress for this time is stuck.")
    ] = "1h",
    json_: Json = False,
    env: Env = "dev",
    profile: Profile = None,
    region: Region = None,
    local: Local = False,
) -> None:
    """Compare the journal and the current objects with the ledger's decisions."""
    from herald.deployment import functions
    from herald.investigate.reconcile import Reconciliation

    deployment = choose(env, profile, region, local)
    work = Reconciliation(deployment, functions.find(deployment, function).name, _positive(duration(stuck_after)))
    with progress("comparing", None) as advance:
        work.run(moment(from_), advance)
    answer = work.describe()
    if json_:
        show(answer, as_json=True)
    else:
        for line in _lines(answer):
            out.print(line, markup=False, highlight=False, soft_wrap=True)
    if repair:
        with progress("repairing", None) as advance:
            sent = work.repair(advance)
        err.print(f"{counted(sent, 'event', 'was', 'were')} delivered again.")
    elif answer["missing"] or answer["stuck"]:
        say("--repair sends missing and stuck events again.")


def _lines(answer: dict[str, Any]) -> Iterator[str]:
    states = ", ".join(f"{answer[name]} {name}" for name in ("processed", "open", "missing", "stuck", "dead"))
    yield f"{answer['function']}: {counted(answer['events'], 'event')}: {states}."
    if answer["waiting_in_queue"]:
        waiting = counted(answer["waiting_in_queue"], "message", "is", "are")
        yield f"{waiting} in its queue: missing events may be among them."
    if answer["forgotten"]:
        old = counted(answer["forgotten"], "object")
        yield f"{old} without an event in the journal, older than the ledger's rows: no decision is known."
    for each in answer["findings"]:
        yield f"{each['state']:<8} {each['time']}  {readable(each['subject'])}  {each['decision'] or '-'}"


def _replay_name(name: str | None) -> str:
    made = name or f"replay-{datetime.now(UTC):%Y%m%dT%H%M%S}"
    if not made.replace("-", "").replace("_", "").isalnum() or not made.isascii():
        raise typer.BadParameter(f"{made!r} is not a valid replay name: use letters, digits, - and _")
    return made


def _positive(age: timedelta) -> timedelta:
    if not age:
        raise typer.BadParameter("the age must be more than 0: with 0, every open run would be stuck")
    return age
