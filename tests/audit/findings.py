"""Runs cfn-lint and checkov on synthesized templates and returns their findings in a common form."""

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from infra.declarations.loader import ROOT

PROGRAMS: Final = ROOT / ".audit" / "bin"
# cfn-lint adds 2 for errors and 4 for warnings (its README, "Exit Codes"); checkov returns 1 for failed checks ("CLI
# Command Reference"). Any other exit code means that the program itself failed.
LINTED: Final = frozenset({0, 2, 4, 6})
SCANNED: Final = frozenset({0, 1})


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A rule that a resource breaks; a finding on the template itself has no resource and no type."""

    rule: str
    template: str
    message: str
    logical_id: str = ""
    type: str = ""
    properties: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        """Return one line with the rule, the template and the resource."""
        where = filter(None, (self.rule, self.template, self.type, self.logical_id))
        return f"{' '.join(where)}: {self.message}"


class Audit:
    """The audit of all templates below a directory."""

    def __init__(self, directory: Path) -> None:
        """Read the templates."""
        self._directory = directory
        self._templates: dict[str, dict[str, Any]] = {
            str(path.relative_to(directory)): json.loads(path.read_bytes())
            for path in sorted(directory.rglob("*.template.json"))
        }

    def findings(self) -> list[Finding]:
        """Return the findings of both programs; RuntimeError if checkov did not read every template."""
        return [*self._lint(), *self._scan()]

    def _lint(self) -> list[Finding]:
        output = self._run("cfn-lint", "--format", "json", *self._templates, accepted=LINTED)
        return [
            self._finding(each["Rule"]["Id"], each["Filename"], each["Message"], *_resource(each)) for each in output
        ]

    def _scan(self) -> list[Finding]:
        """Scan with checkov; `--skip-download` prevents requests to Prisma Cloud for descriptions of checks."""
        options = ("--framework", "cloudformation", "--skip-download", "--compact", "--quiet", "--output", "json")
        output = self._run("checkov", *options, "--directory", ".", accepted=SCANNED)
        summary = output.get("summary", output)  # if no check applies to any resource, the summary is the whole output
        resources = sum(len(template["Resources"]) for template in self._templates.values())
        if summary["parsing_errors"] or summary["resource_count"] != resources:
            raise RuntimeError(f"checkov did not read all of {resources} resources in {self._directory}: {summary}")
        return [self._failed(each) for each in output["results"]["failed_checks"]]

    def _failed(self, check: Mapping[str, Any]) -> Finding:
        _, logical_id = check["resource"].split(".")
        return self._finding(check["check_id"], check["file_path"].lstrip("/"), check["check_name"], logical_id)

    def _run(self, program: str, *arguments: str, accepted: frozenset[int]) -> Any:  # noqa: ANN401 - JSON
        """Run a program without the configuration and the credentials of the user who started the tests."""
        if not (PROGRAMS / program).is_file():
            raise RuntimeError(f"{PROGRAMS / program} is missing: run `make audit`")
        done = subprocess.run(
            [PROGRAMS / program, *arguments],
            cwd=self._directory,
            env={"PATH": os.defpath, "HOME": str(self._directory)},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode not in accepted:
            raise RuntimeError(f"{program} failed with exit code {done.returncode}:\n{done.stdout}\n{done.stderr}")
        return json.loads(done.stdout)

    def _finding(self, rule: str, template: str, message: str, logical_id: str = "") -> Finding:
        resource = self._templates[template]["Resources"].get(logical_id, {})
        return Finding(
            rule=rule,
            template=template,
            message=message,
            logical_id=logical_id,
            type=resource.get("Type", ""),
            properties=resource.get("Properties", {}),
        )


def _resource(match: Mapping[str, Any]) -> list[str]:
    """Return the logical ID of the resource of a match of cfn-lint, or nothing for other parts of the template."""
    path = match["Location"]["Path"] or []
    return path[1:2] if path[:1] == ["Resources"] else []
