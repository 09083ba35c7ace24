"""Deploys Herald to the local AWS once for all tests in this folder."""

from collections.abc import Iterator

import pytest

from herald.dead_letters import listing, redrive
from herald.deployment import queues, switch
from herald.local import emulator, local
from tests.emulator.support import proxy as proxies
from tests.emulator.support.deployed import Aws
from tests.emulator.support.reports import REPORTS


@pytest.fixture(scope="session")
def aws() -> Iterator[Aws]:
    """Deploy Herald to a new emulator, and stop it afterwards."""
    emulator.stop()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(queues, "WAIT_SECONDS", 0)  # the emulator returns all messages at once
        try:
            yield Aws(local.up("dev", print))
        finally:
            emulator.stop()


@pytest.fixture
def no_dead_letters(aws: Aws) -> Iterator[None]:
    """Delete the dead letters of the function of reports before and after a test."""
    mine = listing.Filter(function=REPORTS)
    redrive.drop(aws.deployment, mine, lambda _: None)
    yield
    redrive.drop(aws.deployment, mine, lambda _: None)


@pytest.fixture
def paused(aws: Aws) -> Iterator[None]:
    """Pause the function of reports, and resume it after the test."""
    switch.pause(aws.deployment, REPORTS)
    yield
    switch.resume(aws.deployment, REPORTS)


@pytest.fixture(scope="module")
def proxy(aws: Aws) -> Iterator[proxies.Proxy]:
    """Let the function of reports call AWS through a proxy that makes calls fail."""
    with proxies.before(aws, REPORTS) as proxy:
        yield proxy
