"""The options of `herald dlq` that select dead letters."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from herald.terminal.console import duration

if TYPE_CHECKING:
    from herald.dead_letters.listing import Filter
    from herald.deployment.deployment import Deployment

OnlyFunction = Annotated[str | None, typer.Option("--function", metavar="F", help="Those of one function.")]
Error = Annotated[str | None, typer.Option(metavar="E", help="Those with one error, as `herald dlq list` names it.")]
OlderThan = Annotated[str | None, typer.Option(metavar="AGE", help="Those that came before: 30m, 2h or 7d ago.")]


def wanted(
    deployment: "Deployment", function: str | None, error: str | None, subject: str | None, older_than: str | None
) -> "Filter":
    """Return the filter that the options select; CommandError: the function does not exist."""
    from herald.dead_letters.listing import Filter, check_function
    from herald.deployment import functions
    from herald.targets.lookup import subject_of

    before = datetime.now(UTC) - duration(older_than) if older_than else None
    if function is not None:
        current = functions.current_name(deployment, function)
        check_function(deployment, function if function in deployment.all_queues else current)
        function = current
    return Filter(function=function, error=error, subject=subject_of(deployment, subject), before=before)
