"""`herald runs` lists settled runs by the index of the ledger, newest first, and follows new ones."""

import json
from datetime import timedelta
from typing import Any

import pytest

from herald.deployment.deployment import Deployment
from herald.errors import CommandError
from herald.investigate import settled_runs as reading
from herald.investigate.settled_runs import Wanted
from tests.unit.herald.investigate.installation import FILE, now_ms, run, settled

HOUR_MS = int(timedelta(hours=1).total_seconds() * 1000)


def fill(deployment: Deployment, count: int = 40) -> int:
    """Put runs on so many subjects into the ledger, a minute apart; return the time of the newest one."""
    now = now_ms()
    for number in range(count):
        fields = {"id": f"e{number}", "type": "customer.created"}
        settled(deployment, f"customer/{number}", "greet", fields, settled_at=now - number * 60_000, duration_ms=1_500)
    return now


def listed(*options: str) -> list[dict[str, Any]]:
    """Return the runs of `herald runs --json`."""
    answer = run("runs", "--json", *options)
    assert answer.exit_code == 0, (answer.output, answer.exception)
    found: list[dict[str, Any]] = json.loads(answer.stdout)["runs"]
    return found


def test_the_newest_runs_of_all_shards_and_hours_come_first(deployment: Deployment) -> None:
    """Runs of an hour are in 16 shards; the answer merges them, and ends at the limit and at the time."""
    fill(deployment, 100)
    newest = listed("--limit", "90", "--since", "3h")
    assert [each["subject"] for each in newest] == [f"customer/{number}" for number in range(90)]
    assert len(listed("--since", "30m", "--limit", "90")) == 30
    assert "these are the newest 5" in run("runs", "--limit", "5").stderr


def test_a_run_without_an_hour_is_not_listed(deployment: Deployment) -> None:
    """Such rows are of runs in their first attempt, and of older versions."""
    client: Any = deployment.client("dynamodb")
    item = {"pk": "customer/1", "sk": "greet#1", "decision": "running", "facts": "{}"}
    client.put_item(TableName="ledger", Item={name: {"S": text} for name, text in item.items()})
    assert listed() == []
    assert run("runs").stdout == "No runs found.\n"


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--function", "total"], {"1"}),
        (["--function", "arn:aws:lambda:eu-west-1:111122223333:function:herald-dev-total"], {"1"}),
        (["--decision", "rejected"], {"2"}),
        (["--error"], {"2", "3"}),
        (["--error", "--function", "total"], set()),
    ],
)
def test_options_select_runs(deployment: Deployment, options: list[str], expected: set[str]) -> None:
    """`total` is not the beginning of `total_up`, and a replay is a run of its function."""
    settled(deployment, FILE, "total@again", {"id": "1", "type": "t"})
    settled(deployment, FILE, "total_up", {"id": "2", "type": "t"}, decision="rejected", error_class="Permanent")
    settled(deployment, FILE, "book", {"id": "3", "type": "t"}, decision="retrying", error_class="TimeoutError")
    assert {each["event_id"] for each in listed(*options)} == expected


def test_a_run_has_its_reason_and_short_names(deployment: Deployment) -> None:
    """The reason comes from the row in the table; `--verbose` and `--json` have the physical name of the bucket."""
    more: dict[str, Any] = {"error_class": "TimeoutError", "reason": "no answer", "correlation_id": "c", "attempt": 2}
    more |= {"decision": "retrying", "settled_at": now_ms() - 90_000}
    settled(deployment, FILE, "total", {"id": "1", "type": "Object Created"}, **more)
    (found,) = listed()
    assert found | {"subject": FILE, "short_subject": "invoices/in/7.json", "error": "TimeoutError"} == found
    assert (found["reason"], found["correlation_id"], found["attempt"]) == ("no answer", "c", 2)
    line = run("runs").stdout
    assert "total    retrying   invoices/in/7.json  TimeoutError: no answer  attempt 2, 0 ms" in line
    assert "   1 min ago  total" in line
    assert f"  {FILE}  " in run("runs", "--verbose").stdout


def test_reasons_are_read_only_for_the_runs_that_are_shown(deployment: Deployment) -> None:
    """A hundred thousand runs of an hour take no hundred thousand reads."""
    fill(deployment)
    read: list[int] = []

    def note(params: dict[str, Any], **_: object) -> None:
        read.extend(len(request["Keys"]) for request in params["RequestItems"].values())

    deployment.client("dynamodb").meta.events.register("provide-client-params.dynamodb.BatchGetItem", note)
    assert len(listed("--limit", "7")) == 7
    assert read == [7]


def test_the_runs_of_one_event_take_one_shard(deployment: Deployment) -> None:
    """Of each hour: a query of all shards would cost sixteen times as much."""
    fill(deployment)
    partitions: list[str] = []
    client = deployment.client("dynamodb")

    def note(params: dict[str, Any], **_: object) -> None:
        partitions.append(params["ExpressionAttributeValues"][":hour"]["S"])

    client.meta.events.register("provide-client-params.dynamodb.Query", note)
    found = list(reading.settled(deployment, Wanted(event_id="e30"), now_ms() - 2 * HOUR_MS, 1))
    assert [row["pk"] for row in found] == ["customer/30"]
    assert len(partitions) == 3
    assert len({partition.partition("#")[2] for partition in partitions}) == 1


def test_follow_ends_at_ctrl_c_without_an_error(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    """It prints the runs that are there, oldest first, then each new one once, also if it is settled out of order."""
    now = fill(deployment, 2)
    pauses: list[float] = []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) > 2:
            raise KeyboardInterrupt
        at = now - len(pauses) * 1_000  # the second one is older than the first one
        settled(deployment, f"new/{len(pauses)}", "greet", {"id": f"n{len(pauses)}", "type": "t"}, settled_at=at)

    monkeypatch.setattr("time.sleep", sleep)
    answer = run("runs", "--follow", "--json")
    assert answer.exit_code == 0
    subjects = [json.loads(line)["subject"] for line in answer.stdout.splitlines()]
    assert subjects == ["customer/1", "customer/0", "new/1", "new/2"]
    assert set(pauses) == {2}


def test_runs_that_the_limit_left_out_are_not_followed(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    """Although they are as new as the runs that may enter the index late."""
    now = now_ms()
    for number in range(5):
        settled(deployment, f"a/{number}", "greet", {"id": f"a{number}", "type": "t"}, settled_at=now - number * 10)

    polls: list[float] = []

    def sleep(seconds: float) -> None:
        polls.append(seconds)
        if len(polls) > 1:
            raise KeyboardInterrupt

    monkeypatch.setattr("time.sleep", sleep)
    lines = run("runs", "--follow", "--json", "--limit", "2").stdout.splitlines()
    assert [json.loads(line)["subject"] for line in lines] == ["a/1", "a/0"]


def test_an_unknown_function_and_a_running_decision_are_refused(deployment: Deployment) -> None:
    """Each message says what to use instead."""
    assert deployment
    unknown = run("runs", "--function", "totl")
    assert isinstance(unknown.exception, CommandError)
    assert "did you mean 'total'?" in str(unknown.exception)
    assert run("runs", "--decision", "running").exit_code == 2
