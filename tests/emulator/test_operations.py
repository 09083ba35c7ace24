"""What operators do when something went wrong: dead letters, pauses, the journal, replays, reconciliation."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, Never

import pytest
from typer.testing import CliRunner, Result

from herald import cli
from herald.dead_letters import letters
from herald.deployment import switch
from herald.deployment.queues import Hold, Pace, post
from herald.local import emulator
from tests.emulator.conftest import Aws
from tests.emulator.test_journey import GREEN
from tests.events import body, object_created

LETTERS: Final = 1_000
SECONDS: Final = 120
REPORTS: Final = "summarise_test_report"


def run(*arguments: str) -> Result:
    """Run a command in this process."""
    return CliRunner().invoke(cli.app, list(arguments))


def answer(*arguments: str) -> dict[str, Any]:
    """Run a command that succeeds, and read what it prints for machines."""
    asked = run(*arguments, "--json")
    assert asked.exit_code == 0, (asked.output, asked.exception)
    found: dict[str, Any] = json.loads(asked.stdout)
    return found


def bury(aws: Aws, *keys: str) -> None:
    """Announce objects that are not there, and wait until each lies in the dead-letter queue."""
    bodies = [body(object_created(key, None, bucket=aws.deployment.bucket("outputs"))) for key in keys]
    before = aws.waiting(REPORTS, "dead_letters")
    enqueue(aws, bodies)
    assert emulator.wait_until(lambda: aws.waiting(REPORTS, "dead_letters") == before + len(keys), SECONDS, every=0.1)
    aws.drain(REPORTS)


def enqueue(aws: Aws, bodies: Sequence[str]) -> None:
    """Put messages into the queue of reports in few calls."""
    messages: list[dict[str, Any]] = [{"MessageBody": each, "MessageAttributes": {}} for each in bodies]
    sent = post(aws.deployment.client("sqs"), aws.deployment.queues[REPORTS]["queue"], messages)
    assert len(sent) == len(bodies)


@pytest.fixture
def no_letters(aws: Aws) -> Iterator[None]:
    """Begin and end without dead letters of reports."""
    mine = letters.Filter(function=REPORTS)
    letters.drop(aws.deployment, mine, lambda _: None)
    yield
    letters.drop(aws.deployment, mine, lambda _: None)


@pytest.fixture
def paused(aws: Aws) -> Iterator[None]:
    """Pause the function of reports, and let it run again at the end."""
    assert run("pause", REPORTS).exit_code == 0
    yield
    switch.resume(aws.deployment, REPORTS)


@pytest.mark.usefixtures("no_letters")
def test_a_thousand_dead_letters_are_redriven_and_act_once(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    """Redriven until Ctrl-C, again until the connection breaks between send and delete, and again to the end."""
    bucket, s3 = aws.deployment.bucket("outputs"), aws.deployment.client("s3")
    keys = [f"elsewhere/mend/{number:04}.xml" for number in range(LETTERS)]
    bury(aws, *keys)
    (group,) = answer("dlq", "list", "--function", REPORTS)["groups"]
    assert (group["count"], group["error"]) == (LETTERS, "Permanent")
    assert group["reason"].endswith("was deleted before it was read")

    with ThreadPoolExecutor(8) as pool:  # the fault is mended
        list(pool.map(lambda key: s3.put_object(Bucket=bucket, Key=key, Body=GREEN), keys))

    told = Counter[str]()

    def interrupted(moved: int) -> None:
        told["moved"] += moved
        if told["moved"] >= 300:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        letters.redrive(
            aws.deployment, letters.Filter(function=REPORTS), force=False, pace=Pace(None), progress=interrupted
        )
    left = LETTERS - 300
    assert aws.waiting(REPORTS, "dead_letters") == left
    with monkeypatch.context() as patch:
        patch.setattr(Hold, "delete", broken)
        assert isinstance(run("dlq", "redrive", "--function", REPORTS).exception, BrokenPipeError)
    assert aws.waiting(REPORTS, "dead_letters") == left

    moved = run("dlq", "redrive", "--function", REPORTS)
    assert (moved.exit_code, moved.stdout) == (0, f"{left} letters were redriven.\n")
    assert moved.stderr == "local AWS, environment dev\n", "what is no terminal gets no bar"
    aws.drain(REPORTS)
    assert aws.versions("elsewhere/mend/") == Counter(f"{key}.json" for key in keys)
    rows = [row for key in keys[::50] for row in aws.decisions(f"s3://{bucket}/{key}")]
    decided = Counter((row["decision"], row["attempt"], row["redrives"]) for row in rows)
    assert decided == {("processed", 1, 1): LETTERS / 50}
    assert aws.waiting(REPORTS, "dead_letters") == 0


def broken(*_: object) -> Never:
    """Fail as a connection that is gone."""
    raise BrokenPipeError


@pytest.mark.usefixtures("no_letters")
def test_letters_are_chosen_by_what_they_say(aws: Aws) -> None:
    """By function, error, subject and age; what is not meant stays where it is."""
    bucket = aws.deployment.bucket("outputs")
    bury(aws, "elsewhere/chosen/a.xml", "elsewhere/chosen/b.xml", "elsewhere/other.xml")
    enqueue(aws, ["no event"])
    assert emulator.wait_until(lambda: aws.waiting(REPORTS, "dead_letters") == 4, SECONDS)

    def found(*arguments: str) -> int:
        return len(answer("dlq", "show", "--function", REPORTS, *arguments)["letters"])

    assert found() == 4
    assert found("--error", "EnvelopeError") == 1
    assert found("--subject", f"s3://{bucket}/elsewhere/chosen/*") == 2
    assert found("--subject", f"s3://{bucket}/elsewhere/other.xml") == 1
    assert found("--older-than", "1h") == 0
    assert len(answer("dlq", "show", "--function", "notify", "--error", "EnvelopeError")["letters"]) == 0
    groups = answer("dlq", "list", "--function", REPORTS)["groups"]
    assert {(group["error"], group["count"]) for group in groups} == {("Permanent", 3), ("EnvelopeError", 1)}
    (letter,) = answer("dlq", "show", "--function", REPORTS, "--error", "EnvelopeError")["letters"]
    assert (letter["body"], letter["said"]["attempts"], letter["said"]["generation"]) == ("no event", 1, 0)

    chosen = ("--function", REPORTS, "--subject", f"s3://{bucket}/elsewhere/chosen/*")
    assert run("dlq", "drop", *chosen, "--dry-run").stdout == "2 letters would be deleted.\n"
    assert run("dlq", "drop", *chosen).exit_code == 2, "nobody is there to say yes"
    assert found() == 4
    assert run("dlq", "drop", *chosen, "--yes").stdout == "2 letters were deleted.\n"
    assert found() == 2


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("dlq", "list", "--function"), "there is no queue of a function 'notfy' here, and no letter of it"),
        (("dlq", "show", "--function"), "there is no queue of a function 'notfy' here, and no letter of it"),
        (("dlq", "redrive", "--function"), "there is no queue of a function 'notfy' here, and no letter of it"),
        (("dlq", "drop", "--yes", "--function"), "there is no queue of a function 'notfy' here, and no letter of it"),
        (("replay", "--from", "1h", "--function"), "there is no function 'notfy' here"),
        (("reconcile",), "there is no function 'notfy' here"),
        (("pause",), "there is no function 'notfy' here"),
        (("resume",), "there is no function 'notfy' here"),
    ],
)
def test_a_function_that_is_not_there_is_refused(aws: Aws, arguments: tuple[str, ...], reason: str) -> None:  # noqa: ARG001 - deployed
    """As a declaration refuses a key: with the nearest there is, and not with an empty answer."""
    refused = run(*arguments, "notfy")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert str(refused.exception) == f"{reason}; did you mean 'notify'?"


@pytest.mark.usefixtures("no_letters")
def test_what_keeps_failing_is_redriven_three_times(aws: Aws) -> None:
    """Each redrive is one more generation; the fourth needs --force."""
    bury(aws, "elsewhere/hopeless.xml")
    for generation in range(letters.REDRIVES):
        (letter,) = answer("dlq", "show", "--function", REPORTS)["letters"]
        assert letter["generation"] == generation
        assert run("dlq", "redrive", "--function", REPORTS).stdout == "1 letter was redriven.\n"
        assert emulator.wait_until(lambda: aws.waiting(REPORTS, "dead_letters") == 1, SECONDS)
    assert (
        run("dlq", "redrive", "--function", REPORTS, "--dry-run").stdout == "0 letters would be redriven, 1 refused.\n"
    )
    refused = run("dlq", "redrive", "--function", REPORTS)
    assert refused.exit_code == 1
    assert "1 letter stays, redriven 3 times before: --force moves such letters" in str(refused.exception)
    assert run("dlq", "redrive", "--function", REPORTS, "--force").stdout == "1 letter was redriven.\n"
    (decision,) = aws.decisions(f"s3://{aws.deployment.bucket('outputs')}/elsewhere/hopeless.xml")
    assert decision["decision"] == "rejected"


def test_what_eventbridge_could_not_deliver_goes_to_its_function(aws: Aws) -> None:
    """The queue `undelivered` says why in EventBridge's words; redriven, the event runs."""
    sqs, bucket = aws.deployment.client("sqs"), aws.deployment.bucket("outputs")
    aws.deployment.client("s3").put_object(Bucket=bucket, Key="elsewhere/undelivered.xml", Body=GREEN)
    words = {
        "ERROR_CODE": "NO_PERMISSIONS",
        "ERROR_MESSAGE": "The queue's policy refused it.",
        "RULE_ARN": f"arn:aws:events:us-east-1:000000000000:rule/herald-dev-{REPORTS}-default",
        "TARGET_ARN": f"arn:aws:sqs:us-east-1:000000000000:herald-dev-{REPORTS}",
    }
    sqs.send_message(
        QueueUrl=aws.deployment.outputs["Undelivered"],
        MessageBody=body(object_created("elsewhere/undelivered.xml", None, bucket=bucket)),
        MessageAttributes={name: {"DataType": "String", "StringValue": text} for name, text in words.items()},
    )
    (group,) = [each for each in answer("dlq", "list")["groups"] if each["place"] == "undelivered"]
    assert (group["function"], group["error"], group["reason"]) == (REPORTS, *list(words.values())[:2])
    shown = run("dlq", "list", "--error", "NO_PERMISSIONS").stdout
    assert f"{REPORTS} (undelivered) NO_PERMISSIONS  1 letter," in shown
    moved = run("dlq", "redrive", "--error", "NO_PERMISSIONS")
    assert (moved.exit_code, moved.stdout) == (0, "1 letter was redriven.\n")
    (decision,) = aws.decisions(f"s3://{bucket}/elsewhere/undelivered.xml")
    assert decision["decision"] == "processed"


