"""The texts of notices."""

from dataclasses import dataclass

from functions.notify.model import ChangedInventory, PublishedReport


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A message to people: a title of one line, and a text."""

    title: str
    text: str


def report_notice(report: PublishedReport) -> Notice:
    """Return the notice of a report: how many tests failed, their names, and the report's location."""
    failed = f"{report.failures} of {report.tests} {'test' if report.tests == 1 else 'tests'} failed"
    lines = [f"{failed} in {report.duration_seconds:.1f} s.", "", f"Report: {report.subject}"]
    if report.failing_tests:
        lines += ["", "Failing:", *(f"  - {name}" for name in report.failing_tests)]
    if report.failing_tests_omitted:
        lines.append(f"  and {report.failing_tests_omitted} more")
    return Notice(title=f"{failed}: {report.subject.rsplit('/', 1)[-1]}", text="\n".join(lines))


def inventory_notice(changed: ChangedInventory) -> Notice:
    """Return the notice of an inventory: how many components changed, their names and versions."""
    counted = ", ".join(f"{count} {kind}" for kind, count in changed.counts.items() if count)
    begins = "First inventory" if changed.baseline else "Inventory changed"
    lines = [f"{begins}: {counted}.", "", f"Inventory: {changed.subject}"]
    for kind, named in changed.named.items():
        if named:
            lines += ["", f"{kind.capitalize()}:", *(f"  - {name}" for name in named)]
        if changed.counts[kind] > len(named):
            lines.append(f"  and {changed.counts[kind] - len(named)} more")
    return Notice(title=f"{begins}: {counted}: {changed.subject.rsplit('/', 1)[-1]}", text="\n".join(lines))
