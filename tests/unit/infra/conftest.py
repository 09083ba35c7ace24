"""Fixtures of the infrastructure's unit tests."""

from pathlib import Path

import pytest

from tests.unit.infra.declared import make_repository


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Make a repository with samples and contracts, and no function."""
    make_repository(tmp_path)
    return tmp_path
