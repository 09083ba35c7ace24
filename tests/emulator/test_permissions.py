"""Every function works under its own role on a local AWS that enforces IAM.

The local AWS requires other actions than AWS for some calls; iam.py translates the policies (docs/decisions/0006).
"""

import json
import shutil
import ssl
from collections.abc import Iterator
from typing import Any, Final

import pytest

from functions.runtime.envelopes.envelope import parse
from herald.deployment import functions, switch
from herald.investigate.history import Decision, History
from herald.local import emulator, local
from infra.declarations import loader
from infra.declarations.loader import ROOT
from infra.declarations.spec import FunctionSpec
from tests.emulator.functions.alarms import ALARM, changed
from tests.emulator.functions.sender import PUSHED, Sender, put_keys
from tests.emulator.support.deployed import Aws
from tests.emulator.support.iam import Statement, rewrite, roles, several, translated
from tests.emulator.support.reports import GREEN
from tests.events import body
from tests.webhooks import KEYS

SECONDS: Final = 60
REPORTS: Final = "summarise_test_report"


@pytest.fixture(scope="module")
def enforced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aws]:
    """Deploy Herald to a separate emulator that enforces IAM, and stop it afterwards."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed: the local AWS needs it for its TLS certificate")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(emulator, "STATE", tmp_path_factory.mktemp("enforced"))
        patch.setenv("AWS_CA_BUNDLE", str(emulator.certificate()))
        try:
            emulator.start(enforced=True)
            aws = Aws(local.up("dev", print))
            for role in roles(aws):
                rewrite(aws, role, lambda statement: translated(aws, statement))
            yield aws
        finally:
            emulator.stop()


def deliver(aws: Aws, spec: FunctionSpec, name: str) -> str:
    """Write the object of a sample, or put the sample into the function's queue; return its subject."""
    sample: dict[str, Any] = loader.resolve(loader.sample(name), aws.deployment.names)
    content = ROOT / "events" / f"{name}.object"
    if content.exists():
        return aws.put(sample["detail"]["object"]["key"], content.read_bytes())
    body = json.dumps(sample)
    aws.enqueue(spec.name, body)
    return parse(body).subject


def decided(aws: Aws, function: str, subject: str) -> list[Decision]:
    """Return the decisions of a function about a subject; an empty list while a run is in progress."""
    decisions = [each for each in History(aws.deployment).decisions(subject) if each["function"] == function]
    return [] if any(each["decision"] == "running" for each in decisions) else decisions


def happen(aws: Aws, specs: list[FunctionSpec]) -> list[Decision]:
    """Deliver the samples of functions, and one invalid message to each; return all decisions."""
    # A paused function receives its messages in one batch. Each further worker would extract the layer again.
    for spec in specs:
        switch.pause(aws.deployment, spec.name)
    awaited = [(spec.name, deliver(aws, spec, name)) for spec in specs for name in spec.trigger.samples]
    for spec in specs:
        aws.enqueue(spec.name, "rubbish")
        switch.resume(aws.deployment, spec.name)
    awaited += [(spec.name, f"queue/{spec.name}") for spec in specs]
    found: dict[tuple[str, str], list[Decision]] = {}

    def all_decided() -> bool:
        found.update({each: decided(aws, *each) for each in awaited if not found.get(each)})
        return all(found.values())

    assert emulator.wait_until(all_decided, SECONDS), [each for each in awaited if not found[each]]
    return [decision for each in found.values() for decision in each]


def promised(spec: FunctionSpec) -> set[str]:
    """Return the declared kinds of effects: a sample must cause each kind, to prove that the role allows it."""
    access = spec.access
    objects = [resource for resource in access.write if resource.kind == "bucket"]
    return {kind for kind, named in (("event", access.emit), ("notice", access.publish), ("object", objects)) if named}


