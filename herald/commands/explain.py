"""The command that explains which functions an event runs, and why it does not run the others."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from herald.errors import CommandError
from herald.terminal import explained_event
from herald.terminal.console import (
    Env,
    Every,
    Json,
    Local,
    Profile,
    Region,
    SearchedSince,
    choose,
    moment,
    out,
    say,
    show,
)

if TYPE_CHECKING:
    from datetime import datetime

    from herald.deployment.deployment import Deployment


def mount(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command()(explain)


def explain(
    what: Annotated[
        str,
        typer.Argument(
            metavar="FILE|SUBJECT|-",
            help="A file with an event, - to read one from stdin, or a subject, whose newest event in the journal is "
            "explained. An event is an EventBridge event, a CloudEvent, a line of the journal, or the body of a "
            "message.",
        ),
    ],
    *,
    function: Annotated[str | None, typer.Option("--function", metavar="F", help="Only this function.")] = None,
    every: Every = False,
    since: SearchedSince = "24h",
    json_: Json = False,
    env: Env = "dev",
    profile: Profile = None,
    region: Region = None,
    local: Local = False,
) -> None:
    """Show for each function whether its pattern matches an event, and the clauses that do not.

    A file and stdin need no AWS: names of buckets are guessed from the event, and the answer states each guess.
    """
    from herald.explanation import explanation, given_event
    from infra.declarations import loader

    text = _text(what)
    if text is not None:
        answer = explanation.offline(loader.load(), given_event.read(text), function)
    else:
        answer = _of_subject(choose(env, profile, region, local), what, moment(since), function)
    if json_:
        show(answer, as_json=True)
    else:
        out.print(explained_event.answer(answer, every=every or function is not None))


def _text(what: str) -> str | None:
    """Return the text of stdin, of a file or of an event as the argument; None if the argument is a subject."""
    if what == "-":
        return sys.stdin.read()
    if what.lstrip().startswith("{"):
        return what
    try:
        file = Path(what)
        return file.read_text(encoding="utf-8") if file.is_file() else None
    except (OSError, ValueError) as error:
        raise CommandError(f"{what} cannot be read: {error}") from error


def _of_subject(deployment: "Deployment", what: str, since: "datetime", function: str | None) -> dict[str, Any]:
    from herald.explanation import explanation, offline_names
    from herald.explanation.newest_event import newest_event
    from herald.targets.lookup import find

    asked = find(deployment, what, since, say)
    found = newest_event(deployment, asked.subject, since, asked.event_id)
    if found is None:
        raise CommandError(
            f"{asked.subject} is not a file, and the journal has no event of it since {since:%Y-%m-%d %H:%M} UTC: "
            "--since searches further back"
        )
    if "id" not in found:
        say("the journal does not have the event: it is made from the current object")
    names = deployment.names
    answer = explanation.explain(
        list(deployment.specs.values()),
        found,
        lambda spec: offline_names.resolved(dict(spec.trigger.pattern), names),
        function=function,
    )
    return answer | {"assumed": {}}
