"""Whether a call is from who it says, and what its body holds."""

import hmac
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from functions.receive_webhook.model import Call, Json, MalformedError, Seal

# What both Stripe's libraries and Standard Webhooks' allow a message to take, and clocks to differ.
TOLERANCE_SECONDS: Final = 300
KEYS_AT_ONCE: Final = 2  # the old one and the new one


class KeysError(ValueError):
    """The secret does not hold keys as it should; the message quotes none of them."""


def is_authentic(seal: Seal, secrets: Iterable[Mapping[str, Any]], provider: str, key: Callable[[str], bytes]) -> bool:
    """Judge whether one of the provider's keys, in one of the secrets, made one of the signatures.

    A provider without a key is one whose keys are all wrong. Every signature is compared, in constant time.
    """
    return any(_signed_by(seal, keys) for secret in secrets for keys in [_keys(secret, provider, key)])


def check_age(seal: Seal, now: float) -> None:
    """Raise MalformedError when it was signed too long ago, or in times to come."""
    if seal.signed_at is not None and abs(now - seal.signed_at) > TOLERANCE_SECONDS:
        message = f"it was signed more than {TOLERANCE_SECONDS} s away from now"
        raise MalformedError(message)


def payload(call: Call) -> Json:
    """Return the body as JSON that can be sent on; MalformedError when it is none."""
    try:
        value = json.loads(call.body)
        # Python reads more than JSON has: NaN, numbers past every float, halves of surrogate pairs.
        json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        message = "the body is not JSON"
        raise MalformedError(message) from error
    if not isinstance(value, dict):
        message = "the body is not a JSON object"
        raise MalformedError(message)
    return value


def _keys(secret: Mapping[str, Any], provider: str, key: Callable[[str], bytes]) -> list[bytes]:
    listed = secret.get(provider, [])
    if not isinstance(listed, list) or len(listed) > KEYS_AT_ONCE or not all(isinstance(text, str) for text in listed):
        message = f"the keys of {provider} are not a list of at most {KEYS_AT_ONCE} texts"
        raise KeysError(message)
    try:
        return [key(text) for text in listed if text]
    except ValueError:
        message = f"a key of {provider} is not what its scheme wants"
    raise KeysError(message)


def _signed_by(seal: Seal, keys: Iterable[bytes]) -> bool:
    expected = [hmac.digest(key, seal.content, "sha256") for key in keys]
    matches = [hmac.compare_digest(each, given) for each in expected for given in seal.signatures]
    return any(matches)
