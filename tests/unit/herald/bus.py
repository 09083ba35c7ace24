"""A deployment that keeps what is sent to it."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from herald.progress import Progress
from herald.send import send
from infra.declarations import loader
from infra.declarations.spec import FunctionSpec, Trigger

if TYPE_CHECKING:
    from herald.deployment.deployment import Deployment


def listener(pattern: dict[str, Any]) -> FunctionSpec:
    """Return a function that its pattern runs."""
    trigger = Trigger(samples=(), pattern=pattern)
    return FunctionSpec(name="listen", description="It listens.", owner="team", trigger=trigger)


class Bus:
    """Stands in for a deployment: keeps what is put on its bus, and what is published."""

    def __init__(self) -> None:
        """Begin empty."""
        self.names = {"bucket.outputs": "outputs", "secret.webhooks": "webhooks"}
        self.outputs = {"Bus": "bus"}
        self.endpoint: str | None = None
        self.held = "not JSON, as it is made"
        listens = listener({"source": ["shop", "sensor"], "detail-type": [{"prefix": "cart."}]})
        self.specs = {spec.name: spec for spec in (*loader.load(), listens)}
        self.queues = {name: {"queue": name} for name in self.specs}
        self.handed: list[tuple[str, dict[str, Any]]] = []
        self.events: list[dict[str, Any]] = []
        self.published: list[tuple[str, bytes]] = []

    def client(self, _service: str) -> "Bus":
        """Return EventBridge, AWS IoT or Secrets Manager."""
        return self

    def get_secret_value(self, **_call: str) -> dict[str, str]:
        """Return the one secret."""
        return {"SecretString": self.held}

    def publish(self, *, topic: str, qos: int, payload: bytes) -> None:
        """Take any message."""
        assert qos == 1
        self.published.append((topic, payload))

    def send_message_batch(self, **call: Any) -> dict[str, Any]:  # noqa: ANN401 - boto3's keywords
        """Take any message, but of a queue that is full."""
        if call["QueueUrl"] == "full":
            return {}
        self.handed += [(call["QueueUrl"], json.loads(entry["MessageBody"])) for entry in call["Entries"]]
        return {"Successful": [{"Id": entry["Id"]} for entry in call["Entries"]]}

    def put_events(self, **call: Any) -> dict[str, Any]:  # noqa: ANN401 - boto3's keywords
        """Take any event."""
        self.events += [json.loads(entry["Detail"]) for entry in call["Entries"]]
        return {"Entries": [{} for _ in call["Entries"]]}


def happen(bus: Bus, file: Path, progress: Progress = print) -> str:
    """Let happen what a file says; return its subject."""
    return send.send_event(cast("Deployment", bus), file, progress)
