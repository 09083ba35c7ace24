"""A page of a deployment in memory, and clients that ask for it."""

from dataclasses import replace
from typing import Any, Final

from werkzeug.test import Client, TestResponse

from herald.deployment.deployment import Deployment
from herald.page.server import run_source
from herald.page.server.application import Application
from herald.page.server.gate import Gate

PORT: Final = 8_765
HOST: Final = f"127.0.0.1:{PORT}"


class Visitor:
    """A browser at the page: `outside` has no cookie."""

    def __init__(self, deployment: Deployment, source: run_source.Source | None = None) -> None:
        """Serve the page of a deployment with a source of runs."""
        self.audited: list[str] = []
        self.application = Application(deployment, Gate(PORT), "local AWS, environment dev", self.audited.append)
        if source:
            self.application = replace(self.application, source=source)
        self.outside = Client(self.application)
        self.client = Client(self.application)
        self.client.set_cookie(self.gate.cookie, self.gate.token, domain="127.0.0.1")

    @property
    def gate(self) -> Gate:
        """The secrets of the page."""
        return self.application.gate

    def get(self, path: str, **query: str) -> TestResponse:
        """Ask for a view."""
        return self.client.get(path, query_string=query, headers={"Host": HOST})

    def post(self, path: str, **form: Any) -> TestResponse:  # noqa: ANN401 - a form
        """Send a form of the page."""
        return self.client.post(path, data={"form_token": self.gate.form_token} | form, headers={"Host": HOST})
