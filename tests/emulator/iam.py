"""Changes the policies of Herald's roles on the local AWS, which checks fewer of IAM's actions than AWS does.

docs/decisions/0006 lists the differences.
"""

import json
from collections.abc import Callable
from typing import Any, Final

from tests.emulator.deployed import Aws

type Statement = dict[str, Any]

PARTIQL: Final = {"dynamodb:PartiQLInsert", "dynamodb:PartiQLUpdate"}
IN_BATCHES: Final = {
    f"sqs:{name}": f"sqs:{name}Batch" for name in ("ChangeMessageVisibility", "DeleteMessage", "SendMessage")
}


def roles(aws: Aws) -> list[str]:
    """Return the names of all roles of Herald."""
    pages = aws.deployment.client("iam").get_paginator("list_roles").paginate()
    return [role["RoleName"] for page in pages for role in page["Roles"] if role["RoleName"].startswith("herald-dev-")]


def rewrite(aws: Aws, role: str, change: Callable[[Statement], list[Statement]]) -> Callable[[], None]:
    """Put other statements into the place of each in a role's policies; return what takes that back."""
    iam = aws.deployment.client("iam")
    names = iam.list_role_policies(RoleName=role)["PolicyNames"]
    found = {name: iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"] for name in names}

    def put(change: Callable[[Statement], list[Statement]]) -> None:
        for name, policy in found.items():
            changed = [each for statement in policy["Statement"] for each in change(statement)]
            document = json.dumps(policy | {"Statement": changed})
            iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=document)

    put(change)
    return lambda: put(lambda statement: [statement])


def several(value: str | list[str]) -> list[str]:
    """Return actions or resources of a statement, of which one may stand without a list."""
    return [value] if isinstance(value, str) else value


def in_its_words(aws: Aws, statement: Statement) -> list[Statement]:
    """Return what grants the same where the local AWS asks for other words than AWS does."""
    named = several(statement["Action"])
    unknown = "events:PutEvents" in named or "dynamodb:LeadingKeys" in json.dumps(statement.get("Condition", {}))
    said = {name: value for name, value in statement.items() if name != "Condition" or not unknown}
    said["Action"] = named + [IN_BATCHES[action] for action in named if action in IN_BATCHES]
    if "secretsmanager:GetSecretValue" in named:
        vault = aws.deployment.client("secretsmanager")
        said["Resource"] = [vault.describe_secret(SecretId=each)["ARN"] for each in several(statement["Resource"])]
    batch = {"Effect": "Allow", "Action": "dynamodb:BatchExecuteStatement", "Resource": "*"}
    return [said, batch] if set(named) >= PARTIQL else [said]
