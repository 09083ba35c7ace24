"""The size limit for objects that a function reads as a whole: any content, when parsed, must fit into its memory."""

import os
from typing import Final

from functions.runtime.core.errors import Permanent

MIB: Final = 1024 * 1024
# Every Lambda runtime sets AWS_LAMBDA_FUNCTION_MEMORY_SIZE, in MB; only tests and tools run without it.
# Source: "Working with Lambda environment variables", AWS Lambda Developer Guide.
VARIABLE: Final = "AWS_LAMBDA_FUNCTION_MEMORY_SIZE"
DEFAULT_MB: Final = 512  # the default of memory_mb in function.toml
# A worker with its clients and the X-Ray SDK uses 78 MiB before it reads an object.
WORKER_MB: Final = 96
# Bytes of memory for each byte of content, measured with Python 3.13. json.loads takes 53 for nested lists with one
# character outside the Basic Multilingual Plane, 26 for `[],[],…` and 5 to 13 for real inventories; XML takes up to 32.
# The highest figure is 66, when the result of one object is kept while the next object is parsed.
PARSED_BYTES: Final = 72


def memory_mb() -> int:
    """Return the memory of this function, in MB."""
    return int(os.environ.get(VARIABLE, DEFAULT_MB))


def read_limit_bytes() -> int:
    """Return the size limit of an object that is read as a whole."""
    return max(0, memory_mb() - WORKER_MB) * MIB // PARSED_BYTES


def check_size(subject: str, size: int) -> None:
    """Raise Permanent for an object over the limit; the message names the settings that help."""
    if size > read_limit_bytes():
        raise Permanent(
            f"{subject} has {size:,} bytes, more than the {read_limit_bytes():,} that memory_mb = {memory_mb()} "
            "allows: raise memory_mb in function.toml, or read the object as a stream with run.open"
        )
