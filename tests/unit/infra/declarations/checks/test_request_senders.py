"""[trigger.http]: requests, their senders and the secrets that sign them."""

import json
from pathlib import Path
from typing import Final

import pytest

from infra.declarations import loader, resources
from infra.declarations.spec import HttpTrigger, Resource, SenderSpec
from tests.unit.infra.declared import declare, on, refusal

HTTP: Final = """
description = "Receive."
owner = "o"
[trigger]
samples = ["http/good"]
[trigger.http]
[secrets]
keys = "secret.webhooks"
"""
EMITS: Final = '[access]\nemit = ["a.happened"]'
REQUEST: Final = {
    "version": "2.0",
    "rawPath": "/",
    "headers": {},
    "requestContext": {},
    "body": "",
    "isBase64Encoded": False,
}


@pytest.fixture
def http_root(root: Path) -> Path:
    """Add a request, and one without a body."""
    (root / "events" / "http").mkdir()
    lacking = {name: value for name, value in REQUEST.items() if name != "body"}
    for name, content in {"good": REQUEST, "bad": lacking}.items():
        (root / "events" / "http" / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    return root


def test_a_function_that_answers_requests(http_root: Path) -> None:
    """It has default limits, no bus and no queue, and secrets by the names that it gives them."""
    declare(http_root, "receive", HTTP)
    (spec,) = loader.load(http_root)
    assert spec.trigger.http == HttpTrigger(max_concurrency=10, max_body_kb=256)
    assert (spec.queued, spec.buses) == (False, ())
    assert spec.secrets == {"keys": Resource("secret", "webhooks")}
    assert not spec.has_own_secret


def test_a_function_may_have_a_secret_of_its_own(http_root: Path) -> None:
    """`secret.own` is not in infra/resources.toml, and is suggested for a typo."""
    declare(http_root, "receive", HTTP.replace("secret.webhooks", "secret.own"))
    (spec,) = loader.load(http_root)
    assert spec.has_own_secret
    assert "secret.own" not in resources.load()
    declare(http_root, "receive_more", HTTP.replace("secret.webhooks", "secret.owm"))
    assert refusal(http_root).endswith("secrets.keys: 'secret.owm' is an unknown secret; did you mean 'own'?")


@pytest.mark.parametrize(
    ("find", "put", "reason"),
    [
        ("[trigger.http]", "", "trigger needs exactly one of [trigger.pattern], [trigger.iot], [trigger.http]"),
        ("[secrets]", '[trigger.pattern]\nsource = ["a"]\n[secrets]', "trigger needs exactly one of"),
        ("[secrets]", "[delivery]\nbatch_size = 1\n[secrets]", "delivery: a function with [trigger.http] has no queue"),
        ("[trigger.http]", "[trigger.http]\nmax_body_kb = 0", "trigger.http.max_body_kb is 0; it must be between 1"),
        (
            "[trigger.http]",
            "[trigger.http]\nmax_body = 1",
            "unknown key 'max_body' in [trigger.http]; did you mean 'max_body_kb'?",
        ),
        ("[trigger.http]", "http = 3", "trigger.http must be a table, not 3"),
        ("http/good", "http/none", "events/http/none.json does not exist"),
        (
            "http/good",
            "http/bad",
            "trigger.samples: events/http/bad.json is not a Function URL request; it needs body, headers, is",
        ),
        ('["http/good"]', "[]", "trigger.samples is empty"),
        ('"secret.webhooks"', '"secret.others"', "secrets.keys: 'secret.others' is an unknown secret"),
        ('"secret.webhooks"', '"own"', "secrets.keys: 'own' is not a resource"),
        ('"secret.webhooks"', '"secret.own/x"', "secrets.keys: 'secret.own/x': a bucket needs a path"),
        ('"secret.webhooks"', '"webhooks"', "secrets.keys: 'webhooks' is not a resource"),
        ('"secret.webhooks"', '"topic.notices"', "secrets.keys: 'topic.notices' is a topic; this key accepts secret"),
        ('"secret.webhooks"', "3", "secrets.keys must be a text, not 3"),
        ("keys =", "Keys =", "secrets.Keys: the name of a secret must be snake_case"),
    ],
)
def test_a_wrong_declaration_of_requests_or_secrets_is_refused(
    http_root: Path, find: str, put: str, reason: str
) -> None:
    """The message names the file, the key and the fault."""
    declare(http_root, "receive", HTTP.replace(find, put))
    assert refusal(http_root).startswith(f"functions/receive/function.toml: {reason}")


def test_senders_are_declared_with_types_and_subjects(http_root: Path) -> None:
    """The types that their requests may become, and the subjects that no other sender may use."""
    senders = 'a = { types = ["a.happened"], subjects = ["a/*", "b/1"] }\n'
    declare(http_root, "receive", f"{HTTP}[trigger.http.senders]\n{senders}{EMITS}")
    (spec,) = loader.load(http_root)
    assert spec.trigger.http
    assert spec.trigger.http.senders == {"a": SenderSpec(types=("a.happened",), subjects=("a/*", "b/1"))}


@pytest.mark.parametrize(
    ("senders", "reason"),
    [
        ("", "access.emit: no sender may cause 'a.happened'; add it to trigger.http.senders.<sender>.types"),
        ("a = { types = [] }", "access.emit: no sender may cause 'a.happened'"),
        (
            'a = { types = ["a.happened"], subjects = ["x/1*"] }\nb = { types = ["a.happened"], subjects = ["x/*"] }',
            "trigger.http.senders.b.subjects: 'x/*' overlaps 'x/1*', which 'a' reserves",
        ),
        ("a = 3", "trigger.http.senders.a must be a table, not 3"),
        ("a = {}", "trigger.http.senders.a.types is missing"),
        ("a = { type = [] }", "unknown key 'type' in [trigger.http.senders.a]; did you mean 'types'?"),
        (
            'a = { types = ["a.hapened"] }',
            "trigger.http.senders.a.types: 'a.hapened' is not in access.emit; did you me",
        ),
        ('A = { types = ["a.happened"] }', "trigger.http.senders.A: the name of a sender must be snake_case"),
        (
            'a = { types = ["a.happened"], subjects = ["*"] }',
            "trigger.http.senders.a.subjects: '*' must be a subject, or a prefix of subjects and *",
        ),
    ],
)
def test_a_wrong_declaration_of_senders_is_refused(http_root: Path, senders: str, reason: str) -> None:
    """Every type needs a sender, and every sender's type is emitted."""
    declare(http_root, "receive", f"{HTTP}[trigger.http.senders]\n{senders}\n{EMITS}")
    assert refusal(http_root).startswith(f"functions/receive/function.toml: {reason}")


def test_a_function_that_answers_requests_cannot_be_in_a_loop(http_root: Path) -> None:
    """No event runs it."""
    declare(http_root, "receive", HTTP + '[trigger.http.senders]\na = { types = ["a.happened"] }\n' + EMITS)
    declare(http_root, "ping", on("a.happened", 'emit = ["b.happened"]'))
    assert len(loader.load(http_root)) == 2
