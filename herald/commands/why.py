"""The command that explains every decision about a subject."""

from typing import TYPE_CHECKING, Annotated

import typer

from herald.errors import CommandError
from herald.terminal import rendering
from herald.terminal.console import (
    Env,
    Every,
    Json,
    Local,
    Profile,
    Region,
    SearchedSince,
    Verbose,
    choose,
    err,
    flags,
    moment,
    out,
    say,
    show,
)

if TYPE_CHECKING:
    from herald.deployment.deployment import Deployment


def mount(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command()(why)


def why(
    what: Annotated[
        str,
        typer.Argument(
            metavar="WHAT",
            help="A subject, outputs/reports/a.xml, s3://bucket/key, an event id, a correlation id, an ARN, a link of "
            "the console, or a line of a log.",
        ),
    ],
    *,
    wait: Annotated[
        bool, typer.Option("--wait", help="Wait until none of its runs is open, for at most two minutes.")
    ] = False,
    last: Annotated[
        int | None, typer.Option("--last", metavar="N", min=1, help="Only the decisions about the last N events.")
    ] = None,
    every: Every = False,
    since: SearchedSince = "24h",
    verbose: Verbose = False,
    json_: Json = False,
    env: Env = "dev",
    profile: Profile = None,
    region: Region = None,
    local: Local = False,
) -> None:
    """Show every decision about a subject: what, where, why, who, and its effects."""
    from herald.dead_letters import still_queued
    from herald.deployment.short_names import ShortNames
    from herald.investigate import why as explaining
    from herald.investigate.history import tree
    from herald.targets.lookup import find

    if not what:
        raise typer.BadParameter("the subject is empty")
    start = moment(since)
    deployment = choose(env, profile, region, local)
    asked = find(deployment, what, start, say)
    still_open = _wait(deployment, asked.subject) if wait else None
    answer = explaining.why(deployment, asked.subject, asked.event_id, last)
    still_queued.attach(deployment, tree(asked.subject, answer["decisions"]))
    names = ShortNames.of(deployment)
    if json_:
        show(names.with_short(answer), as_json=True)
    else:
        shown = answer if verbose else names.shorten(answer)
        view = rendering.View(flags=flags(env, profile, region, local), every=every)
        out.print(rendering.answer(shown, view))
    if still_open:
        raise CommandError(still_open)


def _wait(deployment: "Deployment", subject: str) -> str | None:
    """Wait and show progress; return a message about the runs that are still open at the deadline, or None."""
    from herald.investigate import waiting

    with err.status("waiting until no run is open") as status:

        def progress(text: str) -> None:
            status.update(rendering.readable(text))
            if not err.is_terminal:
                say(text)

        return waiting.wait(deployment, subject, progress)
