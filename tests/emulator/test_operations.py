"""Commands of operators on the local AWS: pause, resume, the journal, replay and reconcile."""

import json
from datetime import datetime
from typing import Final

import pytest

from herald.deployment import switch
from herald.local import emulator
from tests.emulator.support.commands import answer, run
from tests.emulator.support.deployed import Aws
from tests.emulator.support.reports import GREEN, REPORTS

SECONDS: Final = 120


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("dlq", "list", "--function"), "no queue and no dead letters of a function 'notfy' found"),
        (("dlq", "show", "--function"), "no queue and no dead letters of a function 'notfy' found"),
        (("dlq", "redrive", "--function"), "no queue and no dead letters of a function 'notfy' found"),
        (("dlq", "drop", "--yes", "--function"), "no queue and no dead letters of a function 'notfy' found"),
        (("replay", "--from", "1h", "--function"), "no function 'notfy' is deployed here"),
        (("reconcile",), "no function 'notfy' is deployed here"),
        (("pause",), "no function 'notfy' is deployed here"),
        (("resume",), "no function 'notfy' is deployed here"),
    ],
)
@pytest.mark.usefixtures("aws")
def test_an_unknown_function_is_an_error(arguments: tuple[str, ...], reason: str) -> None:
    """The message suggests the nearest name."""
    refused = run(*arguments, "notfy")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert str(refused.exception) == f"{reason}; did you mean 'notify'?"


@pytest.mark.usefixtures("paused")
def test_events_wait_while_a_function_is_paused(aws: Aws) -> None:
    """A pause uses up no attempts: after resume the event is processed on its first attempt."""
    assert run("pause", REPORTS).exit_code == 0, "a second pause changes nothing"
    assert answer("local", "status")["paused"] == [REPORTS]
    subject = aws.put("reports/waits.xml", GREEN)
    assert emulator.wait_until(lambda: aws.waiting(REPORTS) == 1, SECONDS)
    explained = answer("why", subject, "--wait")
    assert explained["paused"] == [REPORTS]
    assert explained["not_run"][0]["function"] == REPORTS, "functions with a matching pattern come first"
    shown = run("why", subject).stdout
    assert shown.index(f"{REPORTS} is paused") < shown.index("ran nothing")
    queued = f"; the queues of these functions may hold its event: {REPORTS}"
    assert queued in str(run("why", subject.replace("waits.xml", "404.xml")).exception)
    assert REPORTS not in str(run("why", "customer/404").exception), "its pattern matches no event of a customer"
    reasons = {each["function"]: each["reason"] for each in explained["not_run"]}
    assert reasons[REPORTS] == "it is paused: the event waits in its queue"
    assert aws.waiting(REPORTS) == 1
    assert run("resume", REPORTS).exit_code == 0
    (decision,) = aws.decisions(subject)
    assert (decision["decision"], decision["attempt"]) == ("processed", 1)
    assert answer("local", "status")["paused"] == []
    assert "no function 'nobody' is deployed here" in str(run("pause", "nobody").exception)


def test_a_replay_is_a_duplicate_or_runs_anew(aws: Aws) -> None:
    """Without --new a processed event is a duplicate; with --new it runs again, with a row that names the replay."""
    subject = aws.put("reports/replayed.xml", GREEN)
    aws.decisions(subject)
    aws.drain("journal")
    lines = [json.loads(line) for line in run("journal", "show", "--subject", subject, "--json").stdout.splitlines()]
    events = {line["detail-type"]: line["detail"] for line in lines}
    assert events["Object Created"]["object"]["key"] == "reports/replayed.xml"
    assert events["report.published"]["causationid"] == aws.decisions(subject)[0]["event_id"]
    shown = run("journal", "show", "--subject", subject).stdout
    ended = run("journal", "show", "--subject", subject, "--outcome").stdout.splitlines()
    assert [f"{REPORTS} processed" in line for line in ended if "Object Created" in line] == [True]
    assert ("Object Created" in shown, "report.published" in shown) == (True, True)
    times = sorted((line["time"] for line in lines), key=datetime.fromisoformat)
    assert [line.partition("  ")[0] for line in shown.splitlines()] == times
    only = ("--function", REPORTS, "--from", "1h", "--subject", subject)
    assert run("replay", *only, "--dry-run").stdout == f"1 event would be replayed to {REPORTS}.\n"
    assert run("replay", *only, "--name", "plain").stdout == f"1 event was replayed to {REPORTS} as plain.\n"
    aws.drain(REPORTS)
    assert len(aws.decisions(subject)) == 1
    for _ in range(2):  # the second replay with the same name is a duplicate
        assert run("replay", *only, "--new", "--name", "anew").exit_code == 0
        aws.drain(REPORTS)
        first, again = aws.decisions(subject, runs=2)
        assert (first["replay"], again["replay"]) == (None, "anew")
        assert (first["decision"], again["decision"]) == ("processed", "processed")
        assert first["event_id"] == again["event_id"]
    assert aws.versions("reports/replayed.xml") == {"reports/replayed.xml.json": 2}
    nothing = run("replay", "--function", REPORTS, "--from", "1h", "--to", "2h")
    assert "--from must be before --to" in str(nothing.exception)
    old = run("replay", "--function", REPORTS, "--from", "365d")
    assert "use --new to allow that" in str(old.exception)


@pytest.mark.usefixtures("no_dead_letters", "paused")
def test_reconcile_finds_and_repairs_lost_messages(aws: Aws) -> None:
    """Purging the queue loses messages; the journal and the bucket have their events, and --repair sends them."""
    prefix = "reports/lost"
    subjects = [aws.put(f"{prefix}/{name}.xml", GREEN) for name in "ab"]
    aws.drain("journal")
    aws.deployment.client("sqs").purge_queue(QueueUrl=aws.deployment.queues[REPORTS]["queue"])
    found = answer("reconcile", REPORTS, "--from", "1h")
    missing = {each["subject"] for each in found["findings"] if each["state"] == "missing"}
    assert missing >= set(subjects)
    repaired = run("reconcile", REPORTS, "--from", "1h", "--repair")
    assert repaired.exit_code == 0
    assert " delivered again." in repaired.stderr
    switch.resume(aws.deployment, REPORTS)
    for subject in subjects:
        (decision,) = aws.decisions(subject)
        assert (decision["decision"], decision["attempt"]) == ("processed", 1)
    aws.drain(REPORTS)
    assert answer("reconcile", REPORTS, "--from", "1h")["missing"] == 0
    assert aws.versions(prefix) == {f"{prefix}/{name}.xml.json": 1 for name in "ab"}
