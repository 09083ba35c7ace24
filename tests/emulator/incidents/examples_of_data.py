"""Worked examples of events and objects that are wrong, old or repeated."""

from typing import Final

from tests.emulator.incidents.example import Example

POISON: Final = Example(
    title="Poison object",
    alarms=("dead-letters",),
    staged="a job writes an HTML page to outputs/reports/poison.xml",
    symptom="An event of `summarise_test_report` is in its dead-letter queue.",
    command="herald why outputs/reports/poison.xml",
    answer="summarise_test_report rejected: the root element is <html>: this is not a JUnit report",
    cause="A job wrote an error page of a server instead of a report. The function rejects it at once, without "
    "retries.",
    mend="Let the job write the report again: the new object is a new event, which is processed. Then delete the dead "
    "letter.",
    mend_command="herald dlq drop --function summarise_test_report --subject outputs/reports/poison.xml --yes",
    next_step="dlq    herald dlq show --function summarise_test_report --subject outputs/reports/poison.xml",
)
CONTRACT: Final = Example(
    title="Bad contract version",
    alarms=("dead-letters",),
    staged="a producer emits report.published/7",
    symptom="After a deployment of a producer, events of `notify` are in its dead-letter queue.",
    command="herald why report/future",
    answer="notify rejected: report.published/7: notify reads 1 only",
    cause="The producer emits version 7 of the contract, and the function reads version 1.",
    mend="Roll the producer back, or let the function read the new version and deploy it. After a rollback the "
    "producer emits the event again with version 1; delete the dead letter. After a deployment of the function, "
    "redrive it instead.",
    mend_command="herald dlq drop --function notify --subject report/future --yes",
    next_step="dlq    herald dlq show --function notify --subject report/future",
)
STORM: Final = Example(
    title="Duplicate storm",
    alarms=("backlog-age", "table-throttles"),
    staged="a producer sends the same event twenty times",
    symptom="The queue of `replenish_stock` grows, and its runs do not.",
    command="herald journal show --subject item/storm",
    answer="item/storm: 20 events have the id storm-1; a function processes each id once",
    cause="A producer sends one event again and again, for example because it ignores the reply of PutEvents.",
    mend="Stop the repetition in the producer. The copies need no repair: they are duplicates, and the event ran once.",
    mend_command="herald why item/storm --wait",
)
STALE: Final = Example(
    title="Stale write",
    alarms=(),
    staged="the event of an older write of outputs/datasets/stock.csv arrives after that of a newer write",
    symptom="A job wrote a dataset, and `profile_dataset` did not run on it.",
    command="herald why outputs/datasets/stock.csv",
    answer="profile_dataset stale: a newer event of the subject was already processed",
    cause='S3 and SQS do not keep the order of events. The function declares `order = "newest"`: after the newer write '
    "it skips the older one. `sequence` under both decisions shows the order of the writes.",
    mend="Nothing is lost: the profile is that of the newer write. If the older content is the right one, write it "
    "again.",
    mend_command="herald send stock.csv --to datasets",
)
LATE: Final = Example(
    title="Late event",
    alarms=("dead-letters",),
    staged="an event from three hours ago reaches a function that accepts events of one hour",
    symptom="Events of `replenish_stock` are in its dead-letter queue after an outage of a producer.",
    command="herald why item/late",
    answer="replenish_stock late: the event is 10,8… s old; the function accepts at most 3,600 s",
    cause="The producer sent the event three hours after the time in it. The function has `max_age_seconds = 3600` in "
    "`[delivery]`: it accepts no older events.",
    mend="Decide whether the old event still counts. If it does, redrive it: a redriven event is never too old. If it "
    "does not, drop it.",
    mend_command="herald dlq redrive --function replenish_stock --subject item/late",
    next_step="dlq    herald dlq show --function replenish_stock --subject item/late",
)
DATA: Final = (POISON, CONTRACT, STORM, STALE, LATE)
