"""The command that checks the repository without AWS."""

from typing import Annotated

import typer

from herald.terminal.console import Json, out, say, show
from herald.terminal.rendering import readable


def mount(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command()(check)


def check(
    *,
    base: Annotated[
        str | None, typer.Option(metavar="REV", help="Compare contracts with those of this Git revision.")
    ] = None,
    json_: Json = False,
) -> None:
    """Check that declarations, contracts, samples and code agree; exit 1 where they disagree."""
    from herald.check import check as checking
    from herald.check.revision import RevisionError

    try:
        answer = checking.check(base)
    except RevisionError as error:
        raise typer.BadParameter(str(error), param_hint="--base") from error
    for notice in answer.notices:
        say(notice)
    sentences = [*answer.disagreements, *(refusal.sentence for refusal in answer.refusals)]
    if json_:
        show(answer.describe(), as_json=True)
    else:
        for sentence in sentences or ["Declarations, contracts, samples and code agree."]:
            out.print(readable(sentence), markup=False, highlight=False, soft_wrap=True)
    if sentences:
        raise typer.Exit(1)
