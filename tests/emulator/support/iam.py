"""Changes the policies of Herald's roles on the local AWS, which checks fewer of IAM's actions than AWS does.

docs/decisions/0006 lists the differences.
"""

import json
from collections.abc import Callable
from typing import Any, Final

from tests.emulator.support.deployed import Aws

type Statement = dict[str, Any]

PARTIQL: Final = {"dynamodb:PartiQLInsert", "dynamodb:PartiQLUpdate"}
IN_BATCHES: Final = {
    f"sqs:{name}": f"sqs:{name}Batch" for name in ("ChangeMessageVisibility", "DeleteMessage", "SendMessage")
}


def roles(aws: Aws) -> list[str]:
    """Return the names of all roles of the deployment."""
    pages = aws.deployment.client("iam").get_paginator("list_roles").paginate()
    return [role["RoleName"] for page in pages for role in page["Roles"] if role["RoleName"].startswith("herald-dev-")]


def rewrite(aws: Aws, role: str, change: Callable[[Statement], list[Statement]]) -> Callable[[], None]:
    """Replace each statement in the policies of a role; return a function that restores the policies."""
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
    """Return actions or resources as a list; a statement may have one without a list."""
    return [value] if isinstance(value, str) else value


def translated(aws: Aws, statement: Statement) -> list[Statement]:
    """Return statements that grant the same on the local AWS, with the actions and conditions that it supports."""
    named = several(statement["Action"])
    unknown = "events:PutEvents" in named or "dynamodb:LeadingKeys" in json.dumps(statement.get("Condition", {}))
    changed = {name: value for name, value in statement.items() if name != "Condition" or not unknown}
    changed["Action"] = named + [IN_BATCHES[action] for action in named if action in IN_BATCHES]
    if "secretsmanager:GetSecretValue" in named:
        vault = aws.deployment.client("secretsmanager")
        changed["Resource"] = [vault.describe_secret(SecretId=each)["ARN"] for each in several(statement["Resource"])]
    batch = {"Effect": "Allow", "Action": "dynamodb:BatchExecuteStatement", "Resource": "*"}
    return [changed, batch] if set(named) >= PARTIQL else [changed]
