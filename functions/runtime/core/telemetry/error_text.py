"""The texts about an error that logs, the ledger and dead letters contain; none of them quotes a payload.

The message of a foreign exception may quote its input: `int("4111")` raises "invalid literal for int() with base 10:
'4111'", and a KeyError is its key. So only the texts of these errors are shown: HeraldError, whose author writes it for
the log; network errors; operating system errors; and answers of AWS, except to invalid parameters, which they quote.
"""

import re
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from botocore.exceptions import ClientError, HTTPClientError

from functions.runtime.core.errors import HeraldError

ROOT: Final = Path(__file__).parents[4]  # the folder that contains functions/
LIBRARIES: Final = ("site-packages", str(Path("functions", "runtime")))
# ValidationException, InvalidParameterValue, MalformedPolicyDocument: such an answer quotes the parameter.
QUOTING: Final = re.compile(r"valid|malformed", re.IGNORECASE)
CAUSED: Final = "\nThe above exception led to the following exception:\n\n"


def describe(error: BaseException) -> str:
    """Return an error as one line: a HeraldError as its text, any other error with its class and its text or place."""
    text = _text(error)
    if isinstance(error, HeraldError):
        return text or "no message"
    return f"{type(error).__name__}: {text}" if text else f"{type(error).__name__} at {place(error)}"


def place(error: BaseException) -> str:
    """Return the file and line that raised an error: the last one of the function's own code, if there is one."""
    frames = [(frame.filename, frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    own = [frame for frame in frames if frame[0].startswith(f"{ROOT}/") and not any(x in frame[0] for x in LIBRARIES)]
    filename, line = (own or frames or [("an unknown place", 0)])[-1]
    return f"{filename.removeprefix(f'{ROOT}/')}:{line}"


def stack(error: BaseException) -> str:
    """Return the traceback of an error and of its causes: frames and classes, with a text only if it is safe."""
    return CAUSED.join(reversed(list(_parts(error))))


def _parts(error: BaseException | None) -> Iterator[str]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        text = _text(error)
        frames = "".join(traceback.format_tb(error.__traceback__))
        yield f"{frames}{type(error).__name__}{f': {text}' if text else ''}\n"
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _text(error: BaseException) -> str:
    """Return the text of an error as one line, "" if it may quote a payload."""
    if isinstance(error, ClientError):
        code = str(error.response.get("Error", {}).get("Code"))
        shown = f"{code} in the answer to {error.operation_name}" if QUOTING.search(code) else str(error)
    elif isinstance(error, HeraldError | HTTPClientError):
        shown = str(error)
    elif isinstance(error, OSError):
        shown = error.strerror or ""
    else:
        shown = ""
    return " ".join(shown.split())
