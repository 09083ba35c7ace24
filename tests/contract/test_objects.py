"""Every function that reads objects accepts gzip and ignores the objects of folders."""

import gzip
import importlib
import json
from typing import Any, Final

import pytest

from functions.runtime.batch.attempt import Handler
from functions.runtime.core import aws, variables
from infra.declarations import loader
from infra.declarations.spec import FunctionSpec
from tests.doubles import NAMES
from tests.events import BUCKET
from tests.unit.runtime.conftest import World

READERS: Final = [
    pytest.param(spec, sample, id=f"{spec.name} {sample}")
    for spec in loader.load()
    if spec.queued
    for sample in spec.trigger.samples
    if (loader.ROOT / f"events/{sample}.object").exists()
]
each_reader = pytest.mark.parametrize(("spec", "sample"), READERS)


def handler(function: str) -> Handler:
    """Return a function's undecorated handler."""
    handle: Handler = importlib.import_module(f"functions.{function}.handler").handle.handler
    return handle


def event_of(sample: str, number: int, **obj: Any) -> str:  # noqa: ANN401 - fields of S3
    """Return the event of a sample, for a later write."""
    event = loader.resolve(loader.sample(sample), dict.fromkeys(NAMES, BUCKET))
    event["detail"]["object"] |= {"sequencer": f"{number:018X}"} | obj
    return json.dumps(event)


@pytest.fixture(autouse=True)
def declared_settings(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the handler the [settings] of its function.toml, as a deployment does."""
    spec: FunctionSpec = request.getfixturevalue("spec")
    monkeypatch.setenv(variables.SETTINGS, json.dumps(spec.settings))


def artifacts() -> list[bytes]:
    """Return the objects in the artifacts bucket, and empty it."""
    listed = aws.s3().list_objects_v2(Bucket="artifacts-bucket").get("Contents", [])
    found = [aws.s3().get_object(Bucket="artifacts-bucket", Key=each["Key"])["Body"].read() for each in listed]
    for each in listed:
        aws.s3().delete_object(Bucket="artifacts-bucket", Key=each["Key"])
    return found


@each_reader
def test_an_object_in_gzip_is_read_as_what_is_in_it(world: World, spec: FunctionSpec, sample: str) -> None:
    """It has the same result as the uncompressed object. Another encoding is rejected with a reason that names it."""
    content = (loader.ROOT / f"events/{sample}.object").read_bytes()
    key = json.loads(event_of(sample, 1))["detail"]["object"]["key"]
    made = []
    for number, (body, encoding) in enumerate(
        [(content, "identity"), (gzip.compress(content), "gzip"), (content, "br")]
    ):
        put = aws.s3().put_object(Bucket=BUCKET, Key=key, Body=body, ContentEncoding=encoding)
        world.send(event_of(sample, number, **{"version-id": put["VersionId"], "size": len(body)}))
        world.deliver(handler(spec.name), request_id=f"request-{number}")
        made.append(artifacts())
    plain, packed, refused = made
    assert plain == packed != []
    assert refused == []
    ((_, dead_letter),) = world.dead_letters()
    assert dead_letter["reason"].endswith("has the Content-Encoding 'br'; only gzip is supported")


@each_reader
def test_a_folder_runs_nothing(world: World, monkeypatch: pytest.MonkeyPatch, spec: FunctionSpec, sample: str) -> None:
    """A folder from the console, at the function's prefix or below it, causes no dead letter."""
    monkeypatch.setenv("HERALD_ORDER", spec.delivery.order)
    key = json.loads(event_of(sample, 1))["detail"]["object"]["key"]
    folders = [key[: key.index("/") + 1]] if "/" in key else []  # a prefix may be without a slash
    for number, folder in enumerate([*folders, f"{key}/"]):
        put = aws.s3().put_object(Bucket=BUCKET, Key=folder, Body=b"")
        world.send(event_of(sample, number, key=folder, size=0, **{"version-id": put["VersionId"]}))
    assert world.deliver(handler(spec.name)) == []
    assert {row["decision"] for row in world.rows() if "decision" in row} == {"ignored"}
    assert (artifacts(), world.emitted(), world.dead_letters()) == ([], [], [])
