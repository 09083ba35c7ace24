"""The local AWS: an emulator that runs as a separate process on a free port of 127.0.0.1."""

import contextlib
import fcntl
import json
import os
import shutil
import socket
import ssl
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import boto3

from herald.deployment import sessions
from herald.errors import CommandError
from infra.declarations.loader import ROOT

if TYPE_CHECKING:
    import psutil

STATE: Final = Path(os.environ.get("HERALD_STATE", ROOT / ".herald"))
PROGRAM: Final = ROOT / ".emulator" / "bin" / "ministack"
REGION: Final = "us-east-1"
ACCOUNT: Final = "000000000000"
START_SECONDS: Final = 30
GRACE_SECONDS: Final = 3


@dataclass(frozen=True, slots=True)
class Emulator:
    """A running emulator; `started`, the start time of its process, detects that its pid was reused."""

    pid: int
    started: float
    endpoint: str


def running() -> Emulator | None:
    """Return the emulator of this checkout; None: it is not running."""
    try:
        emulator = Emulator(**json.loads(_file().read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return emulator if _process(emulator) else None


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Lock the local AWS for this command; CommandError: another command is starting, deploying or stopping it."""
    STATE.mkdir(parents=True, exist_ok=True)
    with (STATE / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CommandError(
                "another `herald local up` or `herald local down` is running in this checkout"
            ) from error
        yield


def session() -> boto3.Session:
    """Return a session for the emulator, which takes any credentials."""
    return sessions.session(aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION)  # noqa: S106 - as said


def start(*, enforced: bool = False) -> Emulator:
    """Start the emulator if it is not running; CommandError: it is not installed, or does not respond within 30 s.

    `enforced`: the emulator evaluates IAM policies and serves TLS with the certificate at `certificate()`.
    """
    emulator = running()
    if emulator:
        return emulator
    if not PROGRAM.exists():
        raise CommandError("the emulator is not installed: run `make setup`")
    import psutil  # noqa: PLC0415 - not installed on Lambda, where the widget imports this module

    stop()
    (STATE / "data").mkdir(parents=True, exist_ok=True)
    port, scheme = free_port(), "https" if enforced else "http"
    with (STATE / "emulator.log").open("wb") as log:
        process = subprocess.Popen(
            [PROGRAM],
            env=_environment(port, enforced=enforced),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    emulator = Emulator(process.pid, psutil.Process(process.pid).create_time(), f"{scheme}://127.0.0.1:{port}")
    _file().write_text(json.dumps(asdict(emulator)), encoding="utf-8")
    wait_until(lambda: process.poll() is not None or _answers(emulator), START_SECONDS)
    if not _answers(emulator):
        raise CommandError(f"the emulator did not start; see {STATE / 'emulator.log'}")
    return emulator


def stop() -> bool:
    """Stop the emulator and its workers and delete their data; return whether it was running."""
    emulator = running()
    process = _process(emulator) if emulator else None
    if process:
        end(process, grace=0)  # its data is deleted anyway
    _file().unlink(missing_ok=True)
    shutil.rmtree(STATE / "data", ignore_errors=True)
    return process is not None


def end(process: "psutil.Process", *, grace: float = GRACE_SECONDS) -> None:
    """Terminate a process and its descendants; kill those that are still running after `grace` seconds."""
    import psutil  # noqa: PLC0415 - not installed on Lambda, where the widget imports this module

    family = [process, *process.children(recursive=True)]
    if grace:
        for member in family:
            _signal(member.terminate)
        _, family = psutil.wait_procs(family, timeout=grace)
    for member in family:
        _signal(member.kill)
    psutil.wait_procs(family, timeout=GRACE_SECONDS)


def wait_until(condition: Callable[[], object], seconds: float, *, every: float = 0.05) -> bool:
    """Wait until a condition is true; return False when it is not within `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(every)
    return True


def certificate() -> Path:
    """Return the path of the self-signed certificate of an emulator that enforces IAM; the emulator needs openssl."""
    return STATE / "data" / "ministack-tls" / "server.crt"


def _environment(port: int, *, enforced: bool) -> dict[str, str]:
    """Return the environment of the emulator and of the functions in it, without the caller's AWS settings."""
    data = STATE / "data"
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return kept | {
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "LAMBDA_EXECUTOR": "local",
        "IOT_MTLS_ENABLED": "0",
        "MINISTACK_REGION": REGION,
        "STATE_DIR": str(data / "state"),
        "S3_DATA_DIR": str(data / "s3"),
        "LOG_LEVEL": "WARNING",
        "TMPDIR": str(data),  # each worker extracts its layer (28 MB) there and does not delete it
        **({"AUTH": "true", "USE_SSL": "1"} if enforced else {}),
    }


def _file() -> Path:
    return STATE / "emulator.json"


def free_port() -> int:
    """Return a free port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _answers(emulator: Emulator) -> bool:
    try:
        trust = ssl.create_default_context(cafile=certificate()) if emulator.endpoint.startswith("https:") else None
        with urllib.request.urlopen(f"{emulator.endpoint}/_ministack/health", timeout=2, context=trust) as reply:  # noqa: S310 - a loopback address
            return bool(reply.status == 200)  # noqa: PLR2004 - HTTP's OK
    except OSError:
        return False


def _process(emulator: Emulator) -> "psutil.Process | None":
    import psutil  # noqa: PLC0415 - not installed on Lambda, where the widget imports this module

    try:
        process = psutil.Process(emulator.pid)
        alive = process.create_time() == emulator.started and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return None
    return process if alive else None


def _signal(send: Callable[[], None]) -> None:
    import psutil  # noqa: PLC0415 - not installed on Lambda, where the widget imports this module

    with contextlib.suppress(psutil.NoSuchProcess):
        send()