def test_every_role_allows_the_work_of_its_function(enforced: Aws) -> None:
    """Reads, writes, events, notices and dead letters of all functions and of the journal are allowed."""
    s3, specs = enforced.deployment.client("s3"), enforced.deployment.specs
    queued = [spec for spec in specs.values() if spec.queued]
    s3.create_bucket(Bucket="herald-dev-website")
    s3.delete_public_access_block(Bucket="herald-dev-website")
    decisions = happen(enforced, queued)
    assert [each["reason"] for each in decisions if "AccessDenied" in each["reason"]] == []
    effects = [(each["function"], effect) for each in decisions for effect in each["effects"]]
    for spec in queued:
        caused = {effect["kind"] for function, effect in effects if function == spec.name}
        unproven = promised(spec) - caused
        assert not unproven, f"no sample of {spec.name} causes the declared effects {unproven}: add a sample"
        assert caused <= promised(spec), spec.name
    # The emulator does not evaluate the conditions of PutEvents, so compare the event types here.
    emitted = {(function, effect["type"]) for function, effect in effects if effect["kind"] == "event"}
    assert emitted <= {(spec.name, event_type) for spec in specs.values() for event_type in spec.access.emit}
    journal = enforced.deployment.outputs["BucketJournal"]
    assert emulator.wait_until(lambda: s3.list_objects_v2(Bucket=journal)["KeyCount"], SECONDS)


def test_a_function_that_wakes_may_send_to_its_own_queue(enforced: Aws) -> None:
    """An ALARM after an OK in the quiet period is processed, and its wake is sent."""
    for state, minutes in (("ALARM", 0), ("OK", 1), ("ALARM", 2)):
        enforced.enqueue("page_on_alarm", body(changed(state, minutes, "permitted")))
        enforced.drain("page_on_alarm")
    *_, asking = enforced.decisions(ALARM.replace("journey", "permitted"), runs=3)
    assert (asking["decision"], [effect["kind"] for effect in asking["effects"]]) == ("processed", ["wake"])


def test_the_role_of_the_webhook_receiver_allows_its_work(enforced: Aws) -> None:
    """The function reads its secret, emits an event, and records the delivery."""
    put_keys(enforced, KEYS)
    sender = Sender(enforced, queue="", trust=ssl.create_default_context(cafile=emulator.certificate()))
    _, answer = sender.sign_and_post("github", PUSHED)
    assert sender.sign_and_post("github", PUSHED) == (200, {"status": "repeated", "id": answer["id"]})


@pytest.mark.parametrize(
    ("action", "reason"),
    [
        ("s3:GetObject", "AccessDenied: An error occurred (AccessDenied) when calling the GetObject operation"),
        ("s3:PutObject", "AccessDenied: An error occurred (AccessDenied) when calling the PutObject operation"),
        ("events:PutEvents", "PutEvents failed: AccessDeniedException"),
    ],
)
def test_a_missing_permission_is_the_reason_of_a_retry(enforced: Aws, action: str, reason: str) -> None:
    """This failure proves that the emulator enforces IAM; after the permission is restored, the run is processed."""

    def without(statement: Statement) -> list[Statement]:
        left = [each for each in several(statement["Action"]) if each != action]
        return [statement | {"Action": left}] if left else []

    client = enforced.deployment.client("lambda")
    name = functions.lambda_name(enforced.deployment, REPORTS)
    role = client.get_function_configuration(FunctionName=name)["Role"].rpartition("/")[2]
    restore = rewrite(enforced, role, without)
    subject = enforced.put(f"reports/{action.replace(':', '-')}.xml", GREEN)
    denied: list[Decision] = []

    def is_denied() -> bool:
        denied[:] = decided(enforced, REPORTS, subject)
        return bool(denied)

    try:
        assert emulator.wait_until(is_denied, SECONDS)
    finally:
        restore()
    assert [(each["decision"], each["reason"][: len(reason)]) for each in denied] == [("retrying", reason)]
    (allowed,) = enforced.decisions(subject)
    assert allowed["decision"] == "processed"
    assert allowed["attempt"] > 1
