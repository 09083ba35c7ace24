"""Measures Herald on this machine and prints the figures as JSON, each with a baseline from the same run."""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

from infra.constructs import bundle
from infra.declarations import loader
from infra.declarations.loader import ROOT

os.environ["HERALD_STATE"] = str(
    ROOT / ".herald" / "bench"
)  # set before herald is imported: a separate emulator and state

from herald.deployment.deployment import Deployment
from herald.deployment.queues import count
from herald.investigate.history import History
from herald.local import cdk, emulator, local
from tests.bench import bare, investigate, ledger, observed

GREEN: Final = b'<testsuite name="s"><testcase name="a" time="0.1"/></testsuite>'
BURST: Final = 2_000
WARM: Final = 20
IMPORTS: Final = 5
DEADLINE_SECONDS: Final = 300


def main() -> None:
    """Run all benchmarks in turn, and print their figures."""
    figures: dict[str, Any] = {"import": cold_import(), "synth_seconds": round(seconds(synth), 2)}
    figures["telemetry"] = observed.measure()
    emulator.stop()
    try:
        deployment = local.up("dev", progress)
        figures |= {"put_to_start_ms": put_to_start(deployment), "burst_events_per_second": bursts(deployment)}
        figures["ledger"] = ledger.compare(str(deployment.endpoint))
        figures["why"] = investigate.measure(deployment)
    finally:
        emulator.stop()
    figures["demo_seconds"] = demo()
    print(json.dumps(figures, indent=2))  # noqa: T201 - the output


def cold_import() -> dict[str, float]:
    """Import a handler from its asset and the layer only, as a cold start does; the baseline imports boto3."""
    with tempfile.TemporaryDirectory() as directory:
        target = Path(directory)
        spec = {spec.name: spec for spec in loader.load()}["summarise_test_report"]
        bundle.build_function(target, cdk.ARCHITECTURE, spec)
        bundle.build_layer(target, cdk.ARCHITECTURE)
        paths = f"import sys; sys.path[:0] = [{directory!r}, {str(target / 'python')!r}]; "

        def run(statement: str) -> float:
            command = [sys.executable, "-I", "-S", "-c", paths + statement]
            return statistics.median(seconds(lambda: subprocess.run(command, check=True)) for _ in range(IMPORTS))

        handler = run("from functions.summarise_test_report.handler import handle")
        baseline = run("import boto3")
    return {"handler_ms": ms(handler), "boto3_ms": ms(baseline), "ratio": round(handler / baseline, 2)}


def synth() -> None:
    """Synthesize as a developer does."""
    subprocess.run([ROOT / ".venv/bin/cdk", "synth", "--quiet"], cwd=ROOT, check=True, capture_output=True)


def put_to_start(deployment: Deployment) -> dict[str, float]:
    """Measure the time from a PutObject to the claim of its run: once cold, then warm."""
    cold, *warm = (start_delay(deployment, f"reports/bench/start-{number}.xml") for number in range(WARM + 1))
    return {"cold": cold, "warm_median": round(statistics.median(warm), 1), "warm_worst": max(warm)}


def start_delay(deployment: Deployment, key: str) -> float:
    """Return the milliseconds from a write to the claim of its run."""
    bucket = deployment.bucket("outputs")
    began = time.time()
    deployment.client("s3").put_object(Bucket=bucket, Key=key, Body=GREEN)
    rows: list[Any] = []

    def claimed() -> bool:
        rows[:] = History(deployment).rows(f"s3://{bucket}/{key}")
        return bool(rows) and rows[0]["decision"] == "processed"

    emulator.wait_until(claimed, DEADLINE_SECONDS, every=0.01)
    return float(round(int(rows[0]["claimed_at"]) - began * 1_000, 1))


def burst(deployment: Deployment, queue: str, prefix: str) -> float:
    """Write 2,000 reports and wait until the queue is empty; return the events per second, including the writes."""
    bucket, s3, sqs = deployment.bucket("outputs"), deployment.client("s3"), deployment.client("sqs")

    def write(number: int) -> None:
        s3.put_object(Bucket=bucket, Key=f"{prefix}bench/{number}.xml", Body=GREEN)

    began = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(BURST)))
    if not emulator.wait_until(lambda: not count(sqs, queue), DEADLINE_SECONDS, every=0.2):
        raise TimeoutError(f"the queue of {prefix} is not empty after {DEADLINE_SECONDS} s")
    return round(BURST / (time.monotonic() - began), 1)


def bursts(deployment: Deployment) -> dict[str, float]:
    """Compare Herald with the bare handler; each runs two bursts, and the first one only starts the workers."""
    queues = {"reports/": deployment.queues["summarise_test_report"]["queue"], bare.PREFIX: bare.install(deployment)}
    rates = {prefix: [burst(deployment, queue, prefix) for _ in range(2)] for prefix, queue in queues.items()}
    ratio = rates["reports/"][1] / rates[bare.PREFIX][1]
    return {"herald": rates["reports/"][1], "bare": rates[bare.PREFIX][1], "ratio": round(ratio, 2)}


def demo() -> dict[str, float]:
    """Measure `make demo` in a new clone, and again after it is set up."""
    environment = {name: value for name, value in os.environ.items() if name != "HERALD_STATE"}
    with tempfile.TemporaryDirectory() as directory:
        clone = Path(directory) / "herald"
        subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True)  # noqa: S607 - git from PATH

        def make() -> None:
            subprocess.run(["make", "demo"], cwd=clone, check=True, capture_output=True, env=environment)  # noqa: S607 - make from PATH

        figures = {"fresh": round(seconds(make), 1), "warm": round(seconds(make), 1)}
        subprocess.run([clone / ".venv/bin/herald", "local", "down"], check=True, capture_output=True, env=environment)
        shutil.rmtree(clone)
    return figures


def seconds(action: Callable[[], object]) -> float:
    """Return how long an action takes."""
    began = time.monotonic()
    action()
    return time.monotonic() - began


def ms(duration: float) -> float:
    """Return seconds as milliseconds."""
    return round(duration * 1_000, 1)


def progress(step: str) -> None:
    """Print a step on stderr."""
    print(f"· {step}", file=sys.stderr)  # noqa: T201 - progress


main()
