"""`herald runs` and `herald trace` on rows that the runtime wrote: its statements keep the index."""

import json

from functions.runtime.ledger import runs_index
from tests.emulator.support.commands import answer, run
from tests.emulator.support.deployed import Aws
from tests.emulator.support.reports import RED


def test_a_run_is_listed_after_it_was_settled_and_leads_to_its_chain(aws: Aws) -> None:
    """Found by its function in the list, by the id of its event in one shard, and by the short name of its subject."""
    subject = aws.put("reports/listed.xml", RED)
    aws.decisions(subject, below=1)
    found = [each for each in answer("runs", "--function", "notify")["runs"] if each["subject"] == subject]
    assert [(each["decision"], each["short_subject"]) for each in found] == [
        ("processed", "outputs/reports/listed.xml")
    ]
    for what in (found[0]["event_id"], found[0]["correlation_id"], "outputs/reports/listed.xml", json.dumps(found[0])):
        root = answer("trace", what)["root"]
        assert root["subject"] == subject
        (first,) = root["runs"]
        assert first["function"] == "summarise_test_report"
        below = [each["function"] for effect in first["effects"] for each in effect["runs"]]
        assert below == ["notify"]
    assert "outputs/reports/listed.xml" in run("why", found[0]["event_id"]).stdout


def test_a_failed_run_is_in_one_partition_of_the_index(aws: Aws) -> None:
    """Each settlement replaces its entry: after all attempts there is one, with the last decision."""
    subject = aws.put("reports/listed-broken.xml", b"no report")
    (decision,) = aws.decisions(subject)
    client, table = aws.deployment.client("dynamodb"), aws.deployment.outputs["Ledger"]
    items = [item for page in client.get_paginator("scan").paginate(TableName=table, IndexName=runs_index.INDEX)
             for item in page["Items"] if item["pk"]["S"] == subject]  # fmt: skip
    (entry,) = items
    assert entry["hour"]["S"] == runs_index.partition(int(entry["settled_at"]["N"]), decision["event_id"])
    assert {"facts", "decision", "error_class", "correlation_id", "attempt", "duration_ms"} <= entry.keys()
    assert "reason" not in entry
    listed = answer("runs", "--error")["runs"]
    assert [each["reason"] for each in listed if each["subject"] == subject] == [decision["reason"]]
