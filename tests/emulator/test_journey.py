"""A write passes all deployed parts: S3, EventBridge, SQS, Lambda, the ledger and SNS."""

import json

import pytest

from herald.local import emulator
from infra.declarations import loader
from tests.emulator.support.deployed import Aws
from tests.emulator.support.reports import GREEN, RED
from tests.events import body, cloud_event, object_created


def test_a_red_report_causes_a_summary_and_a_notice(aws: Aws) -> None:
    """One write causes two runs: the summary, and the notice that its event causes."""
    subject = aws.put("reports/red.xml", RED)
    (decision,) = aws.decisions(subject, below=1)
    assert (decision["function"], decision["decision"], decision["attempt"]) == (
        "summarise_test_report",
        "processed",
        1,
    )
    assert decision["what"] == {
        "type": "Object Created",
        "version": None,  # the events of the emulator have no version; those of AWS do
        "sequence": decision["what"]["sequence"],
        "size": len(RED),
    }
    assert decision["where"] == {"bucket": subject.split("/")[2], "key": "reports/red.xml", "region": "us-east-1"}
    assert decision["why"]["description"] == "Summarize a JUnit test report as soon as a job writes it."
    assert decision["why"]["pattern"]["detail"]["bucket"]["name"] == ["${bucket.outputs}"]
    assert decision["who"]["source_ip"] == "127.0.0.1"
    assert aws.artifact(decision)["failing"][0]["name"] == "b"
    (notified,) = next(effect for effect in decision["effects"] if effect["kind"] == "event")["decisions"]
    assert (notified["function"], notified["decision"]) == ("notify", "processed")
    assert notified["correlation_id"] == decision["correlation_id"] == decision["event_id"]
    assert notified["cause"] == {
        "subject": subject,
        "function": "summarise_test_report",
        "event_id": decision["event_id"],
    }
    assert notified["effects"][0]["kind"] == "notice"


def test_the_notice_reaches_a_subscriber(aws: Aws) -> None:
    """The topic delivers a text for people."""
    sqs, sns = aws.deployment.client("sqs"), aws.deployment.client("sns")
    queue = sqs.create_queue(QueueName="reader")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    topic = aws.deployment.names["topic.notices"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    aws.decisions(aws.put("reports/told.xml", RED), below=1)
    (message,) = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=5)["Messages"]
    notice = json.loads(message["Body"])
    assert notice["Subject"] == "1 of 2 tests failed: told.xml"
    assert "  - b" in notice["Message"]


def test_a_green_report_causes_no_notice(aws: Aws) -> None:
    """The run emits the event, but no pattern matches it."""
    (decision,) = aws.decisions(aws.put("reports/green.xml", GREEN))
    (event,) = [effect for effect in decision["effects"] if effect["kind"] == "event"]
    assert (event["type"], event["decisions"]) == ("report.published", [])
    assert aws.artifact(decision)["passed"] == 1


def test_the_same_content_written_again_is_another_write(aws: Aws) -> None:
    """Two writes cause two events and two runs, in the order of their sequencers."""
    subject = aws.put("reports/twice.xml", GREEN)
    aws.decisions(subject)
    aws.put("reports/twice.xml", GREEN)
    first, second = aws.decisions(subject, runs=2)
    assert [first["decision"], second["decision"]] == ["processed", "processed"]
    assert first["what"]["sequence"] < second["what"]["sequence"]


def test_the_same_event_delivered_again_has_no_effect(aws: Aws) -> None:
    """Three deliveries cause one run and one version of the artifact."""
    bucket = aws.deployment.bucket("outputs")
    aws.deployment.client("s3").put_object(Bucket=bucket, Key="elsewhere/copy.xml", Body=GREEN)
    message = body(object_created("elsewhere/copy.xml", None, bucket=bucket, sequencer="0A"))
    for _ in range(3):
        aws.enqueue("summarise_test_report", message)
    marker = aws.put("reports/after-the-copies.xml", GREEN)
    aws.decisions(marker)
    (decision,) = aws.decisions(f"s3://{bucket}/elsewhere/copy.xml")
    assert (decision["decision"], decision["attempt"]) == ("processed", 1)
    versions = aws.deployment.client("s3").list_object_versions(
        Bucket=aws.deployment.bucket("artifacts"), Prefix="elsewhere/copy.xml"
    )
    assert len(versions["Versions"]) == 1


def test_a_domain_event_runs_its_consumer(aws: Aws) -> None:
    """The type and data of a CloudEvent decide, not its producer."""
    data = loader.sample("report.published/red")["detail"]["data"]
    source = "herald.summarise_test_report"
    event = cloud_event(source=source, type="report.published", subject="report/7", data=data)["detail"]
    entry = {"Source": event["source"], "DetailType": event["type"], "Detail": json.dumps(event)}
    aws.deployment.client("events").put_events(Entries=[entry | {"EventBusName": aws.deployment.outputs["Bus"]}])
    (decision,) = aws.decisions("report/7")
    assert (decision["function"], decision["decision"]) == ("notify", "processed")


@pytest.mark.parametrize("name", ["summarise_test_report", "notify"])
def test_a_function_logs_one_line_per_run(aws: Aws, name: str) -> None:
    """The line has the event, the attempt and the decision."""
    (decision,) = aws.decisions(aws.put(f"reports/log-of-{name}.xml", RED), below=1)
    if name == "notify":
        (decision,) = next(effect for effect in decision["effects"] if effect["kind"] == "event")["decisions"]
    logs = aws.deployment.client("logs")
    lines: list[dict[str, object]] = []

    def logged() -> bool:
        events = logs.filter_log_events(logGroupName=f"/aws/lambda/herald-dev-{name}")["events"]
        parsed = [json.loads(event["message"]) for event in events if event["message"].startswith('{"level"')]
        lines[:] = [line for line in parsed if line.get("event_id") == decision["event_id"]]
        return bool(lines)

    assert emulator.wait_until(logged, 10)
    (line,) = lines
    assert (line["decision"], line["attempt"], line["service"]) == ("processed", 1, name)
    assert line["correlation_id"] == decision["correlation_id"]
