"""Uploads files to buckets, and sends samples to the bus, a topic or a URL."""

import base64
import json
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from boto3.exceptions import S3UploadFailedError

from functions.runtime.core.errors import ContractError, EnvelopeError
from functions.runtime.core.event import Event
from functions.runtime.core.s3_uri import S3Uri
from functions.runtime.core.suggestions import did_you_mean
from functions.runtime.envelopes import iot
from functions.runtime.envelopes.envelope import parse
from functions.runtime.run import contracts
from functions.runtime.run.batching import BYTES_PER_CALL
from herald.deployment.deployment import Deployment
from herald.errors import CommandError
from herald.progress import Progress
from herald.send import handover, webhook
from herald.send.bucket_prefix import BucketPrefix
from infra.contracts import contracts as promised
from infra.declarations import loader
from infra.declarations.requests import is_request
from infra.declarations.spec import OWN
from infra.declarations.topic import device_of
from infra.flow.routing import event_reaches

REQUIRED: Final = ("type", "source", "data")


def send_file(deployment: Deployment, file: Path, to: str) -> str:
    """Upload a file under a prefix in `outputs`, or to the bucket and prefix of `s3:…`; return its subject."""
    place = BucketPrefix.from_option(to)
    bucket = _bucket(deployment, place)
    key = f"{place.prefix.rstrip('/')}/{file.name}".lstrip("/")
    try:
        key.encode()
    except UnicodeEncodeError as error:
        raise CommandError(f"{file.name!r} is no text in UTF-8, as keys of S3 must be: rename the file") from error
    try:
        deployment.client("s3").upload_file(str(file), bucket, key)
    except S3UploadFailedError as error:
        raise CommandError(str(error)) from error
    return str(S3Uri(bucket, key))


def _bucket(deployment: Deployment, place: BucketPrefix) -> str:
    """Return the name of a bucket on AWS; CommandError: the bucket is not deployed.

    The local AWS starts empty: a bucket that exists on AWS is made there, with EventBridge notifications on.
    """
    name = deployment.names.get(f"bucket.{place.bucket}")
    if name is None:
        raise CommandError(
            f"the bucket {place.bucket} is not deployed: run `herald local up`, or on AWS `cdk deploy --all`"
        )
    if deployment.endpoint and place.existing:
        s3 = deployment.client("s3")
        if name not in {each["Name"] for each in s3.list_buckets()["Buckets"]}:
            region = {"LocationConstraint": deployment.session.region_name}
            s3.create_bucket(Bucket=name, CreateBucketConfiguration=region)
            events: dict[str, Any] = {"EventBridgeConfiguration": {}}
            s3.put_bucket_notification_configuration(Bucket=name, NotificationConfiguration=events)
    return name


def send_event(deployment: Deployment, file: Path, progress: Progress) -> str:
    """Send the event, the message of a device or the signed request in a file; return its subject.

    The file contains a CloudEvent, an EventBridge event as in the samples in events/, the message of an IoT rule, or
    the request of a Function URL. A missing id or time of an event is filled in. CommandError names the wrong field of
    the event or of its data. `progress` reports that the data of a type without a contract was not validated.
    """
    given = _read(file)
    table = given if isinstance(given, dict) else {}
    if iot.is_message(table):
        return _publish(deployment, file, table)
    if is_request(table):
        return webhook.send(deployment, file, table)
    if handover.is_of_aws(table):
        return _hand_over(deployment, file, table, progress)
    event = _cloud_event(file, given, deployment)
    _check(file, event)
    _check_type(deployment, event, progress)
    _check_source(deployment, file, event)
    entry = {
        "Source": event["source"],
        "DetailType": event["type"],
        "Detail": json.dumps(event, ensure_ascii=False),
        "EventBusName": deployment.outputs["Bus"],
    }
    size = sum(len(entry[name].encode()) for name in ("Source", "DetailType", "Detail"))
    if size > BYTES_PER_CALL:
        raise CommandError(f"{file} makes an event of {size:,} bytes; the bus takes {BYTES_PER_CALL:,}")
    result = deployment.client("events").put_events(Entries=[entry])["Entries"][0]
    if "ErrorCode" in result:
        raise CommandError(f"the bus refused the event: {result['ErrorCode']}: {result.get('ErrorMessage', '')}")
    return event.get("subject") or f"{event['source']}#{event['id']}"


