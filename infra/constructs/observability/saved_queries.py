"""The saved queries of CloudWatch Logs Insights: one for each file in infra/queries/."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import batched
from pathlib import Path
from typing import Final

from aws_cdk.aws_logs import CfnQueryDefinition
from constructs import Construct

from infra.constructs.environment import Environment
from infra.declarations import naming

FOLDER: Final = Path(__file__).parents[2] / "queries"
# A parameter of a query is {{name}} in its text. Source: "AWS::Logs::QueryDefinition QueryParameter", AWS
# CloudFormation Template Reference.
PARAMETER: Final = re.compile(r"\{\{(\w+)\}\}")
# A query reads at most 50 log groups. The command SOURCE selects log groups by the prefix of their names, but the
# console does not support it. Sources: "StartQuery", Amazon CloudWatch Logs API Reference; "SOURCE", Amazon CloudWatch
# Logs User Guide.
LOG_GROUPS_PER_QUERY: Final = 50


class SavedQueries(Construct):
    """The saved queries of one environment, in the folder herald-<environment> of the console."""

    def __init__(
        self, scope: Construct, construct_id: str, *, environment: Environment, functions: Sequence[str]
    ) -> None:
        """Create each query on the log groups of these functions; more than 50 groups make several queries of one."""
        super().__init__(scope, construct_id)
        parts = list(batched(log_groups(environment, functions), LOG_GROUPS_PER_QUERY, strict=False))
        for name, text in load().items():
            for number, groups in enumerate(parts, start=1):
                part = f"-{number}-of-{len(parts)}" if len(parts) > 1 else ""
                CfnQueryDefinition(
                    self,
                    naming.pascal(name.replace("-", "_")) + part.replace("-", ""),
                    name=f"{naming.physical(environment.name)}/{name}{part}",
                    query_string=text,
                    log_group_names=list(groups),
                    parameters=list(_parameters(text)) or None,
                )


def load(folder: Path = FOLDER) -> Mapping[str, str]:
    """Return the text of each query by its name, sorted."""
    return {file.stem: file.read_text(encoding="utf-8") for file in sorted(folder.glob("*.insights"))}


def log_groups(environment: Environment, functions: Sequence[str]) -> list[str]:
    """Return the names of the log groups of functions."""
    return [f"/aws/lambda/{naming.physical(environment.name, name)}" for name in functions]


def _parameters(text: str) -> Iterator[CfnQueryDefinition.QueryParameterProperty]:
    """Yield the parameters of a query, each with the description in the comment `# <name>: <description>`."""
    for name in dict.fromkeys(PARAMETER.findall(text)):
        described = re.search(rf"^# {name}: (.+)$", text, re.MULTILINE)
        yield CfnQueryDefinition.QueryParameterProperty(name=name, description=described[1] if described else None)
