"""The rules of the names and texts in a declaration, and the physical names on AWS."""

import keyword
import re
from typing import Final

from infra.declarations.field_rules import SpecError, TextRule

SERVICE: Final = "herald"
OWN: Final = f"{SERVICE}."  # prefix of the functions' event sources; only the functions' grants to emit allow it
AWS: Final = "aws."  # prefix of the AWS services' event sources, which only AWS can use
SNAKE_CASE: Final = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
EVENT_TYPE: Final = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")
RESERVED: Final = frozenset({"journal"})  # functions of the platform
NAME_LENGTH: Final = 40  # Lambda allows 64 characters; the prefix and the environment take the rest
FUNCTION_NAME: Final = TextRule(
    pattern=SNAKE_CASE, max_length=NAME_LENGTH, form=f"must be snake_case and have at most {NAME_LENGTH} characters"
)
DESCRIPTION: Final = TextRule(max_length=256, form="must have at most 256 characters, the limit of Lambda")
OWNER: Final = TextRule(
    pattern=re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*"),
    max_length=64,  # CloudFormation allows 128 characters for a stack name: herald-<environment>-functions-<owner>
    form="must be lowercase words joined by '-' with at most 64 characters, because it names a stack",
)
EMITTED: Final = TextRule(pattern=EVENT_TYPE, form="must be dotted lowercase words, such as report.published")
# A path below events/ without `.json`; no segment begins with a dot, so the path cannot leave the folder.
SAMPLE: Final = TextRule(
    pattern=re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*(/[A-Za-z0-9_-][A-Za-z0-9_.-]*)+"),
    form="must name a file below events/ without .json, such as aws.s3/object_created.report",
)
SUBJECT: Final = TextRule(pattern=re.compile(r"[^*]+\*?"), form="must be a subject, or a prefix of subjects and *")


def fault(name: str) -> str:
    """Return why a text is not a valid function name; "" if it is."""
    if keyword.iskeyword(name):
        return f"'{name}' is a Python keyword, so it cannot be imported as a module"
    if name in RESERVED:
        return f"'{name}' is reserved for a function of the platform"
    return FUNCTION_NAME.fault(name)


def check(name: str) -> None:
    """Raise SpecError if a folder name is not a valid function name."""
    found = fault(name)
    if found:
        raise SpecError(f"the folder name {found}")


def physical(environment: str, *parts: str) -> str:
    """Return the name on AWS of what an environment contains, such as herald-dev-notify-dead."""
    return "-".join((SERVICE, environment, *parts))


def is_aws(source: object) -> bool:
    """Return whether an event source is an AWS service."""
    return isinstance(source, str) and source.startswith(AWS)


def pascal(name: str) -> str:
    """Return a snake_case name in PascalCase, for CloudFormation's logical ids and outputs."""
    return "".join(word.capitalize() for word in name.split("_"))


def secret_output(function: str) -> str:
    """Return the stack output that contains the physical name of a function's own secret."""
    return f"Secret{pascal(function)}"
