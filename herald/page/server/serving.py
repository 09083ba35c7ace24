"""Serves the local page on 127.0.0.1 until it is interrupted."""

import webbrowser
from collections.abc import Callable
from typing import Final

from waitress.server import create_server

from herald.deployment.deployment import Deployment
from herald.errors import CommandError
from herald.local import emulator
from herald.page.server.application import FORM_BYTES, Application
from herald.page.server.gate import Gate
from herald.progress import Progress

HOST: Final = "127.0.0.1"
THREADS: Final = 4
SERVICES: Final = ("cloudformation", "cloudwatch", "dynamodb", "lambda", "logs", "s3", "sqs")


def serve(deployment: Deployment, port: int, *, ready: Callable[[str], None], audit: Progress) -> None:
    """Serve the page; `ready` receives its URL, `audit` a line for each redrive. CommandError: the port is in use."""
    for service in SERVICES:  # boto3 creates clients in one thread only; their calls are safe in all threads
        deployment.client(service)
    gate = Gate(port or emulator.free_port())
    application = Application(deployment, gate, deployment.where(), audit)
    try:
        server = create_server(
            application, host=HOST, port=gate.port, threads=THREADS, ident=None, max_request_body_size=FORM_BYTES
        )
    except OSError as error:
        raise CommandError(f"port {gate.port} of {HOST} cannot be used: {error.strerror}") from error
    ready(gate.url)
    try:
        server.run()
    finally:
        server.close()


def show(url: str) -> None:
    """Open the page in the browser of the user."""
    webbrowser.open(url)
