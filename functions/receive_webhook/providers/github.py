"""GitHub: a signature over the body alone; pushes and completed workflow runs.

Source: "Validating webhook deliveries" and "Webhook events and payloads", GitHub Docs.
"""

import hashlib
from typing import Final

from functions.receive_webhook.model import Message
from functions.runtime.core.errors import MalformedError
from functions.runtime.core.json_values import Json, flag, instant, moment, optional_text, text, whole_number
from functions.runtime.http.signatures import RawRequest, SignedContent

SIGNATURE: Final = "X-Hub-Signature-256"
# The time in which a delivery can be sent again. Source: "Redelivering webhooks", GitHub Docs.
REDELIVERED_SECONDS: Final = 3 * 86_400


def signed_content(raw: RawRequest) -> SignedContent:
    """Return the body. GitHub signs neither a time nor the delivery's id."""
    scheme, _, digest = raw.header(SIGNATURE).partition("=")
    try:
        signature = bytes.fromhex(digest)
    except ValueError:
        signature = b""
    if scheme != "sha256" or not signature:
        raise MalformedError(f"the header {SIGNATURE}", "is not sha256=<hexadecimal>")
    return SignedContent(content=raw.body, signatures=(signature,))


def key(secret: str) -> bytes:
    """Return the bytes of the secret as it was entered at GitHub."""
    return secret.encode()


def delivery(raw: RawRequest, _payload: Json) -> str:
    """Return the delivery's GUID. A redelivery repeats it."""
    return raw.header("X-GitHub-Delivery")


def read(raw: RawRequest, payload: Json) -> Message | None:
    """Return a push as `code.pushed`, and a completed workflow run as `build.finished`.

    The key is a digest of the body. The GUID is not signed: a recorded request with a new GUID would be a new event.
    """
    kind = raw.header("X-GitHub-Event")
    if kind == "push":
        return _pushed(raw, payload)
    if kind == "workflow_run" and text(payload, "action") == "completed":
        return _finished(raw, payload)
    return None


def _pushed(raw: RawRequest, payload: Json) -> Message:
    repository, ref = text(payload, "repository.full_name"), text(payload, "ref")
    return Message(
        key=_digest(raw),
        type="code.pushed",
        subject=f"repository/{repository}/{ref}",
        data={
            "system": "github",
            "repository": repository,
            "ref": ref,
            "before": text(payload, "before"),
            "after": text(payload, "after"),
            "pusher": text(payload, "pusher.name"),
            "created": flag(payload, "created"),
            "deleted": flag(payload, "deleted"),
            "forced": flag(payload, "forced"),
        },
        # A commit's time comes from its author's clock. This time is also set when a branch or tag is created or
        # deleted: it differs by a second in the payload examples of `create` and `delete` in octokit/webhooks.
        sent=instant(payload, "repository.pushed_at"),
        longest_seconds=REDELIVERED_SECONDS,
    )


def _finished(raw: RawRequest, payload: Json) -> Message:
    """Read one attempt of a run. GitHub sends no end time, but sets `updated_at` at the end."""
    repository, run = text(payload, "repository.full_name"), str(whole_number(payload, "workflow_run.id"))
    data = {
        "system": "github",
        "repository": repository,
        "workflow": optional_text(payload, "workflow_run.name") or text(payload, "workflow_run.path"),
        "run": run,
        "attempt": whole_number(payload, "workflow_run.run_attempt"),
        "trigger": text(payload, "workflow_run.event"),
        "branch": optional_text(payload, "workflow_run.head_branch"),
        "branch_repository": optional_text(payload, "workflow_run.head_repository.full_name"),
        "commit": text(payload, "workflow_run.head_sha"),
        "conclusion": text(payload, "workflow_run.conclusion"),
        "url": text(payload, "workflow_run.html_url"),
        "started_at": moment(payload, "workflow_run.run_started_at"),
        "finished_at": moment(payload, "workflow_run.updated_at"),
    }
    return Message(
        key=_digest(raw),
        type="build.finished",
        subject=f"repository/{repository}/runs/{run}",
        data={name: value for name, value in data.items() if value is not None},
        happened=text(payload, "workflow_run.updated_at"),
        sent=instant(payload, "workflow_run.updated_at"),
        longest_seconds=REDELIVERED_SECONDS,
    )


def _digest(raw: RawRequest) -> str:
    return hashlib.sha256(raw.body).hexdigest()
