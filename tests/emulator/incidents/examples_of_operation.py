"""Worked examples of services, permissions and settings that are at fault."""

from typing import Final

from tests.emulator.incidents.example import Example

DOWNSTREAM: Final = Example(
    title="Broken downstream",
    alarms=("failure-rate", "in-flight"),
    staged="S3 answers each PutObject of the function with 503 SlowDown",
    symptom="Runs of `summarise_test_report` fail and are retried.",
    command="herald runs --function summarise_test_report --error",
    answer="summarise_test_report  retrying   outputs/reports/downstream.xml  ClientError: An error occurred "
    "(SlowDown) when calling the PutObject operation",
    cause="All failed runs have one reason: S3 refuses the writes. The reports are not at fault.",
    mend="Pause the function during a long outage (`herald pause summarise_test_report`), so that no event uses up its "
    "attempts. When the service works again, resume it: the waiting events run.",
    mend_command="herald resume summarise_test_report",
)
GRANT: Final = Example(
    title="Missing grant",
    alarms=("failure-rate", "dead-letters"),
    staged="S3 answers GetObject with the AccessDenied of a role without the permission",
    symptom="After a deployment, all runs of `summarise_test_report` fail.",
    command="herald why outputs/reports/denied.xml",
    answer="summarise_test_report retrying: AccessDenied: An error occurred (AccessDenied) when calling the GetObject "
    "operation: … is not authorized to perform: s3:GetObject on resource: …",
    cause="The role of the function may not read the object: `read` of `[access]` in function.toml does not contain "
    "its prefix.",
    mend="Add the prefix to `[access]` and deploy. The next attempt succeeds. Redrive the dead letters, if there are "
    "any.",
    mend_command="herald why outputs/reports/denied.xml --wait",
)
STUCK: Final = Example(
    title="Stuck run",
    alarms=(),
    staged="the message of a run that waits for its second attempt is purged from the queue",
    symptom="A run is `retrying` for hours, and no message waits in the queue.",
    command="herald reconcile summarise_test_report --from 1h --stuck-after 1s",
    answer="stuck    …/reports/stuck.xml  retrying",
    cause="The message was deleted, by hand or after 14 days, before the run ended. No attempt can follow.",
    mend="Deliver the event again from the journal. Without `--stuck-after`, a run is stuck after an hour without "
    "progress.",
    mend_command="herald reconcile summarise_test_report --from 1h --stuck-after 1s --repair",
    next_step="--repair sends missing and stuck events again.",
)
LOOP: Final = Example(
    title="Loop",
    alarms=("dead-letters", "throttled-rules"),
    staged="a job outside Herald writes a report again for each summary, with the metadata of the summary",
    symptom="A function runs without end on one object, until events become dead letters.",
    command="herald why outputs/reports/loop.xml",
    answer="summarise_test_report rejected: depth 17 is over the limit of 16: summarise_test_report → "
    "summarise_test_report → …",
    cause="Each run causes the next one. Herald ends the chain after 16 runs and names its functions in order. `herald "
    "check` refuses loops of declared functions; this one passes a job outside.",
    mend="Stop the job, or let it write to another prefix. Then delete the dead letter.",
    mend_command="herald dlq drop --function summarise_test_report --subject outputs/reports/loop.xml --yes",
    next_step="dlq    herald dlq show --function summarise_test_report --subject outputs/reports/loop.xml",
)
NOT_RUN: Final = Example(
    title="A function that did not run",
    alarms=("missing-events",),
    staged="a job writes a report to outputs/report/ instead of outputs/reports/",
    symptom="A job wrote a report, and nothing happened.",
    command="herald why outputs/report/misplaced.xml",
    answer="summarise_test_report: detail.object.key: 'report/misplaced.xml' does not start with 'reports/'",
    cause="The key does not match the pattern of the function: the job writes to a wrong prefix.",
    mend="Correct the prefix in the job, and write the report again.",
    mend_command="herald send misplaced.xml --to reports",
)
UNDELIVERED: Final = Example(
    title="Undelivered event",
    alarms=("undelivered",),
    staged="the rule of AWS IoT names a queue that does not exist, and a device publishes",
    symptom="A message is in the queue `undelivered`.",
    command="herald dlq list --function ingest_readings",
    answer="The specified queue does not exist",
    cause="A rule and the queue of its function do not fit: one of them was changed outside CloudFormation.",
    mend="Deploy the stack of the function again, then redrive: the event goes to the queue of its function.",
    mend_command="herald dlq redrive --function ingest_readings",
)
PAUSED: Final = Example(
    title="A paused function that was forgotten",
    alarms=("backlog-age", "oldest-message"),
    staged="an operator pauses a function, and a job writes a report",
    symptom="Events of `summarise_test_report` wait, and it has no errors.",
    command="herald why outputs/reports/waiting.xml",
    answer="summarise_test_report is paused: its events wait in its queue until `herald resume summarise_test_report`",
    cause="The function was paused and not resumed.",
    mend="Resume it. The events that waited use up no attempts.",
    mend_command="herald resume summarise_test_report",
)
OPERATION: Final = (DOWNSTREAM, GRANT, STUCK, LOOP, NOT_RUN, UNDELIVERED, PAUSED)
