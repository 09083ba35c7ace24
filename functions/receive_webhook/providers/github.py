"""GitHub: a signature over the body alone, pushes, and workflow runs that are over.

Source: "Validating webhook deliveries" and "Webhook events and payloads", GitHub Docs.
"""

import hashlib
from typing import Final

from functions.receive_webhook.model import Message
from functions.runtime.http.payload import (
    Json,
    MalformedError,
    flag,
    instant,
    moment,
    optional_text,
    text,
    whole_number,
)
from functions.runtime.http.signatures import RawRequest, SignedContent

SIGNATURE: Final = "X-Hub-Signature-256"
# How long after a delivery people can have it sent again. Source: "Redelivering webhooks", GitHub Docs.
REDELIVERED_SECONDS: Final = 3 * 86_400


def signed_content(raw: RawRequest) -> SignedContent:
    """Return the body, which is all that is signed: not the time, nor the delivery's id."""
    scheme, _, digest = raw.header(SIGNATURE).partition("=")
    try:
        signature = bytes.fromhex(digest)
    except ValueError:
        signature = b""
    if scheme != "sha256" or not signature:
        raise MalformedError(f"the header {SIGNATURE} is not sha256=<hexadecimal>")
    return SignedContent(content=raw.body, signatures=(signature,))


def key(secret: str) -> bytes:
    """Return the bytes of the secret as it was typed at GitHub."""
    return secret.encode()


def delivery(raw: RawRequest, _payload: Json) -> str:
    """Return the delivery's GUID, which a redelivery repeats."""
    return raw.header("X-GitHub-Delivery")


def read(raw: RawRequest, payload: Json) -> Message | None:
    """Make a push `code.pushed`, and a workflow run that is over `build.finished`.

    Both are known by their body: the GUID is not signed, and a recorded call under another one would be a new event.
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
        # Not a commit's time, which is what its author's clock said. Making or removing a branch or tag sets this one
        # too: the payload examples of `create` and `delete` in octokit/webhooks differ in it by a second.
        sent=instant(payload, "repository.pushed_at"),
        longest_seconds=REDELIVERED_SECONDS,
    )


def _finished(raw: RawRequest, payload: Json) -> Message:
    """Read a run of one attempt; GitHub has no time of its end, but `updated_at`, which the end set."""
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
