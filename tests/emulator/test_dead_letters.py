"""`herald dlq` on the local AWS: dead letters are counted, selected, redriven and deleted."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Final, Never

import pytest

from herald.dead_letters import listing, redrive
from herald.deployment.queues import Hold, Pace
from herald.local import emulator
from tests.emulator.support.commands import answer, run
from tests.emulator.support.deployed import Aws
from tests.emulator.support.reports import GREEN, REPORTS, enqueue
from tests.events import body, object_created

DEAD_LETTERS: Final = 1_000
SECONDS: Final = 120


def dead_letter(aws: Aws, *keys: str) -> None:
    """Send events about objects that do not exist, and wait until each is in the dead-letter queue."""
    bodies = [body(object_created(key, None, bucket=aws.deployment.bucket("outputs"))) for key in keys]
    before = aws.waiting(REPORTS, "dead_letters")
    enqueue(aws, bodies)
    assert emulator.wait_until(lambda: aws.waiting(REPORTS, "dead_letters") == before + len(keys), SECONDS, every=0.1)
    aws.drain(REPORTS)


@pytest.mark.usefixtures("no_dead_letters")
def test_a_thousand_dead_letters_are_redriven_and_act_once(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C interrupts the first redrive, a broken connection the second between send and delete; the third ends."""
    bucket, s3 = aws.deployment.bucket("outputs"), aws.deployment.client("s3")
    keys = [f"elsewhere/mend/{number:04}.xml" for number in range(DEAD_LETTERS)]
    dead_letter(aws, *keys)
    (group,) = answer("dlq", "list", "--function", REPORTS)["groups"]
    assert (group["count"], group["error"]) == (DEAD_LETTERS, "Permanent")
    assert group["reason"].endswith("was deleted before it was read")

    with ThreadPoolExecutor(8) as pool:  # correct the fault
        list(pool.map(lambda key: s3.put_object(Bucket=bucket, Key=key, Body=GREEN), keys))

    steps: list[int] = []

    def interrupted(moved: int) -> None:
        steps.append(moved)
        if sum(steps) >= 300:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        redrive.redrive(
            aws.deployment, listing.Filter(function=REPORTS), force=False, pace=Pace(None), progress=interrupted
        )
    left = DEAD_LETTERS - 300
    assert aws.waiting(REPORTS, "dead_letters") == left
    with monkeypatch.context() as patch:
        patch.setattr(Hold, "delete", broken)
        assert isinstance(run("dlq", "redrive", "--function", REPORTS).exception, BrokenPipeError)
    assert aws.waiting(REPORTS, "dead_letters") == left

    moved = run("dlq", "redrive", "--function", REPORTS)
    assert (moved.exit_code, moved.stdout) == (0, f"{left} dead letters redriven.\n")
    assert moved.stderr == "local AWS, environment dev\n", "a progress bar appears on a terminal only"
    aws.drain(REPORTS)
    assert aws.versions("elsewhere/mend/") == Counter(f"{key}.json" for key in keys)
    rows = [row for key in keys[::50] for row in aws.decisions(f"s3://{bucket}/{key}")]
    decided = Counter((row["decision"], row["attempt"], row["redrives"]) for row in rows)
    assert decided == {("processed", 1, 1): DEAD_LETTERS / 50}
    assert aws.waiting(REPORTS, "dead_letters") == 0


def broken(*_: object) -> Never:
    """Fail like a closed connection."""
    raise BrokenPipeError


@pytest.mark.usefixtures("no_dead_letters")
def test_dead_letters_are_selected_by_function_error_subject_and_age(aws: Aws) -> None:
    """Dead letters that the filter does not select stay."""
    bucket = aws.deployment.bucket("outputs")
    dead_letter(aws, "elsewhere/chosen/a.xml", "elsewhere/chosen/b.xml", "elsewhere/other.xml")
    enqueue(aws, ["no event"])
    assert emulator.wait_until(lambda: aws.waiting(REPORTS, "dead_letters") == 4, SECONDS)

    def found(*arguments: str) -> int:
        return len(answer("dlq", "show", "--function", REPORTS, *arguments)["dead_letters"])

    assert found() == 4
    assert found("--error", "EnvelopeError") == 1
    assert found("--subject", f"s3://{bucket}/elsewhere/chosen/*") == 2
    assert found("--subject", f"s3://{bucket}/elsewhere/other.xml") == 1
    assert found("--older-than", "1h") == 0
    assert len(answer("dlq", "show", "--function", "notify", "--error", "EnvelopeError")["dead_letters"]) == 0
    groups = answer("dlq", "list", "--function", REPORTS)["groups"]
    assert {(group["error"], group["count"]) for group in groups} == {("Permanent", 3), ("EnvelopeError", 1)}
    (shown,) = answer("dlq", "show", "--function", REPORTS, "--error", "EnvelopeError")["dead_letters"]
    details = shown["details"]
    assert (shown["body"], details["attempts"], details["generation"]) == ("no event", 1, 0)

    chosen = ("--function", REPORTS, "--subject", f"s3://{bucket}/elsewhere/chosen/*")
    assert run("dlq", "drop", *chosen, "--dry-run").stdout == "2 dead letters would be deleted.\n"
    assert run("dlq", "drop", *chosen).exit_code == 2, "the command needs --yes without a terminal"
    assert found() == 4
    assert run("dlq", "drop", *chosen, "--yes").stdout == "2 dead letters deleted.\n"
    assert found() == 2


