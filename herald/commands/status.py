"""Commands that show how functions are: their state, their logs, and links to their pages in the AWS console."""

import webbrowser
from typing import TYPE_CHECKING, Annotated

import typer

from herald.errors import CommandError
from herald.terminal import status_lines
from herald.terminal.console import Env, Json, Local, Profile, Region, SearchedSince, choose, moment, out, say, show
from herald.terminal.rendering import readable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from herald.deployment.deployment import Deployment
    from herald.monitor.console_pages import Page


def mount(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command()(status)
    app.command()(logs)
    app.command("open")(open_)


def status(
    *,
    check: Annotated[bool, typer.Option("--check", help="Exit with 1 if something needs attention.")] = False,
    json_: Json = False,
    env: Env = "dev",
    profile: Profile = None,
    region: Region = None,
    local: Local = False,
) -> None:
    """Show each function's state, queue, dead letters and failed runs of the last hour; problems come first.

    To receive alarms, see "Subscribe to the notices" in docs/operations.md.
    """
    from herald.monitor import environment_status as state

    answer = state.describe(choose(env, profile, region, local))
    if json_:
        show(answer, as_json=True)
    else:
        for line in status_lines.lines(answer):
            out.print(line, soft_wrap=True)
    if check and state.needs_attention(answer):
        raise typer.Exit(1)


def logs(
    function: Annotated[str, typer.Argument(metavar="FUNCTION", help="A function, or journal.")],
    *,
    run: Annotated[
        str | None, typer.Option("--run", metavar="WHAT", help="Only lines about a subject or an id.")
    ] = None,
    since: Annotated[
        str, typer.Option("--since", metavar="T", help="ISO 8601 in UTC, or 2h for two hours ago.")
    ] = "1h",
    error: Annotated[bool, typer.Option("--error", help="Only warnings, errors and crashes.")] = False,
    json_: Json = False,
    env: Env = "dev",
    profile: Profile = None,
    region: Region = None,
    local: Local = False,
) -> None:
    """Show the log of a function, oldest first, with the tracebacks of failures."""
    from herald.deployment import functions
    from herald.monitor import function_log
    from herald.targets.lookup import subject_of
    from infra.declarations.naming import RESERVED

    start, deployment = moment(since), choose(env, profile, region, local)
    name = functions.current_name(deployment, function)
    if name not in deployment.specs.keys() | RESERVED:
        raise CommandError(functions.unknown(deployment, function))
    found = function_log.lines(deployment, name, start, subject_of(deployment, run))
    shown = 0
    for line in found:
        if error and not line.failed:
            continue
        shown += 1
        if json_:
            typer.echo(line.text)
        else:
            out.print(status_lines.log(line), soft_wrap=True)
    if not shown and not json_:
        out.print("No lines found.")


def open_(
    what: Annotated[
        str | None,
        typer.Argument(metavar="WHAT", help="A function, or what `herald why` accepts; the environment without it."),
    ] = None,
    *,
    browser: Annotated[bool, typer.Option("--browser", help="Open the first page in the browser too.")] = False,
    since: SearchedSince = "24h",
    json_: Json = False,
    env: Env = "dev",
    profile: Profile = None,
    region: Region = None,
    local: Local = False,
) -> None:
    """Print links to the AWS console about an environment, a function or an event."""
    from herald.monitor import console_pages

    start, deployment = moment(since), choose(env, profile, region, local)
    console_pages.check(deployment)
    pages = list(_pages(deployment, what, start))
    if json_:
        show({"pages": [{"name": each.name, "address": each.address} for each in pages]}, as_json=True)
    else:
        width = max(len(each.name) for each in pages)
        for each in pages:
            out.print(f"{each.name:<{width}}  {readable(each.address)}", markup=False, highlight=False, soft_wrap=True)
    if browser and not webbrowser.open(pages[0].address):
        raise CommandError("no browser found: open one of the links")


def _pages(deployment: "Deployment", what: str | None, since: "datetime") -> "Iterator[Page]":
    from herald.deployment import functions
    from herald.deployment.short_names import ShortNames
    from herald.monitor import console_pages
    from herald.targets import pasted
    from herald.targets.lookup import find
    from infra.declarations.naming import RESERVED

    if what is None:
        return console_pages.of_environment(deployment)
    named = pasted.read(what, ShortNames.of(deployment)).function or what
    function = functions.current_name(deployment, named)
    if function in deployment.specs.keys() | RESERVED:
        return console_pages.of_function(deployment, function)
    asked = find(deployment, what, since, say)
    return console_pages.of_event(deployment, asked.subject, asked.event_id, since)