def test_what_was_for_a_function_that_is_gone_is_found_by_its_name(aws: Aws) -> None:
    """It stays where it is when it is redriven; it may be dropped."""
    target = {"DataType": "String", "StringValue": "arn:aws:sqs:us-east-1:000000000000:herald-dev-gone"}
    aws.deployment.client("sqs").send_message(
        QueueUrl=aws.deployment.outputs["Undelivered"], MessageBody="{}", MessageAttributes={"TARGET_ARN": target}
    )
    assert [group["function"] for group in answer("dlq", "list", "--function", "gone")["groups"]] == ["gone"]
    assert run("dlq", "redrive", "--function", "gone").exit_code == 1
    assert run("dlq", "drop", "--function", "gone", "--yes").stdout == "1 letter was deleted.\n"


def test_a_paused_function_lets_its_events_wait(aws: Aws, paused: None) -> None:  # noqa: ARG001 - paused meanwhile
    """They are not spent: after resume each runs on its first attempt."""
    assert answer("local", "status")["paused"] == [REPORTS]
    subject = aws.put("reports/waits.xml", GREEN)
    assert emulator.wait_until(lambda: aws.waiting(REPORTS) == 1, SECONDS)
    told = answer("why", subject, "--wait")
    assert told["paused"] == [REPORTS]
    assert told["not_run"][0]["function"] == REPORTS, "before those whose patterns do not match"
    shown = run("why", subject).stdout
    assert shown.index(f"{REPORTS} is paused") < shown.index("ran nothing")
    waits = f"; it may be among what waits in the queues of {REPORTS}"
    assert waits in str(run("why", subject.replace("waits.xml", "404.xml")).exception)
    assert REPORTS not in str(run("why", "customer/404").exception), "no event of a customer matches its pattern"
    reasons = {each["function"]: each["reason"] for each in told["not_run"]}
    assert reasons[REPORTS] == "it is paused: the event waits in its queue"
    assert aws.waiting(REPORTS) == 1
    assert run("resume", REPORTS).exit_code == 0
    (decision,) = aws.decisions(subject)
    assert (decision["decision"], decision["attempt"]) == ("processed", 1)
    assert answer("local", "status")["paused"] == []
    assert "there is no function 'nobody' here" in str(run("pause", "nobody").exception)


