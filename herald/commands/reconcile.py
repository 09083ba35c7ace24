"""The command that compares the journal with the decisions of functions."""

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from herald.terminal.console import (
    Env,
    Json,
    Local,
    Profile,
    Region,
    Verbose,
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

if TYPE_CHECKING:
    from herald.deployment.deployment import Deployment
    from herald.investigate.reconcile import Reconciliation


def mount(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command()(reconcile)


def reconcile(
    function: Annotated[
        str | None, typer.Argument(metavar="FUNCTION", help="The name of its folder; all functions without it.")
    ] = None,
    *,
    repair: Annotated[
        bool, typer.Option("--repair", help="Send missing and stuck events of one function again.")
    ] = False,
    from_: Annotated[
        str, typer.Option("--from", metavar="T", help="ISO 8601 in UTC, or 2h for two hours ago.")
    ] = "14d",
    stuck_after: Annotated[
        str, typer.Option(metavar="AGE", help="An open run without progress for this time is stuck.")
    ] = "1h",
    verbose: Verbose = False,
    json_: Json = False,
    env: Env = "dev",
    profile: Profile = None,
    region: Region = None,
    local: Local = False,
) -> None:
    """Compare the journal and the current objects with the ledger's decisions."""
    from herald.deployment import switch
    from herald.deployment.short_names import ShortNames
    from herald.investigate.reconcile import Reconciliation

    if repair and not function:
        raise typer.BadParameter("--repair needs the name of one function")
    start, silence = moment(from_), _positive(duration(stuck_after))
    deployment = choose(env, profile, region, local)
    works = [Reconciliation(deployment, name, silence) for name in _functions(deployment, function)]
    with progress("comparing", None) as advance:
        for work in works:
            work.run(start, advance)
    paused = switch.paused(deployment)
    answers = [work.describe() | {"paused": work.function in paused} for work in works]
    if json_:
        show(answers[0] if function else {"functions": answers}, as_json=True)
    else:
        names = ShortNames.of(deployment)
        for line in (line for answer in answers for line in _lines(answer if verbose else names.shorten(answer))):
            out.print(line, markup=False, highlight=False, soft_wrap=True)
    _end(works, answers, repair=repair)


def _functions(deployment: "Deployment", function: str | None) -> list[str]:
    """Return the functions to compare, and name on stderr those that the journal has no events for."""
    from herald.deployment import functions
    from herald.investigate.reconcile import comparable

    if function:
        return [functions.find(deployment, function).name]
    compared, others = comparable(deployment)
    if others:
        say(f"the journal has no events for {', '.join(others)}: not compared")
    return compared


def _end(works: "list[Reconciliation]", answers: list[dict[str, Any]], *, repair: bool) -> None:
    """Deliver events again, or name the option that does."""
    if repair:
        with progress("repairing", None) as advance:
            sent = sum(work.repair(advance) for work in works)
        err.print(f"{counted(sent, 'event', 'was', 'were')} delivered again.")
    elif any(answer["missing"] or answer["stuck"] for answer in answers):
        say("--repair sends missing and stuck events again.")


def _lines(answer: dict[str, Any]) -> Iterator[str]:
    states = ", ".join(f"{answer[name]} {name}" for name in ("processed", "open", "missing", "stuck", "dead"))
    yield f"{answer['function']}: {counted(answer['events'], 'event')}: {states}."
    if answer["paused"]:
        yield f"{answer['function']} is paused: `herald resume {answer['function']}` starts it."
    if answer["waiting_in_queue"]:
        waiting = counted(answer["waiting_in_queue"], "message", "is", "are")
        yield f"{waiting} in its queue: missing events may be among them."
    if answer["forgotten"]:
        old = counted(answer["forgotten"], "object")
        yield f"{old} without an event in the journal, older than the ledger's rows: no decision is known."
    for each in answer["findings"]:
        yield f"{each['state']:<8} {each['time']}  {readable(each['subject'])}  {each['decision'] or '-'}"


def _positive(age: timedelta) -> timedelta:
    if not age:
        raise typer.BadParameter("the age must be more than 0: with 0, every open run would be stuck")
    return age
