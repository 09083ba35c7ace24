"""`herald why --wait` waits for open runs and for queues, and ends at its deadline."""

from herald.deployment.deployment import Deployment
from herald.errors import CommandError
from tests.unit.herald.investigate.installation import FILE, enqueue, journalled, run, settled, totalled


def test_the_command_shows_what_it_waits_for_and_ends_with_the_answer(deployment: Deployment) -> None:
    """A function that cannot start keeps its message: at the deadline the answer appears and the exit code is 1."""
    totalled(deployment)
    enqueue(deployment, "book")
    asked = run("why", FILE, "--wait")
    assert asked.exit_code == 1
    assert "waiting for book (its queue is not empty)\n" in asked.stderr
    assert "book has not run" in asked.stdout
    assert isinstance(asked.exception, CommandError)
    assert str(asked.exception) == f"{FILE}: after 0.3 s still waiting for book (its queue is not empty)"


def test_an_open_run_is_named_with_its_decision(deployment: Deployment) -> None:
    """The run is being retried."""
    settled(deployment, FILE, "total", {"id": "1", "type": "Object Created"}, decision="retrying")
    asked = run("why", FILE, "--wait")
    assert "waiting for total (retrying)\n" in asked.stderr
    assert str(asked.exception).endswith("still waiting for total (retrying)")


def test_queues_of_other_functions_do_not_count(deployment: Deployment) -> None:
    """At the deadline the queue of a function that has run does not count either: it may hold other events."""
    totalled(deployment)
    settled(deployment, "invoice/7", "book", {"id": "e7", "type": "invoice.totalled"})
    journalled(deployment, 1)
    enqueue(deployment, "measure")
    enqueue(deployment, "archive")
    asked = run("why", FILE, "--wait")
    assert (asked.exit_code, "waiting for" in asked.stderr) == (0, False)
    enqueue(deployment, "total")
    asked = run("why", FILE, "--wait")
    assert (asked.exit_code, "waiting for total (its queue is not empty)" in asked.stderr) == (0, True)
