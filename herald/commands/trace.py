"""The command that shows a chain of runs."""

from typing import Annotated

import typer

from herald.terminal import trace_tree as rendering
from herald.terminal.console import (
    Env,
    Json,
    Local,
    Profile,
    Region,
    SearchedSince,
    Verbose,
    choose,
    moment,
    out,
    say,
    show,
)


def mount(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command()(trace)


def trace(
    what: Annotated[
        str,
        typer.Argument(
            metavar="WHAT", help="A subject, an event id, a correlation id, or what else `herald why` accepts."
        ),
    ],
    *,
    limit: Annotated[
        int, typer.Option("--limit", metavar="N", min=1, max=10_000, help="At most this many runs and effects.")
    ] = 200,
    since: SearchedSince = "24h",
    verbose: Verbose = False,
    json_: Json = False,
    env: Env = "dev",
    profile: Profile = None,
    region: Region = None,
    local: Local = False,
) -> None:
    """Show all runs that one event caused, from the first event of the chain: when, how long, how late.

    Of a subject it shows the chain of its newest event. Each effect takes one query of the ledger.
    """
    from herald.investigate.history import History
    from herald.investigate.trace import Trace
    from herald.targets.lookup import find

    deployment = choose(env, profile, region, local)
    asked = find(deployment, what, moment(since), say)
    answer = Trace(History(deployment), limit).describe(asked.subject, asked.event_id)
    if json_:
        show(answer, as_json=True)
    else:
        out.print(rendering.answer(answer, verbose=verbose))
