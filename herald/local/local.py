"""Deploys Herald to the local AWS: with the CDK, or by replacing function code where nothing else changed."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from herald.check import starts
from herald.deployment import functions
from herald.deployment.deployment import Deployment
from herald.errors import CommandError
from herald.local import cdk, emulator, hotswap
from herald.local.hotswap import Deployed
from herald.progress import Progress
from infra.declarations import code_scan, naming, settings_model
from infra.declarations.loader import ROOT

COMPLETE: Final = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE"})


def up(environment: str, progress: Progress) -> Deployment:
    """Start the emulator, deploy to it, and check the state of the stacks; CommandError: one of them fails.

    Alarms, the dashboard and the resource policy of the bus are not deployed: the local AWS rejects metric math and has
    no saved queries, log deliveries and resource policies of buses.
    """
    progress("the local AWS is running" if emulator.running() else "starting the local AWS")
    running = emulator.start()
    deployment = Deployment.local(environment)
    if "CDKToolkit" not in _stacks(deployment):
        progress("bootstrapping it for the CDK")
        account = f"aws://{emulator.ACCOUNT}/{emulator.REGION}"
        cdk.run(running.endpoint, "bootstrap", account, "--no-notices", *_output())
    before = hotswap.last(environment)
    wanted = hotswap.now(environment, deployment.specs, cdk.ARCHITECTURE)
    changed = wanted.changed(before)
    if before and not before.unfinished and not changed and before.stacks == _changes(deployment):
        _replace_code(deployment, before, wanted, progress)
    else:
        progress(_why_deploy(before, changed))
        _deploy(deployment, running.endpoint, before, wanted)
    _verify(deployment)
    progress(f"deployed: {', '.join(deployment.specs)}")
    _warn_of_broken_imports(deployment, wanted.stale(before) if before else list(deployment.specs), progress)
    return deployment


def _why_deploy(before: Deployed | None, changed: Sequence[str]) -> str:
    """Return why the stacks are deployed; `changed` are the template files that differ from the last deployment's."""
    names = hotswap.first_few(changed)
    if before is None:
        return "deploying everything"
    if before.unfinished:
        since = f"; since the last successful one, {names} changed" if names else ""
        return f"deploying again: the last deployment did not succeed{since}"
    return f"deploying: {names or 'a stack'} changed"


def _warn_of_broken_imports(deployment: Deployment, names: Sequence[str], progress: Progress) -> None:
    """Report each deployed handler that cannot be imported; its messages wait in its queue until it is repaired."""
    specs = [deployment.specs[name] for name in names if name in deployment.specs]
    for fault in starts.faults(ROOT, specs):
        progress(f"warning: {fault}")


def _output() -> tuple[str, str]:
    """Return the CDK's option for its output directory, one for each emulator: several may be deployed to at once."""
    return "--output", str(emulator.STATE / "cdk.out")


def _deploy(deployment: Deployment, endpoint: str, before: Deployed | None, wanted: Deployed) -> None:
    """Deploy the stacks, and replace again the code of functions that CloudFormation regards as unchanged."""
    if before:  # when this deployment fails, the next one deploys again
        hotswap.keep(replace(before, unfinished=True))
    parts = [naming.physical(deployment.environment, part) for part in ("storage", "journal", "functions-*")]
    arguments = [*parts, "--require-approval", "never", "--no-notices", "--concurrency", "4"]
    arguments += ["-c", f"env={deployment.environment}", "-c", f"architecture={cdk.ARCHITECTURE}"]
    cdk.run(endpoint, "deploy", *arguments, *_output())
    _upload_code(deployment, [name for name in (before.replaced if before else ()) if name in wanted.code])
    hotswap.keep(replace(wanted, stacks=_changes(deployment)))


def _replace_code(deployment: Deployment, before: Deployed, wanted: Deployed, progress: Progress) -> None:
    """Check the code of all functions, and replace the code that changed."""
    specs = list(deployment.specs.values())
    code_scan.refuse(ROOT, specs)
    settings_model.refuse(ROOT, specs)
    stale = wanted.stale(before)
    names = hotswap.first_few(stale)
    progress(f"only the code of {names} changed: replacing it" if stale else "nothing changed")
    _upload_code(deployment, stale)
    hotswap.keep(replace(wanted, stacks=before.stacks, replaced=sorted({*before.replaced, *stale})))


def _upload_code(deployment: Deployment, names: Sequence[str]) -> None:
    prefix = functions.lambda_name(deployment, "")
    hotswap.replace_code(deployment.client("lambda"), prefix, deployment.specs, cdk.ARCHITECTURE, names)


def _verify(deployment: Deployment) -> None:
    """Check the status of each stack: the emulator has reported "no changes" for a stack that was incomplete."""
    prefix, stacks = naming.physical(deployment.environment, ""), _stacks(deployment)
    owners = {f"{prefix}functions-{spec.owner}" for spec in deployment.specs.values()}
    for name in sorted({f"{prefix}storage", f"{prefix}journal", *owners}):
        stack = stacks.get(name, {"StackStatus": "missing"})
        if stack["StackStatus"] not in COMPLETE:
            reason = stack.get("StackStatusReason", "CloudFormation gives no reason")
            raise CommandError(f"stack {name} is {stack['StackStatus']}: {reason}")


def _changes(deployment: Deployment) -> dict[str, str]:
    """Return the time of the last change of each stack in the environment."""
    prefix = naming.physical(deployment.environment, "")
    stacks = {name: stack for name, stack in _stacks(deployment).items() if name.startswith(prefix)}
    return {name: str(stack.get("LastUpdatedTime", stack["CreationTime"])) for name, stack in stacks.items()}


def _stacks(deployment: Deployment) -> dict[str, Mapping[str, Any]]:
    """Return all stacks by name."""
    pages = deployment.client("cloudformation").get_paginator("describe_stacks").paginate()
    return {stack["StackName"]: stack for page in pages for stack in page["Stacks"]}
