"""Commands for the local AWS: start it, stop it, describe it."""

from typing import Annotated

import typer

from herald.terminal.console import Env, Json, Profile, Region, choose, err, out, say, show

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


@group.command("open")
def open_page(
    *,
    port: Annotated[int, typer.Option(min=0, max=65_535, help="Serve on this port; 0 selects a free one.")] = 0,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Print the address, and open no browser.")] = False,
    env: Env = "dev",
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Serve a page with runs, failures, dead letters and functions on 127.0.0.1, until Ctrl+C.

    It shows the local AWS; with --profile or --region, an environment on AWS.
    """
    from herald.page.server import serving

    deployment = choose(env, profile, region, local=not (profile or region))

    def ready(url: str) -> None:
        out.print(url, markup=False, highlight=False, soft_wrap=True)
        say("Serving until Ctrl+C. The address lets anyone on this machine in: do not share it.")
        if not no_browser:
            serving.show(url)

    serving.serve(deployment, port, ready=ready, audit=say)
