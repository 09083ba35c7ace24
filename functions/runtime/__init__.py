"""The runtime of every function: the entrypoint, the event, the run, and the errors that a handler raises.

The names are loaded on first use, so that tools can import modules of this package without AWS clients and Powertools.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from functions.runtime.core.errors import Permanent, Transient
    from functions.runtime.core.event import Event
    from functions.runtime.run.run import Run
    from functions.runtime.sqs import entrypoint

__all__ = ["Event", "Permanent", "Run", "Transient", "entrypoint"]

_MODULES = {
    "Event": "core.event",
    "Permanent": "core.errors",
    "Run": "run.run",
    "Transient": "core.errors",
    "entrypoint": "sqs",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - classes and functions
    """Load a public name (PEP 562)."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    globals()[name] = found
    return found
