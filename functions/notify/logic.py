"""Words for people."""

from dataclasses import dataclass

from functions.notify.model import ChangedInventory, PublishedReport


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What people get: a title of one line, and a text."""

    title: str
    text: str


def tell_of_report(report: PublishedReport) -> Notice:
    """Say how many tests failed, which, and where the report lies."""
    failed = f"{report.failures} of {report.tests} {'test' if report.tests == 1 else 'tests'} failed"
    lines = [f"{failed} in {report.duration_seconds:.1f} s.", "", f"Report: {report.subject}"]
    if report.failing_tests:
        lines += ["", "Failing:", *(f"  - {name}" for name in report.failing_tests)]
    if report.failing_tests_omitted:
        lines.append(f"  and {report.failing_tests_omitted} more")
    return Notice(title=f"{failed}: {report.subject.rsplit('/', 1)[-1]}", text="\n".join(lines))


def tell_of_inventory(changed: ChangedInventory) -> Notice:
    """Say how many components changed, which, and from which version to which."""
    counted = ", ".join(f"{count} {kind}" for kind, count in changed.counts.items() if count)
    begins = "First inventory" if changed.baseline else "Inventory changed"
    lines = [f"{begins}: {counted}.", "", f"Inventory: {changed.subject}"]
    for kind, named in changed.named.items():
        if named:
            lines += ["", f"{kind.capitalize()}:", *(f"  - {name}" for name in named)]
        if changed.counts[kind] > len(named):
            lines.append(f"  and {changed.counts[kind] - len(named)} more")
    return Notice(title=f"{begins}: {counted}: {changed.subject.rsplit('/', 1)[-1]}", text="\n".join(lines))
