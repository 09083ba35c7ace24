"""A run's share of its invocation's time: past it the handler is interrupted, so that its neighbours are settled."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

from functions.runtime.core.errors import TimeLimitError

# Where a handler swallows even that, it is interrupted again.
REPEAT_SECONDS: Final = 1.0


class _Interruption(BaseException):
    """Passes through every `except Exception`: botocore's own would take it for a fault of the network."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise TimeLimitError in what takes longer.

    The alarm reaches Python code in the main thread, where Lambda runs handlers. A call that hangs outside of Python
    is ended by Lambda's own timeout, and its run's lease with it.
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
