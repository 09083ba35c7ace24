"""Writes the catalog from declarations and contracts: an HTML page or an AsyncAPI document."""

import json
from dataclasses import dataclass
from pathlib import Path

from herald.catalog import asyncapi, page, reading
from herald.errors import CommandError
from infra.declarations import loader
from infra.flow import graph
from infra.flow.warnings import FlowWarning, find_warnings

__all__ = ["Written", "write"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """The number of functions and event types in a catalog, and the warnings about the flow."""

    functions: int
    events: int
    warnings: tuple[FlowWarning, ...]


def write(root: Path, file: Path, *, as_asyncapi: bool) -> Written:
    """Write the catalog of the repository at `root` as a page, or as an AsyncAPI document.

    SpecError: a declaration or contract is invalid. CommandError: the file cannot be written.
    """
    found = graph.build(loader.load(root), reading.event_types(root))
    if as_asyncapi:
        content = json.dumps(asyncapi.document(found), indent=2, ensure_ascii=False) + "\n"
    else:
        content = page.render(found)
    try:
        file.write_text(content, encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{file} cannot be written: {error.strerror}") from error
    return Written(functions=len(found.specs), events=len(found.events), warnings=tuple(find_warnings(found)))
