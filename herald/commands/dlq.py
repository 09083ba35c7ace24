"""Commands for dead letters: count them and read them."""

import json
import shlex
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from herald.commands import dlq_redrive
from herald.commands.dlq_options import Error, OlderThan, OnlyFunction, wanted
from herald.terminal.console import Env, Json, Local, Profile, Region, Subject, Verbose, choose, err, flags, out, show
from herald.terminal.rendering import counted, readable

if TYPE_CHECKING:
    from herald.dead_letters.reader import DeadLetter

dlq = typer.Typer(no_args_is_help=True, help="Dead letters of all functions, and the undelivered events.")


@dlq.command("list")
def list_(
    *,
    function: OnlyFunction = None,
    error: Error = None,
    subject: Subject = None,
    older_than: OlderThan = None,
    verbose: Verbose = False,
    json_: Json = False,
    env: Env = "dev",
    profile: Profile = None,
    region: Region = None,
    local: Local = False,
) -> None:
    """Count dead letters by function and error."""
    from herald.dead_letters import listing
    from herald.deployment.short_names import ShortNames

    deployment = choose(env, profile, region, local)
    selected = wanted(deployment, function, error, subject, older_than)
    groups = listing.groups(listing.read(deployment, selected))
    if json_:
        show({"groups": groups}, as_json=True)
        return
    names = ShortNames.of(deployment)
    for each in groups if verbose else names.shorten(groups):
        queue = f" ({each['queue']})" if each["queue"] != each["function"] else ""
        times = f"{_time(each['oldest_at'])} to {_time(each['newest_at'])}"
        title = Text.assemble((readable(each["function"]), "bold"), queue, " ", (readable(each["error"]), "red"))
        out.print(title.append(f"  {counted(each['count'], 'dead letter')}, {times}"), soft_wrap=True)
        newest = "newest: " if each["count"] > 1 else ""
        out.print(f"    {newest}{readable(each['reason'])}", markup=False, highlight=False, soft_wrap=True)
    if not groups:
        out.print("No dead letters found.")


@dlq.command("show")
def show_(
    *,
    body: Annotated[bool, typer.Option("--body", help="Print the body of each message too.")] = False,
    function: OnlyFunction = None,
    error: Error = None,
    subject: Subject = None,
    older_than: OlderThan = None,
    verbose: Verbose = False,
    json_: Json = False,
    env: Env = "dev",
    profile: Profile = None,
    region: Region = None,
    local: Local = False,
) -> None:
    """Show dead letters in full, and leave them in their queues."""
    from herald.dead_letters import listing
    from herald.deployment.short_names import ShortNames

    deployment = choose(env, profile, region, local)
    found = listing.read(deployment, wanted(deployment, function, error, subject, older_than))
    if json_:
        described = [each.describe() for each in listing.with_bodies(deployment, found)]
        show({"dead_letters": described}, as_json=True)
        return
    options, names = flags(env, profile, region, local), ShortNames.of(deployment)
    for dead_letter in listing.with_bodies(deployment, found) if body else found:
        title = f"── {_time(dead_letter.sent_at)} {readable(dead_letter.function)}"
        out.print(title, style="bold", markup=False, soft_wrap=True)
        fields = _fields(dead_letter) if verbose else names.shorten(_fields(dead_letter))
        fields |= {"log": _log_command(dead_letter) + options}
        for name, value in (fields | ({"body": dead_letter.body} if body else {})).items():
            out.print(f"{name:<8} {readable(value)}", markup=False, highlight=False, soft_wrap=True)
    err.print(counted(len(found), "dead letter"))


dlq_redrive.mount(dlq)


def _fields(dead_letter: "DeadLetter") -> dict[str, str]:
    fields: dict[str, Any] = {name: getattr(dead_letter, name) or "-" for name in ("error", "reason", "subject")}
    details = json.dumps(dict(dead_letter.details), ensure_ascii=False)
    return fields | {"message": dead_letter.message["MessageId"], "details": details}


def _log_command(dead_letter: "DeadLetter") -> str:
    """Return the command that shows the lines about the event, with the traceback of a failure."""
    about = f" --run {shlex.quote(dead_letter.subject)}" if dead_letter.subject else ""
    return f"herald logs {dead_letter.function}{about} --since 14d"


def _time(ms: int) -> str:
    return f"{datetime.fromtimestamp(ms / 1000, UTC):%Y-%m-%d %H:%M:%S}"
