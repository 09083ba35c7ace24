"""Accepted findings: each has a scope and a reason, and must still occur."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final

from infra.declarations import validation
from infra.declarations.spec import SpecError
from tests.audit.findings import Finding

FILE: Final = Path(__file__).with_name("accepted.toml")
SHORTEST_REASON: Final = 20  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """An accepted finding: a rule that resources of one type may break.

    The scope is further limited by `logical_id`, a glob, and by `properties` that the resource must have.
    """

    rule: str
    type: str
    reason: str
    logical_id: str = "*"
    properties: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        """Return the rule and the scope."""
        return f"{self.rule} {self.type} {self.logical_id}"

    def covers(self, finding: Finding) -> bool:
        """Return whether a finding is in the scope."""
        return (
            (self.rule, self.type) == (finding.rule, finding.type)
            and fnmatchcase(finding.logical_id, self.logical_id)
            and all(finding.properties.get(name) == value for name, value in self.properties.items())
        )


def load(file: Path) -> list[Acceptance]:
    """Return the acceptances of a TOML file; SpecError names the file, the entry and the fault."""
    entries = tomllib.loads(file.read_text(encoding="utf-8")).get("accepted", [])
    try:
        acceptances = [validation.read(Acceptance, each, f"accepted[{n}]") for n, each in enumerate(entries)]
    except SpecError as error:
        raise SpecError(f"{file.name}: {error}") from error
    for each in acceptances:
        if len(each.reason) < SHORTEST_REASON:
            raise SpecError(f"{file.name}: {each}: the reason '{each.reason}' is too short")
    return acceptances


def faults(findings: Sequence[Finding], acceptances: Sequence[Acceptance]) -> list[str]:
    """Return the findings without an acceptance, then the acceptances without a finding."""
    open_findings = [str(each) for each in findings if not any(accepted.covers(each) for accepted in acceptances)]
    stale = [
        f"{each}: no finding matches; remove the acceptance"
        for each in acceptances
        if not any(each.covers(finding) for finding in findings)
    ]
    return open_findings + stale
