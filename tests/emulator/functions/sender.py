"""Sends webhooks to the deployed Function URL, and reads the events that reach the bus."""

import json
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any, Final

from herald.deployment import functions
from herald.deployment.queues import Hold
from herald.local import emulator
from tests.emulator.deployed import Aws
from tests.webhooks import PUSH, SIGNERS, body, told_at

# The clock of the local AWS is real, and a delivery of GitHub's is refused when its body tells of long ago.
PUSHED: Final = told_at(PUSH, time.time())


class Sender:
    """Sends to the endpoint as a provider does, and reads what left for the bus."""

    def __init__(self, aws: Aws, queue: str, trust: ssl.SSLContext | None = None) -> None:
        """Listen with a rule of its own; `trust` is what an endpoint over TLS needs."""
        self.url = functions.url(aws.deployment, aws.deployment.specs["receive_webhook"])
        self._aws, self._queue, self._trust = aws, queue, trust

    def post(self, path: str, content: bytes, headers: Mapping[str, str], method: str = "POST") -> tuple[int, Any]:
        """Return the status of the answer and its body."""
        asked = urllib.request.Request(  # noqa: S310 - a loopback address
            f"{self.url}{path}", content, {"Content-Type": "application/json", **headers}, method=method
        )
        try:
            with urllib.request.urlopen(asked, timeout=30, context=self._trust) as reply:  # noqa: S310 - as above
                return reply.status, json.loads(reply.read() or b"null")
        except urllib.error.HTTPError as refused:
            return refused.code, json.loads(refused.read())

    def sign_and_post(self, provider: str, payload: object, **options: Any) -> tuple[int, Any]:  # noqa: ANN401 - the signers'
        """Send a payload signed now."""
        content = body(payload)
        options = options if provider == "github" else {"at": int(time.time())} | options
        return self.post(f"/{provider}", content, SIGNERS[provider](content, **options))

    def emitted(self, event_id: str) -> list[dict[str, Any]]:
        """Return the CloudEvents with an id that reached the bus, as soon as there is one."""
        found: list[dict[str, Any]] = []

        def arrived() -> bool:
            with Hold(self._aws.deployment.client("sqs"), self._queue) as hold:
                messages = [message for batch in hold.batches() for message in batch]
            found[:] = [json.loads(message["Body"])["detail"] for message in messages]
            return any(event["id"] == event_id for event in found)

        assert emulator.wait_until(arrived, 30), found
        return [event for event in found if event["id"] == event_id]


def put_keys(aws: Aws, keys: Mapping[str, Any]) -> None:
    """Change the secret as people do."""
    secret = aws.deployment.names["secret.webhooks"]
    aws.deployment.client("secretsmanager").put_secret_value(SecretId=secret, SecretString=json.dumps(keys))
