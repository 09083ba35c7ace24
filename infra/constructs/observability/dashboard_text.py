"""The text on the dashboard: the commands and the saved queries that answer the next question."""

from infra.declarations import naming


def investigate(environment: str) -> str:
    """Return how to investigate, as Markdown."""
    folder = naming.physical(environment)
    option = f"--env {environment}"
    return f"""## How to investigate
Graphs on the left show all functions; graphs on the right show the function that you select at the top.

| Question | Command | Saved query in Logs Insights |
|---|---|---|
| Why did it run, or not? | `herald why SUBJECT {option}` | `{folder}/one-subject`, `{folder}/not-run` |
| How did one run end? | `herald why EVENT_ID {option}` | `{folder}/one-run` |
| What did it cause? | `herald trace CORRELATION_ID {option}` | `{folder}/one-correlation` |
| What fails? | `herald dlq list {option}` | `{folder}/failures-by-error` |
| What is slow? | `herald runs {option}` | `{folder}/slowest`, `{folder}/slowest-functions` |
| What came late or twice? | `herald runs {option}` | `{folder}/late-and-stale`, `{folder}/duplicates` |
| What costs most? | | `{folder}/cost-drivers` |

When the cause is mended, run `herald dlq redrive --function FUNCTION {option}`.
The runbook has a section for each alarm.
"""