@pytest.mark.usefixtures("no_dead_letters")
def test_a_dead_letter_is_redriven_three_times_without_force(aws: Aws) -> None:
    """Each redrive increments the generation; the fourth redrive needs --force."""
    dead_letter(aws, "elsewhere/hopeless.xml")
    for generation in range(redrive.REDRIVES):
        (shown,) = answer("dlq", "show", "--function", REPORTS)["dead_letters"]
        assert shown["generation"] == generation
        assert run("dlq", "redrive", "--function", REPORTS).stdout == "1 dead letter redriven.\n"
        assert emulator.wait_until(lambda: aws.waiting(REPORTS, "dead_letters") == 1, SECONDS)
    assert (
        run("dlq", "redrive", "--function", REPORTS, "--dry-run").stdout
        == "0 dead letters would be redriven, 1 refused.\n"
    )
    refused = run("dlq", "redrive", "--function", REPORTS)
    assert refused.exit_code == 1
    assert "1 dead letter not redriven: already redriven 3 times: use --force to redrive again" in str(
        refused.exception
    )
    assert run("dlq", "redrive", "--function", REPORTS, "--force").stdout == "1 dead letter redriven.\n"
    (decision,) = aws.decisions(f"s3://{aws.deployment.bucket('outputs')}/elsewhere/hopeless.xml")
    assert decision["decision"] == "rejected"


def test_an_undelivered_event_is_redriven_to_its_function(aws: Aws) -> None:
    """The queue `undelivered` has the error of EventBridge; after a redrive the event is processed."""
    sqs, bucket = aws.deployment.client("sqs"), aws.deployment.bucket("outputs")
    aws.deployment.client("s3").put_object(Bucket=bucket, Key="elsewhere/undelivered.xml", Body=GREEN)
    attributes = {
        "ERROR_CODE": "NO_PERMISSIONS",
        "ERROR_MESSAGE": "The queue's policy refused it.",
        "RULE_ARN": f"arn:aws:events:us-east-1:000000000000:rule/herald-dev-{REPORTS}-default",
        "TARGET_ARN": f"arn:aws:sqs:us-east-1:000000000000:herald-dev-{REPORTS}",
    }
    sqs.send_message(
        QueueUrl=aws.deployment.outputs["Undelivered"],
        MessageBody=body(object_created("elsewhere/undelivered.xml", None, bucket=bucket)),
        MessageAttributes={name: {"DataType": "String", "StringValue": text} for name, text in attributes.items()},
    )
    (group,) = [each for each in answer("dlq", "list")["groups"] if each["queue"] == "undelivered"]
    assert (group["function"], group["error"], group["reason"]) == (REPORTS, *list(attributes.values())[:2])
    shown = run("dlq", "list", "--error", "NO_PERMISSIONS").stdout
    assert f"{REPORTS} (undelivered) NO_PERMISSIONS  1 dead letter," in shown
    moved = run("dlq", "redrive", "--error", "NO_PERMISSIONS")
    assert (moved.exit_code, moved.stdout) == (0, "1 dead letter redriven.\n")
    (decision,) = aws.decisions(f"s3://{bucket}/elsewhere/undelivered.xml")
    assert decision["decision"] == "processed"


def test_an_undelivered_event_of_a_deleted_function_is_found_by_its_name(aws: Aws) -> None:
    """A redrive leaves it in the queue; it can be deleted."""
    target = {"DataType": "String", "StringValue": "arn:aws:sqs:us-east-1:000000000000:herald-dev-gone"}
    aws.deployment.client("sqs").send_message(
        QueueUrl=aws.deployment.outputs["Undelivered"], MessageBody="{}", MessageAttributes={"TARGET_ARN": target}
    )
    assert [group["function"] for group in answer("dlq", "list", "--function", "gone")["groups"]] == ["gone"]
    assert run("dlq", "redrive", "--function", "gone").exit_code == 1
    assert run("dlq", "drop", "--function", "gone", "--yes").stdout == "1 dead letter deleted.\n"
