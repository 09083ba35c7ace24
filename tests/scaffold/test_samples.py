"""The events that `herald new` and `herald new-event` make up are such as may come."""

import json
from pathlib import Path
from typing import Any, Final

import pytest

from functions.runtime.envelopes.envelope import parse
from herald.check import check
from herald.errors import CommandError
from herald.scaffold import new_contract
from infra.declarations import naming
from tests import checkout
from tests.scaffold.test_new import REDDEST, add

LONGEST: Final = "f" * naming.NAME_LENGTH
NAMED: Final[dict[str, Any]] = {"properties": {"a": {}}}
NESTED: Final = {
    "$defs": {"named": NAMED},
    "properties": {
        "one": {"$ref": "#/$defs/named"},
        "many": {"items": NAMED},
        "map": {"additionalProperties": NAMED},
        "open": {"type": "object"},
        "either": {"anyOf": [NAMED, {"properties": {"b": {}}}]},
    },
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Copy the repository."""
    return checkout.copy(tmp_path)


def read(root: Path, name: str) -> dict[str, Any]:
    """Return the event in a file below events/."""
    event: dict[str, Any] = json.loads((root / "events" / f"{name}.json").read_bytes())
    return event


def test_no_two_samples_are_one_event(root: Path) -> None:
    """A function that takes both would refuse the second: the same id with other content."""
    for event_type in ("sprout.counted", "sprout.measured"):
        new_contract.new(root, event_type)
    add(root, "sprout_on_reddest", REDDEST, [])
    samples = [read(root, f"sprout.{kind}/example") for kind in ("counted", "measured")]
    samples += [read(root, f"sprout.{kind}/invalid/no_summary")["event"] for kind in ("counted", "measured")]
    samples += [read(root, f"report.published/{name}") for name in ("sprout_on_reddest", "green")]
    assert len({sample["detail"]["id"] for sample in samples}) == len(samples)


def test_a_sample_after_another_is_an_event_of_its_own(root: Path) -> None:
    """What AWS sends has its id in the envelope."""
    kind = {"source": ["aws.cloudwatch"], "detail-type": ["CloudWatch Alarm State Change"]}
    add(root, "sprout_alarms", kind | {"detail": {"alarmName": ["sprout"]}}, [])
    names = ("alarm", "composite", "ok", "sprout_alarms")
    ids = {read(root, f"aws.cloudwatch/cloudwatch_alarm_state_change.{name}")["id"] for name in names}
    assert len(ids) == len(names)


def test_a_sample_keeps_its_id(root: Path) -> None:
    """Written again it is the same event."""
    written = []
    for _ in range(2):
        files = new_contract.new(root, "sprout.counted")
        written.append([(root / file).read_bytes() for file in files])
        for file in files:
            (root / file).unlink()
        for folder in ("invalid", "."):
            (root / "events/sprout.counted" / folder).rmdir()
    assert written[0] == written[1]


@pytest.mark.parametrize(
    "kind", ["Object Deleted", "Object Tags Added", "Object ACL Updated", "Object Restore Completed"]
)
def test_what_s3_sends_of_an_object_says_which(root: Path, kind: str) -> None:
    """Bucket and key are there where the pattern leaves them open; only deletions are in the order of writes."""
    add(root, "sprout_objects", {"source": ["aws.s3"], "detail-type": [kind]}, [])
    sample = f"aws.s3/{kind.lower().replace(' ', '_')}.sprout_objects"
    event = parse(json.dumps(read(root, sample)))
    assert (event.type, event.subject) == (kind, "s3://${bucket.outputs}/example.txt")
    assert (event.sequence is not None) is (kind == "Object Deleted")
    assert check.check(None, root).disagreements == []


def test_what_a_pattern_asks_of_an_object_is_kept(root: Path) -> None:
    """The rest is made up."""
    asked = {
        "bucket": {"name": ["${bucket.artifacts}"]},
        "object": {"key": [{"prefix": "a/"}]},
        "reason": ["Lifecycle"],
    }
    add(root, "sprout_objects", {"source": ["aws.s3"], "detail-type": ["Object Deleted"], "detail": asked}, [])
    event = read(root, "aws.s3/object_deleted.sprout_objects")
    assert parse(json.dumps(event)).subject == "s3://${bucket.artifacts}/a/example"
    assert event["detail"]["reason"] == "Lifecycle"


def test_an_event_that_functions_would_refuse_is_not_made_up(root: Path) -> None:
    """Of a call that CloudTrail logged the pattern does not tell enough."""
    with pytest.raises(
        CommandError, match=r"detail\.eventID is missing. Write events/aws\.sprout/aws_api_call_via_clou"
    ):
        add(root, "f", {"source": ["aws.sprout"], "detail-type": ["AWS API Call via CloudTrail"]}, [])


@pytest.mark.parametrize(
    ("data", "found"),
    [
        ({"one": {"a": 1}, "many": [{"a": 1}], "map": {"x": {"a": 1}}, "open": {"x": 1}, "either": {"b": 1}}, []),
        ({"two": 1}, ["data.two"]),
        (
            {"one": {"b": 1}, "many": [{"a": 1}, {"b": 1}], "map": {"x": {"b": 1}}},
            ["data.one.b", "data.many.b", "data.map.x.b"],
        ),
        ({"either": {"c": 1}}, []),
    ],
)
def test_a_field_is_strange_where_its_producer_would_be_refused(data: dict[str, Any], found: list[str]) -> None:
    """Where an object names its fields; of alternatives each may be a part of one."""
    assert [path for path, _ in new_contract.strangers(data, NESTED, NESTED, "data")] == found


def test_a_pattern_may_ask_that_a_field_is_not_there(root: Path) -> None:
    """What a contract does not have is not in the sample either."""
    asked = {"zzz": [{"exists": False}], "tests": [{"numeric": [">", 10_000]}]}
    add(root, "sprout_absent", {"detail-type": ["report.published"], "detail": {"data": asked}}, [])
    assert "zzz" not in read(root, "report.published/sprout_absent")["detail"]["data"]


@pytest.mark.parametrize(
    ("kind", "stem"),
    [("../../x", "______x"), ("A/B: c. (D)", "a_b__c___d_"), ("Ünïcödé", "_n_c_d_"), ("k" * 128, "k" * 128)],
)
def test_any_kind_of_event_of_aws_has_a_file(root: Path, kind: str, stem: str) -> None:
    """Whatever stands in its name, no part of it leads out of its folder."""
    add(root, LONGEST, {"source": ["aws.sprout"], "detail-type": [kind]}, [])
    written = {file.name for file in (root / "events/aws.sprout").iterdir()}
    assert written == {f"{stem}.1.schema.json", f"{stem}.{LONGEST}.json"}
    assert check.check(None, root).disagreements == []
