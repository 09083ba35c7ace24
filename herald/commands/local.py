"""Commands for the local AWS: start it, stop it, describe it."""

import typer

from herald.terminal.console import Env, Json, err, out, show

group = typer.Typer(no_args_is_help=True, help="Herald on this machine: a local AWS, and the app deployed to it.")


@group.command()
def up(env: Env = "dev") -> None:
    """Start the local AWS, deploy everything that changed, and check it."""
    from herald.local import emulator
    from herald.local import local as machine

    with err.status("") as status:

        def progress(step: str) -> None:
            err.print(f"· {step}")
            status.update(step)

        with emulator.alone():
            deployment = machine.up(env, progress)
    out.print(f"Herald is up at {deployment.endpoint}. Try `herald send FILE --to reports/`.", soft_wrap=True)


@group.command()
def down() -> None:
    """Stop the local AWS and delete everything in it."""
    from herald.local import emulator

    with emulator.alone():
        stopped = emulator.stop()
    out.print("The local AWS has ended." if stopped else "The local AWS was not running.")


@group.command()
def status(*, json_: Json = False, env: Env = "dev") -> None:
    """Show the endpoint, buckets, bus, ledger table, queues, topic, URLs and secrets of the local AWS."""
    from herald.deployment.deployment import Deployment
    from herald.local.status import describe

    show(describe(Deployment.local(env)), as_json=json_)
