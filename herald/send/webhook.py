"""Sends a sample of a signed request to its function, as its sender would: signed now, with a key of the secret.

The scheme is Standard Webhooks; functions/runtime/http/standard_webhooks.py is the other side, and names the source.
"""

import base64
import hmac
import json
import re
import secrets
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from functions.runtime.http import standard_webhooks
from herald.deployment import functions
from herald.deployment.deployment import Deployment
from herald.errors import CommandError
from infra.declarations.spec import OWN_SECRET, FunctionSpec

ANSWER_SECONDS: Final = 30
PATH: Final = re.compile(r"/[!-~]*")  # what begins otherwise, such as `@example.com/`, would name another host


def sign(key: str, message_id: str, at: int, body: bytes) -> dict[str, str]:
    """Return the headers that make a body signed; the key is a `whsec_<base64>`, the time in seconds."""
    content = b"%s.%d.%s" % (message_id.encode(), at, body)
    signature = base64.b64encode(hmac.digest(standard_webhooks.key(key), content, "sha256")).decode()
    return {"webhook-id": message_id, "webhook-timestamp": str(at), "webhook-signature": f"v1,{signature}"}


def send(deployment: Deployment, file: Path, given: Mapping[str, Any]) -> str:
    """Send the body of a sample as a new delivery; return the subject in the body, or else the id of the event, if any.

    CommandError has the reason why it cannot be signed, or the answer of the function.
    """
    spec, path = _receiver(deployment, file), str(given["rawPath"])
    if not PATH.fullmatch(path):
        raise CommandError(f"{file}: rawPath {path!r} is not the path of a URL, such as /crm")
    if not isinstance(given["headers"], dict) or "webhook-id" not in given["headers"]:
        raise CommandError(
            f"{file} is signed in a scheme of its sender's own: only Standard Webhooks can be signed here"
        )
    body = _body(file, given)
    sender = path.strip("/")
    try:
        signed = sign(_key(deployment, spec, sender), f"msg_{uuid.uuid4().hex}", int(time.time()), body)
    except ValueError as error:
        raise CommandError(f"a key of {sender} is not what Standard Webhooks wants: {error}") from error
    answer = _post(f"{functions.url(deployment, spec)}{path}", body, signed, spec.name)
    content = json.loads(body)
    return str((isinstance(content, dict) and content.get("subject")) or answer.get("id", ""))


def _body(file: Path, given: Mapping[str, Any]) -> bytes:
    """Return the body of a request as it was sent."""
    body = given["body"]
    if not isinstance(body, str):
        raise CommandError(f"{file}: body is {type(body).__name__}, not str")
    try:
        return base64.b64decode(body, validate=True) if given["isBase64Encoded"] else body.encode()
    except ValueError as error:
        raise CommandError(f"{file}: body cannot be read: {error}") from error


def _receiver(deployment: Deployment, file: Path) -> FunctionSpec:
    """Return the function that has the file among its samples."""
    for spec in deployment.specs.values():
        if spec.trigger.http and f"http/{file.stem}" in spec.trigger.samples:
            return spec
    raise CommandError(f"{file} is a request, and no function with [trigger.http] has it among its samples")


def _key(deployment: Deployment, spec: FunctionSpec, sender: str) -> str:
    """Return a key of the sender; on the local AWS, create one if there is none."""
    client, known = deployment.client("secretsmanager"), dict(deployment.names)
    if spec.has_own_secret:
        known[OWN_SECRET.id] = functions.own_secret(deployment, spec)
    names = [str(each) for each in spec.secrets.values() if str(each) in known]
    for name in names:
        listed = _held(client, known[name]).get(sender)
        if isinstance(listed, list) and listed:
            return str(listed[-1])
    if not deployment.endpoint or not names:
        where = f"{' and '.join(names)} of {spec.name}" if names else spec.name
        raise CommandError(f"{where} has no key for '{sender}': put a list of one there (docs/webhooks.md)")
    made = standard_webhooks.PREFIX + base64.b64encode(secrets.token_bytes(standard_webhooks.KEY_BYTES)).decode()
    address = known[names[0]]
    client.put_secret_value(SecretId=address, SecretString=json.dumps(_held(client, address) | {sender: [made]}))
    return made


def _held(client: Any, address: str) -> dict[str, Any]:  # noqa: ANN401 - boto3 makes clients dynamically
    """Return what a secret holds, nothing where it is what it was made with."""
    try:
        held = json.loads(client.get_secret_value(SecretId=address)["SecretString"])
    except ValueError:
        return {}
    return held if isinstance(held, dict) else {}


def _post(url: str, body: bytes, headers: Mapping[str, str], function: str) -> dict[str, Any]:
    """Return the answer to a request; CommandError with its words where it is none that pleases."""
    asked = urllib.request.Request(url, body, {"Content-Type": "application/json", **headers})  # noqa: S310 - the function's own URL
    try:
        with urllib.request.urlopen(asked, timeout=ANSWER_SECONDS) as reply:  # noqa: S310 - as above
            answer: dict[str, Any] = json.loads(reply.read() or b"{}")
    except urllib.error.HTTPError as refused:
        raise CommandError(
            f"{function} answered {refused.code}: {refused.read().decode(errors='replace')}"
        ) from refused
    except OSError as error:
        raise CommandError(f"{function} did not answer at {url}: {error}") from error
    return answer