def test_a_replay_is_a_duplicate_or_runs_anew(aws: Aws) -> None:
    """Without --new what was processed stays as it is; with it the run has a row of its own that names the replay."""
    subject = aws.put("reports/replayed.xml", GREEN)
    aws.decisions(subject)
    aws.drain("journal")
    lines = [json.loads(line) for line in run("journal", "show", "--subject", subject, "--json").stdout.splitlines()]
    events = {line["detail-type"]: line["detail"] for line in lines}
    assert events["Object Created"]["object"]["key"] == "reports/replayed.xml"
    assert events["report.published"]["causationid"] == aws.decisions(subject)[0]["event_id"]
    words = run("journal", "show", "--subject", subject).stdout
    assert ("Object Created" in words, "report.published" in words) == (True, True)
    assert [line.partition("  ")[0] for line in words.splitlines()] == [line["time"] for line in lines]
    only = ("--function", REPORTS, "--from", "1h", "--subject", subject)
    assert run("replay", *only, "--dry-run").stdout == f"1 event would be replayed to {REPORTS}.\n"
    assert run("replay", *only, "--name", "plain").stdout == f"1 event was replayed to {REPORTS} as plain.\n"
    aws.drain(REPORTS)
    assert len(aws.decisions(subject)) == 1
    for _ in range(2):  # safe to repeat: the replay's own run is a duplicate the second time
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
    assert "say --new if that is meant" in str(old.exception)


@pytest.mark.usefixtures("no_letters")
def test_reconcile_finds_and_repairs_what_was_lost(aws: Aws, paused: None) -> None:  # noqa: ARG001 - paused meanwhile
    """A purged queue loses messages; the journal and the bucket still know of them, and --repair brings them again."""
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
