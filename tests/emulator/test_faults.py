"""Network faults: a proxy in front of the local AWS throttles, delays and aborts the calls of one function."""

import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import pytest

from tests.emulator.support.deployed import Aws
from tests.emulator.support.proxy import Proxy, Rule
from tests.emulator.support.reports import GREEN, enqueue
from tests.events import body, object_created

NAME: Final = "herald-dev-summarise_test_report"
REPORTS: Final = "summarise_test_report"
FILES: Final = 10
TRIES_OF_BOTOCORE: Final = 3  # attempts of one call in standard retry mode


@pytest.fixture(autouse=True)
def no_rules(proxy: Proxy) -> Iterator[None]:
    """Reset the proxy before and after each test."""
    proxy.reset()
    yield
    proxy.reset()


CLAIM: Final = {"service": "dynamodb", "operation": "BatchExecuteStatement"}


@pytest.mark.parametrize(
    "rule",
    [
        pytest.param(
            CLAIM | {"error": {"code": "ProvisionedThroughputExceededException"}, "times": 7}, id="ledger throttled"
        ),
        pytest.param(CLAIM | {"error": {"code": "InternalServerError", "status": 500}, "times": 7}, id="ledger 500"),
        pytest.param(CLAIM | {"latency": 1_500, "times": 2}, id="ledger slow"),
        pytest.param(CLAIM | {"reset": True, "times": 3}, id="ledger connection reset"),
        pytest.param(CLAIM | {"response": {"abort_frac": 0.3}, "times": 3}, id="ledger responses lost"),
        pytest.param(CLAIM | {"response": {"truncate_frac": 0.5}, "times": 3}, id="ledger responses truncated"),
        pytest.param(
            {"service": "s3", "operation": "GetObject", "error": {"code": "SlowDown", "status": 503}, "times": 7},
            id="s3 throttled",
        ),
        pytest.param({"service": "s3", "operation": "GetObject", "latency": 1_500, "times": 2}, id="s3 slow"),
        pytest.param(
            {"service": "s3", "operation": "PutObject", "response": {"abort_frac": 0.3}, "times": 2},
            id="s3 responses lost",
        ),
        pytest.param(
            {"service": "events", "error": {"code": "InternalFailure", "status": 500}, "times": 7}, id="bus down"
        ),
    ],
)
def test_runs_succeed_despite_network_faults(
    aws: Aws, proxy: Proxy, rule: Rule, request: pytest.FixtureRequest
) -> None:
    """Each of ten files has one processed run, and the event of each run has one id."""
    name = request.node.callspec.id.replace(" ", "-")
    proxy.let_fail(rule)
    subjects = [aws.put(f"reports/faults/{name}/{number}.xml", GREEN) for number in range(FILES)]
    emitted = Counter[str]()
    for subject in subjects:
        (decision,) = aws.decisions(subject)
        assert decision["decision"] == "processed", decision
        emitted.update(effect["id"] for effect in decision["effects"] if effect["kind"] == "event")
    assert proxy.fired(), "no call failed"
    assert (len(emitted), set(emitted.values())) == (FILES, {1})
    aws.drain(REPORTS)
    assert aws.versions(f"reports/faults/{name}/").keys() == {
        f"reports/faults/{name}/{number}.xml.json" for number in range(FILES)
    }


def test_a_failed_visibility_change_is_retried(aws: Aws, proxy: Proxy) -> None:
    """S3 fails for one attempt, and ChangeMessageVisibility fails twice: the second attempt follows the backoff."""
    slow_down = {"code": "SlowDown", "status": 503}
    proxy.let_fail(
        {"service": "s3", "operation": "GetObject", "error": slow_down, "times": TRIES_OF_BOTOCORE},
        {"service": "sqs", "error": {"code": "InternalError", "status": 500}, "times": TRIES_OF_BOTOCORE - 1},
    )
    (decision,) = aws.decisions(aws.put("reports/faults/put-back.xml", GREEN))
    assert (decision["decision"], decision["attempt"]) == ("processed", 2)
    assert proxy.fired() == 2 * TRIES_OF_BOTOCORE - 1


def test_a_run_that_hangs_is_interrupted_before_the_lambda_timeout(aws: Aws, proxy: Proxy) -> None:
    """S3 responds after the function's timeout: the attempt ends early enough to be recorded, and the next succeeds."""
    functions = aws.deployment.client("lambda")
    timeout = functions.get_function_configuration(FunctionName=NAME)["Timeout"]
    functions.update_function_configuration(FunctionName=NAME, Timeout=5)
    try:
        proxy.let_fail({"service": "s3", "operation": "GetObject", "latency": 8_000, "times": 1})
        (decision,) = aws.decisions(aws.put("reports/faults/hangs.xml", GREEN))
    finally:
        functions.update_function_configuration(FunctionName=NAME, Timeout=timeout)
    assert proxy.fired() == 1
    assert (decision["decision"], decision["attempt"]) == ("processed", 2)


def test_eight_concurrent_copies_run_once(aws: Aws) -> None:
    """Eight workers receive the same event at the same time: one runs it."""
    bucket, functions = aws.deployment.bucket("outputs"), aws.deployment.client("lambda")
    aws.deployment.client("s3").put_object(Bucket=bucket, Key="elsewhere/eight.xml", Body=GREEN)
    record = {
        "receiptHandle": "none",
        "body": body(object_created("elsewhere/eight.xml", None, bucket=bucket)),
        "attributes": {"ApproximateReceiveCount": "1"},
        "messageAttributes": {},
    }

    def invoke(number: int) -> bool:
        batch = {"Records": [record | {"messageId": f"copy-{number}"}]}
        reply = functions.invoke(FunctionName=NAME, Payload=json.dumps(batch).encode())
        return not json.loads(reply["Payload"].read())["batchItemFailures"]

    with ThreadPoolExecutor(8) as pool:
        acknowledged = Counter(pool.map(invoke, range(8)))
    assert acknowledged[True] >= 1
    (decision,) = aws.decisions(f"s3://{bucket}/elsewhere/eight.xml")
    assert (decision["decision"], decision["attempt"]) == ("processed", 1)
    assert aws.versions("elsewhere/eight.xml") == {"elsewhere/eight.xml.json": 1}


def test_invalid_messages_do_not_delay_a_backlog(aws: Aws) -> None:
    """Every fifth message is not an event: it is in the dead-letter queue, and the others are processed."""
    bucket, backlog = aws.deployment.bucket("outputs"), 500
    aws.deployment.client("s3").put_object(Bucket=bucket, Key="elsewhere/good.xml", Body=GREEN)
    sequencers = [f"{number:016X}" for number in range(backlog)]
    good = [body(object_created("elsewhere/good.xml", None, bucket=bucket, sequencer=each)) for each in sequencers]
    before = aws.waiting(REPORTS, "dead_letters")
    enqueue(aws, ["{" if number % 5 == 0 else each for number, each in enumerate(good)])
    aws.drain(REPORTS)
    decided = aws.decisions(f"s3://{bucket}/elsewhere/good.xml", runs=backlog * 4 // 5)
    assert Counter(each["decision"] for each in decided) == {"processed": backlog * 4 // 5}
    assert aws.waiting(REPORTS, "dead_letters") - before == backlog // 5
