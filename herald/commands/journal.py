"""Commands for the journal of all events."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from herald.terminal.console import (
    Env,
    Local,
    Profile,
    Region,
    Subject,
    Verbose,
    choose,
    moment,
    out,
    say,
)
from herald.terminal.rendering import readable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from herald.investigate.outcomes import Outcome

journal = typer.Typer(no_args_is_help=True, help="The journal of all events.")

From = Annotated[str, typer.Option("--from", metavar="T", help="ISO 8601 in UTC, or 2h for two hours ago.")]
To = Annotated[str, typer.Option("--to", metavar="T", help="The same forms as --from; the default is now.")]
NOW = "0s"


@journal.command("show")
def show_(
    *,
    from_: From = "1h",
    to: To = NOW,
    subject: Subject = None,
    outcome: Annotated[
        bool, typer.Option("--outcome", help="Show how the run of each function ended, from the ledger.")
    ] = False,
    verbose: Verbose = False,
    json_: Annotated[
        bool, typer.Option("--json", help="Print each event as one line of JSON, in the order of the journal.")
    ] = False,
    env: Env = "dev",
    profile: Profile = None,
    region: Region = None,
    local: Local = False,
) -> None:
    """Show the events between two times, oldest first, including events that ran no function."""
    from herald.deployment.short_names import ShortNames
    from herald.investigate import journal as reader
    from herald.investigate.outcomes import with_outcomes
    from herald.investigate.repeated_ids import RepeatedIds
    from herald.targets.lookup import subject_of

    if json_ and outcome:
        raise typer.BadParameter("--outcome cannot be combined with --json, which prints the events themselves")
    deployment, repeated = choose(env, profile, region, local), RepeatedIds()
    entries = reader.read(deployment, moment(from_), moment(to), subject_of(deployment, subject), say)
    if json_:
        for entry in entries:
            typer.echo(entry.body)
        return
    names, lines = ShortNames.of(deployment), []
    for entry, found in with_outcomes(deployment, entries) if outcome else ((each, None) for each in entries):
        event, time = entry.event, entry.envelope["time"]  # --from and --to select by this time
        repeated.add(event)
        about = event.subject if verbose else names.short(event.subject)
        lines.append((time, f"{time}  {event.type}  {about}  {event.id}{_ends(found)}"))
    for _, line in sorted(lines, key=lambda each: datetime.fromisoformat(each[0])):
        out.print(readable(line), markup=False, highlight=False, soft_wrap=True)
    for sentence in repeated.sentences():
        say(sentence)


def _ends(found: "Mapping[str, Outcome] | None") -> str:
    """Return the outcome of each function that receives an event."""
    if found is None:
        return ""
    ends = [f"{function} {each.decision or each.state}" for function, each in found.items()]
    return f"  → {', '.join(ends) or 'no function receives it'}"
