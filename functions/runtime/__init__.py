"""What every function runs on: an entrypoint, the event it gets, the run it acts through, and two ways to fail."""

from functions.runtime.entrypoint import entrypoint
from functions.runtime.errors import Permanent, Transient
from functions.runtime.event import Event
from functions.runtime.run import Run

__all__ = ["Event", "Permanent", "Run", "Transient", "entrypoint"]
