"""`herald local open` serves the page on 127.0.0.1 and prints its address."""

import socket
import webbrowser
from typing import Any, Final

import pytest
from typer.testing import CliRunner

from herald import cli
from herald.deployment.deployment import Deployment
from herald.errors import CommandError
from herald.local import emulator
from herald.page.server import serving

FOREIGN: Final = "herald.deployment.deployment.Deployment.where"


class Server:
    """Stands in for Waitress: keeps its options, and ends at once."""

    def __init__(self, application: Any, **options: Any) -> None:  # noqa: ANN401 - Waitress's keywords
        """Keep the options."""
        self.application, self.options, self.steps = application, options, list[str]()

    def run(self) -> None:
        """End as after Ctrl+C."""
        self.steps.append("run")

    def close(self) -> None:
        """Close the sockets."""
        self.steps.append("close")


@pytest.fixture
def servers(monkeypatch: pytest.MonkeyPatch) -> list[Server]:
    """Return the servers that are made."""
    made: list[Server] = []

    def create(application: Any, **options: Any) -> Server:  # noqa: ANN401 - Waitress's keywords
        made.append(Server(application, **options))
        return made[-1]

    monkeypatch.setattr(FOREIGN, lambda _: "local AWS, environment dev")
    monkeypatch.setattr(serving, "create_server", create)
    return made


def test_only_this_machine_is_served(deployment: Deployment, servers: list[Server]) -> None:
    """The address has the token of this server, and its sockets are closed at the end."""
    urls: list[str] = []
    serving.serve(deployment, 8_399, ready=urls.append, audit=print)
    (server,) = servers
    assert (server.options["host"], server.options["port"]) == ("127.0.0.1", 8_399)
    assert urls == [f"http://127.0.0.1:8399/?token={server.application.gate.token}"]
    assert server.steps == ["run", "close"]


def test_a_port_in_use_is_named(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names the port and the fault."""
    monkeypatch.setattr(FOREIGN, lambda _: "local AWS, environment dev")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(CommandError, match=f"port {port} of 127.0.0.1 cannot be used: Address already in use"):
            serving.serve(deployment, port, ready=print, audit=print)


@pytest.mark.parametrize(("options", "shown"), [([], True), (["--no-browser"], False)])
def test_the_command_prints_the_address(
    deployment: Deployment, servers: list[Server], monkeypatch: pytest.MonkeyPatch, options: list[str], *, shown: bool
) -> None:
    """On stdout, alone; --no-browser opens no browser."""
    opened: list[str] = []
    monkeypatch.setattr(Deployment, "local", lambda _environment: deployment)
    monkeypatch.setattr(webbrowser, "open", opened.append)
    ran = CliRunner().invoke(cli.app, ["local", "open", "--port", "8399", *options])
    assert ran.exit_code == 0, ran.output
    assert ran.stdout == f"http://127.0.0.1:8399/?token={servers[0].application.gate.token}\n"
    assert opened == ([ran.stdout.strip()] if shown else [])


def test_without_the_local_aws_the_command_says_how_to_start_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """It never falls back to an environment on AWS."""
    monkeypatch.setattr(emulator, "running", lambda: None)
    ran = CliRunner().invoke(cli.app, ["local", "open"])
    assert "start it with `herald local up`" in str(ran.exception)
