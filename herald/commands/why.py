"""The command that explains every decision about a subject."""

from typing import TYPE_CHECKING, Annotated

import typer

from herald.errors import CommandError
from herald.terminal import rendering
from herald.terminal.console import Env, Json, Local, Profile, Region, choose, err, flags, out, say, show

if TYPE_CHECKING:
    from herald.deployment.deployment import Deployment


def mount(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command()(why)


def why(
    subject: Annotated[str, typer.Argument(metavar="SUBJECT", help="s3://bucket/key, or a domain event's subject.")],
    *,
    wait: Annotated[
        bool, typer.Option("--wait", help="Wait until none of its runs is open, for at most two minutes.")
    ] = False,
    json_: Json = False,
    env: Env = "dev",
    profile: Profile = None,
    region: Region = None,
    local: Local = False,
) -> None:
    """Show every decision about a subject: what, where, why, who, and its effects."""
    from herald.investigate import why as explaining

    if not subject:
        raise typer.BadParameter("the subject is empty")
    deployment = choose(env, profile, region, local)
    still_open = _wait(deployment, subject) if wait else None
    answer = explaining.why(deployment, subject)
    if json_:
        show(answer, as_json=True)
    else:
        out.print(rendering.answer(answer, flags(env, profile, region, local)))
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
