"""One worked example of the runbook: what an engineer sees, types and reads, and how the incident ends."""

import re
import textwrap
from dataclasses import dataclass
from typing import Final

WIDTH: Final = 150  # of a line of the runbook
GAP: Final = "…"  # stands for text that differs each time, such as a time, or that is too long for a document


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A worked example. `answer` and `next_step` are lines of the answer; some answers do not name a next step.

    `alarms` are the titles of sections of the runbook, none for an incident without an alarm.
    """

    title: str
    alarms: tuple[str, ...]
    staged: str
    symptom: str
    command: str
    answer: str
    cause: str
    mend: str
    mend_command: str
    next_step: str = ""

    def lines_in(self, printed: str) -> list[str] | None:
        """Return the printed lines that name the cause and the next step, without their tree; None: one is missing."""
        lines = [_line_with(each, printed) for each in (self.answer, self.next_step) if each]
        return None if None in lines else [line for line in lines if line]

    def markdown(self) -> str:
        """Return the section of the runbook."""
        links = ", ".join(f"[{alarm}](#{alarm})" for alarm in self.alarms) or "none"
        return "\n".join(
            [
                f"### {self.title}\n",
                _paragraph("Symptom", f"{self.symptom} Alarm: {links}."),
                f"    $ {self.command}",
                *(f"    {line}" for line in (self.answer, self.next_step) if line),
                "",
                _paragraph("Cause", self.cause),
                _paragraph("Mend", self.mend),
                f"    $ {self.mend_command}\n",
            ]
        )


def _line_with(text: str, printed: str) -> str | None:
    wanted = re.compile(".*".join(map(re.escape, text.split(GAP))))
    return next((line.lstrip("│├└─ ") for line in printed.splitlines() if wanted.search(line)), None)


def _paragraph(title: str, text: str) -> str:
    return textwrap.fill(f"**{title}.** {text}", WIDTH, break_long_words=False, break_on_hyphens=False) + "\n"
