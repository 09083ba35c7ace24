"""A proxy in front of the local AWS that throttles, delays and aborts the calls of one function."""

import json
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from herald.local import emulator
from infra.declarations.loader import ROOT
from tests.emulator.support.deployed import Aws
from tests.emulator.support.lambda_settings import variables

PROGRAM: Final = ROOT / ".emulator" / "bin" / "microburst"

type Rule = dict[str, Any]


@dataclass(frozen=True)
class Proxy:
    """The proxy; its rules define which calls fail, and how."""

    endpoint: str

    def let_fail(self, *rules: Rule) -> None:
        """Replace the rules."""
        self._call("rules", "POST", list(rules))

    def fired(self) -> int:
        """Return how many calls failed since the last reset."""
        return len(self._call("fired"))

    def reset(self) -> None:
        """Delete the rules and the count of failed calls."""
        self.let_fail()
        self._call("fired", "DELETE")

    def is_up(self) -> bool:
        """Return whether the proxy responds."""
        try:
            return bool(self._call("health"))
        except OSError:
            return False

    def _call(self, path: str, method: str = "GET", content: object = None) -> Any:  # noqa: ANN401 - JSON
        data = None if content is None else json.dumps(content).encode()
        request = urllib.request.Request(f"{self.endpoint}/_microburst/{path}", data, method=method)  # noqa: S310 - a loopback address
        with urllib.request.urlopen(request, timeout=5) as reply:  # noqa: S310 - a loopback address
            return json.loads(reply.read())


@contextmanager
def before(aws: Aws, function: str) -> Iterator[Proxy]:
    """Start the proxy, and let a function call AWS through it."""
    port = emulator.free_port()
    proxy = Proxy(f"http://127.0.0.1:{port}")
    command = [str(PROGRAM), "--upstream", str(aws.deployment.endpoint), "--host", "127.0.0.1", "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        assert emulator.wait_until(proxy.is_up, 20)
        with variables(aws, function, AWS_ENDPOINT_URL=proxy.endpoint):
            yield proxy
    finally:
        process.kill()  # after SIGTERM it waits for the connections of the workers
        process.wait(10)
