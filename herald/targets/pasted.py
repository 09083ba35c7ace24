"""Reads what a person types or pastes: a subject, an id, an ARN, a link of the console, or a line of a log.

Nothing here asks AWS; lookup.py finds the subject of an id.
"""

import json
from typing import Any, Final

from functions.runtime.core.errors import EnvelopeError
from functions.runtime.core.s3_uri import SCHEME
from functions.runtime.envelopes.envelope import parse
from herald.deployment.short_names import ShortNames
from herald.errors import CommandError
from herald.targets import arns, console_links
from herald.targets.target import ACCEPTED, Target

LITERAL: Final = "subject:"  # the rest is a subject, even if it begins with the short name of a bucket
KEYS: Final = ("subject", "event_id", "correlation_id")  # of a function's log line, and of --json of commands


def read(text: str, names: ShortNames) -> Target:
    """Return what a text names. CommandError: nothing; the message says what the text is and what is accepted."""
    given = text.strip("\r\n")
    pasted = _json(given)
    if pasted is not None:
        return _of_json(pasted)
    if given.startswith(("http://", "https://")):
        return console_links.read(given, names.environment)
    if given.startswith("arn:"):
        return arns.read(given, names.environment)
    if given.startswith(LITERAL) and given != LITERAL:
        return Target(subject=given.removeprefix(LITERAL))
    full = names.full(given)
    if full.startswith(SCHEME) or "/" in full:
        return Target(subject=full)
    if not given.strip():
        raise CommandError(f"the subject is empty. {ACCEPTED}")
    return Target(word=given)


def subject(text: str, names: ShortNames) -> str:
    """Return the subject of a text, for options that select by subject: a word is a subject, not an id."""
    found = read(text, names)
    given = found.subject or found.word
    if given is None:
        raise CommandError(f"{text} names the function {found.function}, not a subject: use --function")
    return given


def function(text: str, names: ShortNames) -> str:
    """Return the function that a name, an ARN or a link names."""
    return (read(text, names).function or text) if ":" in text else text


def _json(text: str) -> dict[str, Any] | None:
    """Return the JSON object at the end of a text; None: there is none, as in the key of an object with braces."""
    start = text.find("{")
    try:
        return dict(json.loads(text[start:])) if start >= 0 else None
    except ValueError:
        return None


def _of_json(found: dict[str, Any]) -> Target:
    """Return the event of a log line, or of a message's body."""
    named = {name: found[name] for name in KEYS if isinstance(found.get(name), str) and found[name]}
    if "subject" in named:
        return Target(subject=named["subject"], event_id=named.get("event_id"))
    if named:
        return Target(word=named.get("event_id") or named["correlation_id"])
    return _event(found)


def _event(envelope: dict[str, Any]) -> Target:
    try:
        event = parse(json.dumps(envelope))
    except EnvelopeError as error:
        raise CommandError(
            f"the JSON has none of the keys {', '.join(KEYS)}, and is not an event: {error}. {ACCEPTED}"
        ) from error
    return Target(subject=event.subject, event_id=event.id)