def _publish(deployment: Deployment, file: Path, given: dict[str, Any]) -> str:
    """Publish as the device did; AWS IoT's rules say whom it runs, which device it is, and when it was received."""
    _parsed(file, given)
    filters = sorted(spec.trigger.iot.topic for spec in deployment.specs.values() if spec.trigger.iot)
    devices = sorted(filter(None, (device_of(each, given["topic"]) for each in filters)))
    if not devices:
        raise CommandError(
            f"{file}: no function listens to the topic {given['topic']!r}{did_you_mean(given['topic'], filters)}"
        )
    payload = base64.b64decode(given.get("payload", ""))
    deployment.client("iot-data").publish(topic=given["topic"], qos=1, payload=payload)
    return _parsed(file, given | {"device": devices[0]}).subject


def _hand_over(deployment: Deployment, file: Path, given: dict[str, Any], progress: Progress) -> str:
    handover.refuse(deployment, file, given)
    envelope = _filled_in(_resolved(file, given, deployment))
    event = _parsed(file, envelope)
    kept = "; it keeps its id: sent again, it is a duplicate" if "id" in given else ""
    progress(f"{handover.send(deployment, file, envelope)}{kept}")
    return event.subject


def _read(file: Path) -> Any:  # noqa: ANN401 - JSON
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise CommandError(f"{file} is not JSON that can be read: {error}") from error


def _cloud_event(file: Path, given: object, deployment: Deployment) -> dict[str, Any]:
    event = given.get("detail", given) if isinstance(given, dict) else given
    if isinstance(event, dict) and event.keys() == {"reason", "event"}:
        raise CommandError(f"{file} is a sample of what is refused, and says why: {event['reason']}")
    if not isinstance(event, dict) or event.get("specversion") != "1.0":
        raise CommandError(f"{file} holds no CloudEvent: specversion must be '1.0'")
    for name in REQUIRED:
        if event.get(name) is None or event[name] == "":
            raise CommandError(f"{file}: the CloudEvent has no {name}")
    return _resolved(file, _filled_in(event), deployment)


def _filled_in(event: dict[str, Any]) -> dict[str, Any]:
    """Return the event; a missing id or time is generated."""
    return {"id": str(uuid.uuid4()), "time": datetime.now(UTC).isoformat()} | event


def _parsed(file: Path, envelope: dict[str, Any]) -> Event:
    """Read what a queue would bring as functions read it; CommandError names the field that is wrong."""
    try:
        return parse(json.dumps(envelope))
    except EnvelopeError as error:
        raise CommandError(f"{file}: {error}") from error


def _resolved(file: Path, value: dict[str, Any], deployment: Deployment) -> dict[str, Any]:
    """Return the content of a file, with resources replaced by their names on AWS."""
    try:
        resolved: dict[str, Any] = loader.resolve(value, deployment.names)
    except KeyError as error:
        raise CommandError(
            f"{file}: ${{{error.args[0]}}} is unknown; there are {', '.join(sorted(deployment.names))}"
        ) from error
    return resolved


def _check(file: Path, event: dict[str, Any]) -> None:
    """Hold the event as `run.emit` would, so that no function will have to refuse it."""
    envelope = {"source": event["source"], "detail-type": event["type"], "detail": event}
    try:
        contracts.accept(_parsed(file, envelope), strict=True)
    except ContractError as error:
        raise CommandError(f"{file}: {error}") from error


def _check_source(deployment: Deployment, file: Path, event: dict[str, Any]) -> None:
    """Refuse on AWS what the policy of the bus denies: only functions put events of functions there."""
    if deployment.endpoint is None and event["source"].startswith(OWN):
        raise CommandError(
            f"{file}: the bus takes source {event['source']!r} from its function alone; "
            "`herald replay` delivers an event of a function again"
        )


def _check_type(deployment: Deployment, event: dict[str, Any], progress: Progress) -> None:
    """Refuse a type that has no contract, unless a function's pattern matches it: it may be a typing error."""
    known = promised.event_types(promised.load(loader.ROOT))
    if event["type"] in known:
        return
    takers = [spec.name for spec in deployment.specs.values() if event_reaches(event["type"], event["source"], spec)]
    if not takers:
        near = did_you_mean(event["type"], known)
        raise CommandError(
            f"there is no contract of {event['type']!r} from {event['source']!r}, and no function takes it{near}"
        )
    progress(f"{event['type']} has no contract here: its data was not checked. Who takes it: {', '.join(takers)}")
