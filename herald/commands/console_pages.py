"""The command that prints links to the AWS console."""

import webbrowser
from typing import TYPE_CHECKING, Annotated

import typer

from herald.errors import CommandError
from herald.terminal.console import Env, Json, Local, Profile, Region, SearchedSince, choose, moment, out, say, show
from herald.terminal.rendering import readable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from herald.deployment.deployment import Deployment
    from herald.monitor.console_pages import Page


def mount(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command("open")(open_)


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
