"""Reads ARNs and physical names: of objects, functions, queues and log groups.

Source: "Actions, resources, and condition keys" of Amazon S3, AWS Lambda, Amazon SQS and Amazon CloudWatch Logs,
Service Authorization Reference.
"""

import re
from typing import Final

from functions.runtime.core.s3_uri import S3Uri
from herald.errors import CommandError
from herald.targets.target import ACCEPTED, Target
from infra.declarations import naming

LOG_GROUP: Final = "/aws/lambda/"
ARN: Final = re.compile(r"arn:[a-z-]+:(?P<service>[a-z0-9-]+):[^:]*:[^:]*:(?P<resource>.+)", re.DOTALL)
RESOURCES: Final = {
    "lambda": re.compile(r"function:(?P<name>[^:]+)(:.*)?"),
    "sqs": re.compile(r"(?P<name>.+)"),
    "logs": re.compile(rf"log-group:{LOG_GROUP}(?P<name>[^:]+)(:.*)?"),
}


def read(arn: str, environment: str) -> Target:
    """Return the object or the function of an ARN. CommandError: it is the ARN of something else."""
    found = ARN.fullmatch(arn)
    service, resource = (found["service"], found["resource"]) if found else ("", "")
    if service == "s3":
        bucket, _, key = resource.partition("/")
        return Target(subject=str(S3Uri(bucket, key)))
    named = RESOURCES[service].fullmatch(resource) if service in RESOURCES else None
    if not named:
        raise CommandError(f"{arn} is not the ARN of an object, a function, a queue or a function's log. {ACCEPTED}")
    return function_of(named["name"], environment)


def function_of(name: str, environment: str) -> Target:
    """Return the function with a physical name, or of a queue with that name. CommandError: it is not Herald's."""
    prefix = naming.physical(environment, "")
    if not name.startswith(prefix):
        raise CommandError(
            f"{name} does not belong to a function of the environment {environment}, where names begin with {prefix}; "
            f"--env selects another environment. {ACCEPTED}"
        )
    return Target(function=name.removeprefix(prefix).removesuffix("-dead"))
