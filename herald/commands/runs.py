"""The command that lists settled runs."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from functions.runtime.core import clock
from functions.runtime.core.suggestions import did_you_mean
from functions.runtime.ledger.decisions import Decision
from herald.errors import CommandError
from herald.terminal import run_lines as rendering
from herald.terminal.console import (
    Env,
    Json,
    Local,
    Profile,
    Region,
    Verbose,
    choose,
    moment,
    out,
    say,
    show,
)

if TYPE_CHECKING:
    from herald.deployment.deployment import Deployment
    from herald.investigate.run_listing import Listing
    from herald.investigate.settled_runs import Wanted

Settled = Annotated[Decision | None, typer.Option("--decision", metavar="D", help="Only runs with this decision.")]


def mount(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command()(runs)


def runs(
    *,
    function: Annotated[
        str | None, typer.Option("--function", metavar="F", help="Only runs of this function: its name or ARN.")
    ] = None,
    decision: Settled = None,
    since: Annotated[
        str, typer.Option("--since", metavar="T", help="ISO 8601 in UTC, or 2h for two hours ago.")
    ] = "1h",
    error: Annotated[bool, typer.Option("--error", help="Only runs that are retried or became dead letters.")] = False,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, max=10_000, help="At most this many runs.")] = 50,
    follow: Annotated[
        bool, typer.Option("--follow", help="Also print new runs, every two seconds, until Ctrl-C.")
    ] = False,
    verbose: Verbose = False,
    json_: Json = False,
    env: Env = "dev",
    profile: Profile = None,
    region: Region = None,
    local: Local = False,
) -> None:
    """List the runs that were settled since a time, newest first; with --follow oldest first.

    A run is listed after its attempt ended: a run in its first attempt is not listed. The answer comes from an index of
    the ledger: one hour takes 16 queries.
    """
    from herald.investigate.run_listing import Listing

    start = moment(since)
    deployment = choose(env, profile, region, local)
    wanted = _wanted(deployment, function, decision, failed=error)
    listing = Listing(deployment, wanted, int(start.timestamp() * 1000))
    found, more = listing.newest(limit)
    if more:
        say(f"There are more runs: these are the newest {limit}. --limit shows more.")
    lines = _Lines(width=max(map(len, deployment.specs), default=0), verbose=verbose)
    if follow:
        _follow(listing, found, None if json_ else lines)
    elif json_:
        show({"runs": found, "more": more}, as_json=True)
    else:
        for run in found:
            lines.print(run, now=clock.now_ms())
        if not found:
            out.print("No runs found.")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lines:
    width: int
    verbose: bool

    def print(self, run: Mapping[str, Any], now: int | None = None) -> None:
        out.print(rendering.line(run, self.width, now=now, verbose=self.verbose), soft_wrap=True)


def _follow(listing: "Listing", found: Sequence[Mapping[str, Any]], lines: _Lines | None) -> None:
    """Print runs oldest first, then new ones until Ctrl-C; without `lines` each run as one line of JSON."""
    from herald.investigate.run_listing import POLL_SECONDS

    def show_one(run: Mapping[str, Any]) -> None:
        if lines:
            lines.print(run)
        else:
            typer.echo(json.dumps(run, ensure_ascii=False))

    for run in reversed(found):
        show_one(run)
    try:
        for run in listing.follow(lambda: time.sleep(POLL_SECONDS)):
            show_one(run)
    except KeyboardInterrupt:
        return


def _wanted(deployment: "Deployment", function: str | None, decision: Decision | None, *, failed: bool) -> "Wanted":
    """Return the filter that the options select; CommandError: the function is not declared."""
    from herald.deployment import functions
    from herald.deployment.short_names import ShortNames
    from herald.investigate.settled_runs import Wanted
    from herald.targets import pasted

    if decision is Decision.RUNNING:
        raise typer.BadParameter("a run is listed after its attempt ended: `herald why SUBJECT` shows running ones")
    first_name = None
    if function:
        named = functions.current_name(deployment, pasted.function(function, ShortNames.of(deployment)))
        if named not in deployment.specs:
            raise CommandError(f"no function {named!r} is declared here{did_you_mean(named, deployment.specs)}")
        first_name = deployment.specs[named].first_name
    return Wanted(function=first_name, decision=decision, failed=failed)
