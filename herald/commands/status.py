"""Commands that show how functions are: their state, and their logs."""

from typing import Annotated

import typer

from herald.errors import CommandError
from herald.terminal import status_lines
from herald.terminal.console import Env, Json, Local, Profile, Region, choose, moment, out, show


def mount(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command()(status)
    app.command()(logs)


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
