"""The function on a stage with a double of S3."""

import pytest

from functions.close_public_bucket.handler import handle
from functions.runtime.core import aws
from tests.stage import Stage, install
from tests.unit.close_public_bucket.buckets import Buckets


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Buckets:
    """Put the bucket where the runtime looks for S3."""
    buckets = Buckets()
    monkeypatch.setattr(aws, "s3", lambda: buckets)
    return buckets


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch, s3: Buckets) -> Stage:
    """Set the stage for a function that may close what begins with herald-."""
    assert not s3.calls
    return install(Stage(handle.handler), monkeypatch, BLOCK_PUBLIC="herald-dev-*")
