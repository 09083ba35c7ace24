"""One worked example of the runbook: what an engineer sees, types and reads, and how the incident ends."""

import re
import textwrap
from dataclasses import dataclass
from typing import Final

WIDTH: Final = 150  # of a line of the runbook
GAP: Final = "…"  # stands for text that differs each time, such as a time, or that is too long for a document


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A worked example; `alarms` are the titles of sections of the runbook, none for an incident without an alarm."""

    title: str
    alarms: tuple[str, ...]
    staged: str
    symptom: str
    command: str
    answer: str
    cause: str
    mend: str
    mend_command: str

    def line_in(self, printed: str) -> str | None:
        """Return the printed line that names the cause, without the lines of its tree; None: there is none."""
        wanted = re.compile(".*".join(map(re.escape, self.answer.split(GAP))))
        return next((line.lstrip("│├└─ ") for line in printed.splitlines() if wanted.search(line)), None)

    def markdown(self) -> str:
        """Return the section of the runbook."""
        links = ", ".join(f"[{alarm}](#{alarm})" for alarm in self.alarms) or "none"
        return "\n".join(
            [
                f"### {self.title}\n",
                _paragraph("Symptom", f"{self.symptom} Alarm: {links}."),
                f"    $ {self.command}",
                f"    {self.answer}\n",
                _paragraph("Cause", self.cause),
                _paragraph("Mend", self.mend),
                f"    $ {self.mend_command}\n",
            ]
        )


def _paragraph(title: str, text: str) -> str:
    return textwrap.fill(f"**{title}.** {text}", WIDTH, break_long_words=False, break_on_hyphens=False) + "\n"
