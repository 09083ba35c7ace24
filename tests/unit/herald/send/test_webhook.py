"""What of a signed request `herald send --event` sends, and what it refuses before it does."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from herald.deployment import functions
from herald.errors import CommandError
from herald.send import webhook
from infra.declarations.loader import ROOT, sample
from infra.declarations.spec import OWN_SECRET
from tests.unit.herald.bus import Bus, happen


def test_a_request_nobody_has_among_its_samples_is_refused(tmp_path: Path) -> None:
    """There is no telling whose key signs it."""
    file = tmp_path / "message.json"
    file.write_text(json.dumps(sample("http/generic.customer_created", ROOT)), encoding="utf-8")
    with pytest.raises(CommandError, match=r"message.json is a request, and no function with \[trigger.http\] has it"):
        happen(Bus(), file)


@pytest.mark.parametrize(
    ("name", "secret", "reason"),
    [
        ("github.push", "{}", "is signed in a scheme of its sender's own: only Standard Webhooks can be signed here"),
        (
            "generic.customer_created",
            "[]",
            "secret.webhooks of receive_webhook has no key for 'generic': put a list of one there",
        ),
        ("generic.customer_created", "?", "secret.webhooks of receive_webhook has no key for 'generic'"),
        (
            "generic.customer_created",
            '{"generic": "a text"}',
            "secret.webhooks of receive_webhook has no key for 'generic'",
        ),
        ("generic.customer_created", '{"generic": ["short"]}', "a key of generic is not what Standard Webhooks wants"),
    ],
)
def test_a_request_that_cannot_be_signed_is_refused(name: str, secret: str, reason: str) -> None:
    """On AWS keys are people's to make; `herald send` makes none there."""
    deployment = Bus()
    deployment.held = secret
    with pytest.raises(CommandError, match=reason):
        happen(deployment, ROOT / "events" / "http" / f"{name}.json")


def test_a_secret_of_its_own_is_looked_into(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the address that its stack names; where it has no key on AWS, the sentence names it."""
    deployment, asked = Bus(), list[dict[str, str]]()

    def held(**call: str) -> dict[str, str]:
        asked.append(call)
        return {"SecretString": "{}"}

    spec = replace(deployment.specs["receive_webhook"], secrets={"webhooks": OWN_SECRET})
    deployment.specs["receive_webhook"] = spec
    monkeypatch.setattr(functions, "own_secret", lambda _, each: f"of {each.name}")
    monkeypatch.setattr(deployment, "get_secret_value", held)
    with pytest.raises(CommandError, match=r"secret.own of receive_webhook has no key for 'generic'"):
        happen(deployment, ROOT / "events/http/generic.customer_created.json")
    assert asked == [{"SecretId": "of receive_webhook"}]


@pytest.mark.parametrize("path", ["@example.com/generic", ".example.com/generic", "generic", "/gen eric", "/é", ""])
def test_a_request_goes_to_no_other_host(tmp_path: Path, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A path that is none would name one, or a key for it."""
    deployment, file = Bus(), tmp_path / "generic.customer_created.json"
    deployment.held = '{"generic": ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]}'
    monkeypatch.setattr("herald.send.webhook.urllib.request.urlopen", pytest.fail)
    file.write_text(json.dumps(sample("http/generic.customer_created", ROOT) | {"rawPath": path}), encoding="utf-8")
    with pytest.raises(CommandError, match=r"rawPath .* is not the path of a URL, such as /crm"):
        happen(deployment, file)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"body": None}, "body is NoneType, not str"),
        ({"body": "no base64!", "isBase64Encoded": True}, "body cannot be read: "),
        ({"headers": None}, "is signed in a scheme of its sender's own"),
        ({"headers": 5}, "is signed in a scheme of its sender's own"),
    ],
)
def test_a_request_that_cannot_be_read_is_refused(tmp_path: Path, fields: dict[str, Any], reason: str) -> None:
    """With the file and the field."""
    deployment, file = Bus(), tmp_path / "generic.customer_created.json"
    file.write_text(json.dumps(sample("http/generic.customer_created", ROOT) | fields), encoding="utf-8")
    with pytest.raises(CommandError, match=reason):
        happen(deployment, file)


@pytest.mark.parametrize(
    ("body", "answer", "subject"),
    [
        ('{"subject": "reading/42"}', {"id": "1"}, "reading/42"),
        ('{"type": "ping"}', {"id": "1"}, "1"),
        ("[]", {}, ""),
    ],
)
def test_a_request_is_known_by_its_subject_else_by_its_event(
    tmp_path: Path, body: str, answer: dict[str, str], subject: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is answered without an event has neither."""
    deployment, file = Bus(), tmp_path / "generic.customer_created.json"
    deployment.held = '{"generic": ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]}'
    monkeypatch.setattr(functions, "url", lambda *_: "http://localhost")
    monkeypatch.setattr(webhook, "_post", lambda *_: answer)
    file.write_text(json.dumps(sample("http/generic.customer_created", ROOT) | {"body": body}), encoding="utf-8")
    assert happen(deployment, file) == subject
