"""Requests nobody would think of: none makes a 5xx, none that is forged is accepted, none brings a key into the log.

`make test` sends five hundred, `make fuzz` ten thousand.
"""

import base64
import json
import os
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from functions.receive_webhook.handler import handle
from tests.front import Front
from tests.webhooks import CRM, CUSTOMER, KEYS, NOW, PUSH, RUN, SIGNERS, body, generic, github, request, stripe

REQUESTS: Final = int(os.environ.get("HERALD_FUZZ_REQUESTS", "500"))
EXAMPLES: Final[Mapping[str, Any]] = {"github": [PUSH, RUN], "stripe": [CUSTOMER], "generic": [CRM]}
FOREIGN: Final = "whsec_" + base64.b64encode(b"the key of somebody else").decode()
TIMES: Final = st.sampled_from([NOW] * 8 + [NOW - 300, NOW + 300, NOW - 301, NOW + 301, 0, 10**11, 10**13])
TEXTS: Final = st.text(st.characters(exclude_categories=()), max_size=20)
JSON: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
AGES: Final = st.sampled_from([0] * 4 + [-300, -301, 259_500, 259_501, 10**9])
SYSTEMS: Final = st.sampled_from(["crm"] * 4 + ["stripe", " GitHub", "STRIPE"])
SUBJECTS: Final = st.sampled_from(["customer/42"] * 4 + ["customer/cus_1", "repository/a/b"])
TYPES: Final = st.sampled_from(["customer.created"] * 4 + ["code.pushed", "policy.remediated"])
FIELDS: Final = (
    "id",
    "type",
    "subject",
    "data",
    "timestamp",
    "created",
    "ref",
    "before",
    "repository",
    "pusher",
    "action",
    "workflow_run",
)

pytestmark = pytest.mark.usefixtures("held")


@st.composite
def bodies(draw: st.DrawFn, provider: str) -> bytes:
    """Draw a provider's example, whole or new, or with fields replaced and gone; or any JSON, or any bytes."""
    kind = draw(st.sampled_from(["whole"] * 2 + ["new"] * 5 + ["changed"] * 4 + ["any", "bytes"]))
    if kind == "bytes":
        return draw(st.binary(max_size=60))
    if kind == "any":
        return body(draw(JSON))
    payload = dict(draw(st.sampled_from(EXAMPLES[provider])))
    if kind == "new":
        number = draw(st.integers(0, 10**9))
        payload |= {"id": f"evt_{number}", "ref": f"refs/heads/{number}", "type": draw(TYPES)}
        if provider == "github":
            payload["repository"] = payload["repository"] | {"pushed_at": NOW - draw(AGES)}
        if provider == "generic":
            payload |= {"subject": draw(SUBJECTS), "data": payload["data"] | {"system": draw(SYSTEMS)}}
    if kind == "changed":
        payload |= draw(st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=2))
        payload.pop(draw(st.sampled_from(FIELDS)), None)
    return body(payload)


@st.composite
def requests(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a request that is good but for none, one or more of: key, body, headers, path, method, encoding."""
    provider = draw(st.sampled_from(sorted(SIGNERS)))
    content = draw(bodies(provider))
    options: dict[str, Any] = {"event": draw(st.sampled_from(["push"] * 4 + ["workflow_run"] * 3 + ["ping", ""]))}
    if provider != "github":
        options = {"at": draw(TIMES)}
    if provider == "generic":
        options["message_id"] = draw(st.sampled_from(["msg_1", "", "a.b", "ü", *(f"msg_{n}" for n in range(30))]))
    key = draw(st.sampled_from([KEYS[provider][0]] * 4 + [FOREIGN]))
    signed = draw(st.sampled_from([content] * 6 + [content + b" ", b""]))
    headers: dict[str, str] = SIGNERS[provider](signed, key, **options)
    if draw(st.integers(0, 3)) == 0:
        name = draw(st.sampled_from([*sorted(headers), "content-type"]))
        given_value = headers.get(name, "application/json")
        headers[name] = draw(TEXTS | st.sampled_from([given_value * 2, given_value[:-2], "", given_value + ",v1=00"]))
    path = draw(st.sampled_from([f"/{provider}"] * 12 + ["/", f"/{provider}/x"]))
    event = request(path, headers, content, method=draw(st.sampled_from(["POST"] * 15 + ["GET"])), in_base64=True)
    if draw(st.integers(0, 9)) == 0:
        event |= {"rawPath": f"/{draw(TEXTS)}"}
    if draw(st.booleans()):
        event |= {"body": content.decode(errors="replace"), "isBase64Encoded": False}
    return event | ({"body": draw(TEXTS)} if draw(st.integers(0, 19)) == 0 else {})


def is_genuine(event: Mapping[str, Any]) -> bool:
    """Judge, apart from the handler, whether a signature by one of our keys over this body, not too old, is there."""
    text = event["body"]
    content = base64.b64decode(text) if event["isBase64Encoded"] else text.encode(errors="surrogatepass")
    headers = event["headers"]
    match event["rawPath"]:
        case "/github":
            return github(content)["X-Hub-Signature-256"] in headers["x-hub-signature-256"]
        case "/stripe":
            header = headers["stripe-signature"]
            times = [int(time) for time in re.findall(r"t=(\d+)", header) if abs(int(time) - NOW) <= 300]
            return any(stripe(content, at=time)["Stripe-Signature"][-64:] in header for time in times)
        case "/generic":
            time, message_id = int(headers["webhook-timestamp"]), headers["webhook-id"].strip()
            ours = generic(content, at=time, message_id=message_id)["webhook-signature"]
            return abs(time - NOW) <= 300 and ours in headers["webhook-signature"]
    return False


def keeps_to_itself(event: Mapping[str, Any]) -> bool:
    """Judge, apart from the handler, whether an accepted request says what its sender may, and not of long ago."""
    text = event["body"]
    payload = json.loads(base64.b64decode(text) if event["isBase64Encoded"] else text)
    match event["rawPath"]:
        case "/github" if event["headers"]["x-github-event"] == "push":
            return bool(-300 <= NOW - payload["repository"]["pushed_at"] <= 259_500)
        case "/generic":
            system, subject = str(payload["data"].get("system")).strip().lower(), payload["subject"]
            theirs = system in {"stripe", "github"} or subject.startswith(("customer/cus_", "repository/"))
            return bool(payload["type"] == "customer.created" and not theirs)
    return True


@pytest.mark.long
def test_no_request_breaks_in_or_breaks_anything(front: Front) -> None:
    """Every request is answered; what is not refused was signed by a key of ours, and no line tells of key or body."""
    answers: Counter[int] = Counter()

    @settings(max_examples=REQUESTS, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(event=requests())
    def send(event: dict[str, Any]) -> None:
        status, _ = front.send(handle, event)
        answers[status] += 1
        assert status < 500
        assert status >= 400 or is_genuine(event)
        assert status not in {200, 202} or keeps_to_itself(event)
        printed = front.output()
        hidden = [key for keys in KEYS.values() for key in keys]
        hidden += [value[-40:] for name, value in event["headers"].items() if "signature" in name and len(value) > 40]
        assert not [each for each in hidden if each in printed]
        assert len(event["body"]) < 40 or event["body"] not in printed

    send()
    assert answers.total() >= REQUESTS
    assert {200, 202, 400, 403, 404} <= answers.keys(), answers
