"""Every function at work under its own role: here the local AWS holds each call against IAM.

It knows fewer of IAM's words than AWS does; where it asks for others, what a role grants is said in those
(docs/decisions/0006).
"""

import json
import shutil
import ssl
from collections.abc import Iterator
from typing import Any, Final

import pytest

from functions.runtime.envelopes.envelope import parse
from herald.deployment import switch
from herald.investigate.history import Decision, History
from herald.local import emulator, local
from infra.declarations import loader
from infra.declarations.loader import ROOT
from infra.declarations.spec import FunctionSpec
from tests.emulator.deployed import Aws
from tests.emulator.functions.alarms import ALARM, changed
from tests.emulator.functions.sender import PUSHED, Sender, put_keys
from tests.emulator.iam import Statement, in_its_words, rewrite, roles, several
from tests.emulator.reports import GREEN
from tests.events import body
from tests.webhooks import KEYS

SECONDS: Final = 60
REPORTS: Final = "summarise_test_report"


@pytest.fixture(scope="module")
def enforced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aws]:
    """Deploy Herald to an emulator apart that enforces IAM, and end it afterwards."""
    if shutil.which("openssl") is None:
        pytest.skip("the local AWS signs the certificate for its TLS with openssl, which is not installed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(emulator, "STATE", tmp_path_factory.mktemp("enforced"))
        patch.setenv("AWS_CA_BUNDLE", str(emulator.certificate()))
        try:
            emulator.start(enforced=True)
            aws = Aws(local.up("dev", print))
            for role in roles(aws):
                rewrite(aws, role, lambda statement: in_its_words(aws, statement))
            yield aws
        finally:
            emulator.stop()


def deliver(aws: Aws, spec: FunctionSpec, name: str) -> str:
    """Let a sample happen: its object is written, or it comes to the function's queue; return its subject."""
    sample: dict[str, Any] = loader.resolve(loader.sample(name), aws.deployment.names)
    content = ROOT / "events" / f"{name}.object"
    if content.exists():
        return aws.put(sample["detail"]["object"]["key"], content.read_bytes())
    body = json.dumps(sample)
    aws.enqueue(spec.name, body)
    return parse(body).subject


def decided(aws: Aws, function: str, subject: str) -> list[Decision]:
    """Return what a function has decided of a subject; nothing while a run is under way."""
    decisions = [each for each in History(aws.deployment).decisions(subject) if each["function"] == function]
    return [] if any(each["decision"] == "running" for each in decisions) else decisions


def happen(aws: Aws, specs: list[FunctionSpec]) -> list[Decision]:
    """Let the samples of functions happen, and one message to each that is no event; return what was decided."""
    # Paused meanwhile, a function gets its messages together: each worker more would unpack the layer for itself.
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
    """Return the kinds of effect that are declared; whether a grant suffices that no sample needs, nobody knows."""
    access = spec.access
    objects = [resource for resource in access.write if resource.kind == "bucket"]
    return {kind for kind, named in (("event", access.emit), ("notice", access.publish), ("object", objects)) if named}


def test_every_function_is_allowed_what_its_samples_make_it_do(enforced: Aws) -> None:
    """Reads, writes, events, notices and dead letters of all functions, and the journal's; none is denied."""
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
        assert not unproven, f"no sample of {spec.name} causes what it declares, {unproven}: add one that does"
        assert caused <= promised(spec), spec.name
    # The conditions of PutEvents, which are left out here, would have let them say this.
    said = {(function, effect["type"]) for function, effect in effects if effect["kind"] == "event"}
    assert said <= {(spec.name, event_type) for spec in specs.values() for event_type in spec.access.emit}
    journal = enforced.deployment.outputs["BucketJournal"]
    assert emulator.wait_until(lambda: s3.list_objects_v2(Bucket=journal)["KeyCount"], SECONDS)


def test_a_function_that_wakes_may_send_to_its_own_queue(enforced: Aws) -> None:
    """An ALARM that follows an OK in the quiet period is processed, and its wake left."""
    for state, minutes in (("ALARM", 0), ("OK", 1), ("ALARM", 2)):
        enforced.enqueue("page_on_alarm", body(changed(state, minutes, "permitted")))
        enforced.drain("page_on_alarm")
    *_, asking = enforced.decisions(ALARM.replace("journey", "permitted"), runs=3)
    assert (asking["decision"], [effect["kind"] for effect in asking["effects"]]) == ("processed", ["wake"])


def test_the_receiver_of_webhooks_is_allowed_its_work(enforced: Aws) -> None:
    """It reads its secret, emits, and writes the delivery down."""
    put_keys(enforced, KEYS)
    sender = Sender(enforced, queue="", trust=ssl.create_default_context(cafile=emulator.certificate()))
    _, answer = sender.sign_and_post("github", PUSHED)
    assert sender.sign_and_post("github", PUSHED) == (200, {"status": "repeated", "id": answer["id"]})


@pytest.mark.parametrize(
    ("action", "reason"),
    [
        ("s3:GetObject", "AccessDenied: An error occurred (AccessDenied) when calling the GetObject operation"),
        ("s3:PutObject", "AccessDenied: An error occurred (AccessDenied) when calling the PutObject operation"),
        ("events:PutEvents", "the bus refused its events: AccessDeniedException"),
    ],
)
def test_a_grant_that_is_missing_is_the_reason_of_its_runs(enforced: Aws, action: str, reason: str) -> None:
    """What the tests above prove they prove because this fails; given back, the same run is processed."""

    def without(statement: Statement) -> list[Statement]:
        left = [each for each in several(statement["Action"]) if each != action]
        return [statement | {"Action": left}] if left else []

    functions = enforced.deployment.client("lambda")
    name = functions.lambda_name(enforced.deployment, REPORTS)
    role = functions.get_function_configuration(FunctionName=name)["Role"].rpartition("/")[2]
    give_back = rewrite(enforced, role, without)
    subject = enforced.put(f"reports/{action.replace(':', '-')}.xml", GREEN)
    denied: list[Decision] = []

    def is_denied() -> bool:
        denied[:] = decided(enforced, REPORTS, subject)
        return bool(denied)

    try:
        assert emulator.wait_until(is_denied, SECONDS)
    finally:
        give_back()
    assert [(each["decision"], each["reason"][: len(reason)]) for each in denied] == [("retrying", reason)]
    (allowed,) = enforced.decisions(subject)
    assert allowed["decision"] == "processed"
    assert allowed["attempt"] > 1
