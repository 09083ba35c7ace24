"""How large an object a function may read at once: parsed, it must fit the function's memory whatever is in it."""

import os
from typing import Final

from functions.runtime.core.errors import Permanent

MIB: Final = 1024 * 1024
# AWS_LAMBDA_FUNCTION_MEMORY_SIZE is set by every Lambda runtime, in MB; only tests and tools run without it.
# Source: "Working with Lambda environment variables", AWS Lambda Developer Guide.
VARIABLE: Final = "AWS_LAMBDA_FUNCTION_MEMORY_SIZE"
DEFAULT_MB: Final = 512  # memory_mb of a function.toml that does not declare it
# A worker with its clients and the X-Ray SDK has 78 MiB before it reads anything.
WORKER_MB: Final = 96
# Bytes of memory for each byte of content, measured with Python 3.13: json.loads takes 53 for lists in lists with one
# character that UTF-16 needs two units for, 26 for `[],[],…` and 5 to 13 for real inventories; XML takes up to 32. The
# most that was found is 66: what one object became is kept while the next is parsed.
PARSED_BYTES: Final = 72


def memory_mb() -> int:
    """Return the memory of this function."""
    return int(os.environ.get(VARIABLE, DEFAULT_MB))


def read_limit_bytes() -> int:
    """Return the size of the largest object that may be read at once."""
    return max(0, memory_mb() - WORKER_MB) * MIB // PARSED_BYTES


def check_size(subject: str, size: int) -> None:
    """Raise Permanent for an object that may not be read at once; the message says what to change."""
    if size > read_limit_bytes():
        raise Permanent(
            f"{subject} has {size:,} bytes, more than the {read_limit_bytes():,} that memory_mb = {memory_mb()} allows "
            "to read at once: raise memory_mb in function.toml, or read it as a stream with run.open"
        )
