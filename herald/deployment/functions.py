"""The functions of a deployment: declared and deployed ones, renamed ones, their patterns, URLs, logs and secrets."""

from datetime import datetime, timedelta
from typing import Any

from functions.runtime.core import variables
from functions.runtime.core.suggestions import did_you_mean
from herald.deployment.deployment import Deployment
from herald.deployment.queues import created
from herald.errors import CommandError
from herald.local import emulator
from infra.declarations import loader, naming
from infra.declarations.spec import FunctionSpec
from infra.flow.routing import is_journalled


def current_name(deployment: Deployment, function: str) -> str:
    """Return the current name of a function; ledger rows and retained queues keep the name from before a rename."""
    return deployment.former_names.get(function, function)


def lambda_name(deployment: Deployment, function: str) -> str:
    """Return the name of a function on Lambda."""
    return naming.physical(deployment.environment, function)


def find(deployment: Deployment, function: str) -> FunctionSpec:
    """Return a function that is declared, deployed and has a queue; CommandError suggests the nearest name."""
    specs = deployment.specs
    if function in specs and not specs[function].queued:
        raise CommandError(f"{function} handles HTTP requests and has no queue: name a function that handles events")
    if function not in specs or function not in deployment.queues:
        raise CommandError(unknown(deployment, function))
    return specs[function]


def unknown(deployment: Deployment, function: str) -> str:
    """Return the message about a function that is not deployed, with its new name or the nearest name."""
    current = current_name(deployment, function)
    near = did_you_mean(function, deployment.specs.keys() & deployment.queues)
    hint = f": it was renamed to {current}" if current != function else near
    return f"no function {function!r} is deployed here{hint}"


def pattern(deployment: Deployment, function: str) -> dict[str, Any]:
    """Return the event pattern of a function; CommandError: the journal does not keep the events of the function."""
    spec = find(deployment, function)
    if not spec.trigger.pattern:
        raise CommandError(f"{function} is not triggered by an event bus: the journal keeps events from buses only")
    if not is_journalled(spec):
        raise CommandError(
            f"the journal has no events for {function}: from AWS services it keeps only the events of S3 objects"
        )
    return resolved_pattern(deployment, spec)


def resolved_pattern(deployment: Deployment, spec: FunctionSpec) -> dict[str, Any]:
    """Return a pattern with the physical names of its resources; CommandError: a resource is not deployed."""
    try:
        found: dict[str, Any] = loader.resolve(dict(spec.trigger.pattern), deployment.names)
    except KeyError as error:
        raise CommandError(f"the pattern of {spec.name} uses {error.args[0]}, which is not deployed") from error
    return found


def ledger_retention(deployment: Deployment, function: str) -> timedelta:
    """Return how long the ledger keeps the rows of a function."""
    name = lambda_name(deployment, function)
    deployed = deployment.client("lambda").get_function_configuration(FunctionName=name)
    return timedelta(days=int(deployed["Environment"]["Variables"][variables.KEEP_DAYS]))


def deployed_since(deployment: Deployment, function: str) -> datetime | None:
    """Return when the queue of a function was created: events before that did not reach the function.

    A renamed function also has the queues of its former names. None: one of its queues does not exist.
    """
    spec = deployment.specs.get(function)
    names = [function, *(spec.formerly if spec else ())]
    if not deployment.queues.keys() >= set(names):
        return None
    sqs = deployment.client("sqs")
    return min(created(sqs, deployment.queues[name]["queue"]) for name in names)


def last_modified(deployment: Deployment, function: str) -> datetime:
    """Return when the code or the configuration of a function last changed."""
    name = lambda_name(deployment, function)
    deployed = deployment.client("lambda").get_function_configuration(FunctionName=name)
    return datetime.fromisoformat(deployed["LastModified"])


def log_command(deployment: Deployment, function: str) -> str:
    """Return the command that shows the log of a function."""
    log = error_log(deployment, function)
    if deployment.endpoint:
        return f"grep {lambda_name(deployment, function)} {log}"
    profile = deployment.session.profile_name
    option = "" if profile == "default" else f" --profile {profile}"
    return f"aws logs tail {log} --since 1h --region {deployment.session.region_name}{option}"


def error_log(deployment: Deployment, function: str) -> str:
    """Return where errors before a claim are logged, such as a failed import: a log group, locally a file."""
    if deployment.endpoint:
        return str(emulator.STATE / "emulator.log")
    return f"/aws/lambda/{lambda_name(deployment, function)}"


def url(deployment: Deployment, spec: FunctionSpec) -> str:
    """Return the URL of a function that handles HTTP requests, without a `/` at the end.

    DNS does not resolve the host names of the local AWS: locally the URL is a path of its endpoint.

    CommandError: the function is not deployed.
    """
    client, name = deployment.client("lambda"), lambda_name(deployment, spec.name)
    try:
        found: str = client.get_function_url_config(FunctionName=name)["FunctionUrl"].rstrip("/")
    except client.exceptions.ResourceNotFoundException as error:
        raise CommandError(f"{spec.name} is declared but not deployed: it has no URL yet") from error
    host = found.removeprefix("https://").partition(".")[0]
    return f"{deployment.endpoint}/_aws/lambda-url/{host}" if deployment.endpoint else found


def own_secret(deployment: Deployment, spec: FunctionSpec) -> str:
    """Return the ARN of the secret that a function declares as its own; CommandError: it is not deployed."""
    outputs, output = deployment.stack_outputs(f"functions-{spec.owner}"), naming.secret_output(spec.name)
    if output not in outputs:
        raise CommandError(f"{spec.name} declares a secret of its own that is not deployed: deploy the function again")
    return outputs[output]
