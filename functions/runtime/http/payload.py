"""The body of a request as a JSON object."""

import json

from functions.runtime.core.errors import MalformedError
from functions.runtime.core.json_values import Json


def parse(body: bytes) -> Json:
    """Return the body as JSON that an event can carry; MalformedError when it is not a JSON object."""
    try:
        value = json.loads(body)
        # Python accepts more than JSON allows: NaN, numbers beyond every float, unpaired surrogates.
        json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise MalformedError("the body", "is not JSON") from error
    if not isinstance(value, dict):
        raise MalformedError("the body", "is not a JSON object")
    return value
