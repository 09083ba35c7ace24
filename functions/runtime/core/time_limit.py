"""The time limit of a run. A handler over its limit is interrupted, so that the other runs can be settled."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

from functions.runtime.core.errors import TimeLimitError

# A handler that swallows the interruption is interrupted again.
REPEAT_SECONDS: Final = 1.0


class _Interruption(BaseException):
    """A BaseException, so that no `except Exception` catches it: botocore would treat it as a network error."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise TimeLimitError in a block that takes longer.

    The alarm interrupts Python code in the main thread, where Lambda runs handlers. Lambda's own timeout ends a call
    that hangs outside of Python; the lease of its run then expires.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    running = True

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        if running:
            raise _Interruption

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        try:
            signal.setitimer(signal.ITIMER_REAL, seconds, REPEAT_SECONDS)
            yield
        finally:
            running = False
    except _Interruption as interruption:
        raise TimeLimitError(f"the run took longer than its share of {seconds:.1f} s") from interruption
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
