"""Interrupts a handler that exceeds its share of the invocation's time, so that the rest of the batch is settled."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

from functions.runtime.core.errors import TimeLimitError

# A handler that catches the interruption is interrupted again after this time.
REPEAT_SECONDS: Final = 1.0


class _Interruption(BaseException):
    """Not caught by `except Exception`: botocore would treat it as a network error and retry."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise TimeLimitError in a block that takes longer.

    The alarm interrupts Python code in the main thread, where Lambda runs handlers. A call that hangs outside of Python
    ends with Lambda's own timeout, and another worker takes the run over when its lease ends.
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
