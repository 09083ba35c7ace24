"""The reference of what handlers and their tests use, from signatures and docstrings."""

import inspect
import re
from collections.abc import Iterator
from dataclasses import is_dataclass
from typing import Any, Final

from functions.runtime import Event, Permanent, Run, Transient
from functions.runtime.core.event import Previous, S3Object
from functions.runtime.core.lineage import Cause, Lineage
from functions.runtime.http.request import Answer, Refusal, Request
from functions.runtime.run.bucket_guard import BucketGuard
from functions.runtime.web import WebContext, verify
from herald.reference.markdown import page as markdown
from herald.reference.markdown import prose

INTRODUCTION: Final = """
A handler of events is `handle(event: Event, run: Run) -> None` with `@entrypoint`. A handler of HTTP requests is
`handle(request: Request, web: WebContext) -> Answer` with `@http_entrypoint`. Import `Event`, `Run`, `Permanent`,
`Transient` and `entrypoint` from `functions.runtime`, and everything for HTTP requests from `functions.runtime.web`.
"""
EVENTS: Final = (Event, S3Object, Previous, Lineage, Cause, Run, BucketGuard, Permanent, Transient)
MODULES: Final = re.compile(r"\b(?:[a-z_]\w*\.)+(?=[A-Za-z])")
REQUESTS: Final = (Request, WebContext, Answer, Refusal)


def page() -> str:
    """Return the page."""
    parts = [
        f"## Events\n\n{_classes(EVENTS)}",
        f"## HTTP requests\n\n{_function(verify, '###')}\n\n{_classes(REQUESTS)}",
    ]
    return markdown("Event, Run and WebContext", INTRODUCTION, *parts)


def _classes(kinds: tuple[type, ...]) -> str:
    return "\n\n".join(part for kind in kinds for part in _class(kind))


def _class(kind: type) -> Iterator[str]:
    yield f"### {kind.__name__}"
    yield prose(kind.__doc__)
    if is_dataclass(kind):
        fields = [f"{name}: {_type(hint)}" for name, hint in inspect.get_annotations(kind).items()]
        yield "```python\n" + "\n".join(fields) + "\n```"
    for name, member in vars(kind).items():
        if not name.startswith("_"):
            yield from _member(kind, name, member)


def _member(kind: type, name: str, member: Any) -> Iterator[str]:  # noqa: ANN401 - what a class holds
    if isinstance(member, property) and member.fget:
        hint = inspect.signature(member.fget).return_annotation
        yield f"#### `{kind.__name__}.{name}: {_type(hint)}`\n\n{prose(member.__doc__)}"
    elif isinstance(member, (staticmethod, classmethod)):
        yield _function(member.__func__, "####", kind)
    elif inspect.isfunction(member):
        yield _function(member, "####", kind)


def _function(function: Any, level: str, kind: type | None = None) -> str:  # noqa: ANN401 - a function
    signature = inspect.signature(function)
    parameters = [each for name, each in signature.parameters.items() if name not in {"self", "cls"}]
    shown = _short(str(signature.replace(parameters=parameters)))
    title = f"{kind.__name__}.{function.__name__}" if kind else function.__name__
    return f"{level} `{title}`\n\n```python\n{function.__name__}{shown}\n```\n\n{prose(function.__doc__)}"


def _type(hint: Any) -> str:  # noqa: ANN401 - a type or its text
    return _short(hint if isinstance(hint, str) else inspect.formatannotation(hint))


def _short(text: str) -> str:
    """Return types without the modules they are from."""
    return MODULES.sub("", text).replace("'", "")
