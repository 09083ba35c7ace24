"""The types of the callbacks that report progress."""

from collections.abc import Callable

type Progress = Callable[[str], None]  # called with each step, as text
type CountProgress = Callable[[int], None]  # called with the number of messages or events that a step handled
