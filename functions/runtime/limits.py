"""A run's share of its invocation's time: past it the handler is interrupted, so that its neighbours are settled."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final, NoReturn

from functions.runtime.errors import TimeLimitError

# Where a handler swallows the interruption, it is interrupted again.
REPEAT_SECONDS: Final = 1.0


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise TimeLimitError in what takes longer.

    The alarm reaches Python code in the main thread, where Lambda runs handlers. A call that hangs outside of Python
    is ended by Lambda's own timeout, and its run's lease with it.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
        message = f"the run took longer than its share of {seconds:.1f} s"
        raise TimeLimitError(message)

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        signal.setitimer(signal.ITIMER_REAL, seconds, REPEAT_SECONDS)
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
