"""The work of summarise_test_report without Herald: no ledger, no log line, and duplicates run again.

`install` deploys it to the local AWS, with its own queue and rule. On Lambda this module is the handler.
"""

import io
import json
import os
import tempfile
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

import boto3

from functions.runtime.core.text import derived_key
from functions.summarise_test_report.logic import published, summary
from functions.summarise_test_report.parser import parse

NAME = "bare"
PREFIX = "bare/"


@cache
def _client(service: str) -> Any:  # noqa: ANN401 - boto3 creates client classes at run time
    return boto3.client(service)  # type: ignore[call-overload] # the name is not a literal here


def handle(batch: dict[str, Any], _context: object) -> None:
    """Summarize each report of a batch."""
    for record in batch["Records"]:
        detail = json.loads(record["body"])["detail"]
        bucket, key = detail["bucket"]["name"], detail["object"]["key"]
        report = parse(_client("s3").get_object(Bucket=bucket, Key=key)["Body"].read())
        subject = f"s3://{bucket}/{key}"
        body = json.dumps(summary(report, subject)).encode()
        _client("s3").put_object(Bucket=os.environ["ARTIFACTS"], Key=derived_key(key, ".json"), Body=body)
        entry = {"Source": NAME, "DetailType": "report.published", "EventBusName": os.environ["BUS"]}
        _client("events").put_events(Entries=[entry | {"Detail": json.dumps({"data": published(report)})}])


def install(deployment: Any) -> str:  # noqa: ANN401 - a Deployment, which is not in the asset
    """Deploy the function; return the URL of its queue."""
    from herald.deployment.functions import lambda_name  # noqa: PLC0415 - not in the asset

    sqs, events, functions = (deployment.client(service) for service in ("sqs", "events", "lambda"))
    url: str = sqs.create_queue(QueueName=NAME, Attributes={"VisibilityTimeout": "360"})["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    detail = {"bucket": {"name": [deployment.bucket("outputs")]}, "object": {"key": [{"prefix": PREFIX}]}}
    events.put_rule(Name=NAME, EventPattern=json.dumps({"source": ["aws.s3"], "detail": detail}))
    events.put_targets(Rule=NAME, Targets=[{"Id": "queue", "Arn": arn}])
    like = functions.get_function_configuration(FunctionName=lambda_name(deployment, "summarise_test_report"))
    variables = {"ARTIFACTS": deployment.bucket("artifacts"), "BUS": deployment.outputs["Bus"]}
    functions.create_function(
        FunctionName=NAME,
        Runtime=like["Runtime"],
        Handler=f"{__name__}.handle",
        Role=like["Role"],
        Code={"ZipFile": _asset()},
        Layers=[layer["Arn"] for layer in like["Layers"]],
        Timeout=like["Timeout"],
        MemorySize=like["MemorySize"],
        Environment={"Variables": variables},
    )
    functions.create_event_source_mapping(
        EventSourceArn=arn, FunctionName=NAME, BatchSize=10, ScalingConfig={"MaximumConcurrency": 10}
    )
    return url


def _asset() -> bytes:
    """Return a zip of the function's asset and this module."""
    from herald.local.cdk import ARCHITECTURE  # noqa: PLC0415 - not in the asset
    from infra.constructs import bundle  # noqa: PLC0415 - not in the asset
    from infra.declarations import loader  # noqa: PLC0415 - not in the asset

    archive = io.BytesIO()
    spec = {spec.name: spec for spec in loader.load()}["summarise_test_report"]
    with tempfile.TemporaryDirectory() as directory, zipfile.ZipFile(archive, "w") as files:
        bundle.build_function(Path(directory), ARCHITECTURE, spec)
        for path in sorted(Path(directory).rglob("*.py*")):
            files.write(path, path.relative_to(directory))
        module = Path(*__name__.split(".")).with_suffix(".py")
        files.write(__file__, module)
        for package in module.parents[:-1]:
            files.writestr(str(package / "__init__.py"), "")
    return archive.getvalue()
