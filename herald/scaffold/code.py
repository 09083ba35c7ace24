"""Renders the code and the tests of a new function from templates, by its trigger and its event types."""

import re
from collections.abc import Mapping
from typing import Any, Final

from herald.scaffold.new_files import Files, render
from herald.scaffold.sample_fields import Field
from herald.scaffold.trigger import Trigger

WHAT: Final = {
    "event": "Logs that something happened.",
    "message": "Logs what devices publish.",
    "object": "Counts the lines and bytes of objects.",
    "request": "Receives signed requests and emits their content.",
}
MODULES: Final = ("handler", "logic", "model")
TESTS: Final = ("test_handler", "test_logic")
# A title that fits in a line of code: no quotes or braces, and a limited length.
TITLE: Final = re.compile(r"[\w .:/()-]{1,64}")
IMPORTED: Final = frozenset({"Any", "Event", "Mapping", "Permanent", "Run", "Self", "value"})
EXAMPLES: Final = {"str": '"example"', "int": "1", "float": "1.0", "bool": "True"}

EMIT: Final = '    run.emit("{event_type}", {function}(), subject=event.subject)'
EXAMPLE: Final = '''

def {function}() -> dict[str, Any]:
    """Return the data of {event_type}: an example."""
    return {data!r}
'''
READS: Final = "    happened = {model}.read(event.subject, event.data)"
READER: Final = '''
    @classmethod
    def read(cls, subject: str, data: Mapping[str, Any]) -> Self:
        """Read the event's data; MalformedError names a field that is missing or has another type."""
        return cls(subject=subject, {arguments})
'''
BROKEN: Final = '''

def test_an_event_that_breaks_its_contract_is_refused() -> None:
    """The event is rejected without a retry, and the reason names the field."""
    with pytest.raises(Permanent, match=" is missing"):
        run_handler(handle, replace(EVENT, data={}), RecordingRun())
'''


def of(name: str, trigger: Trigger, emitted: Mapping[str, Mapping[str, Any]]) -> Files:
    """Return the modules of a function and their tests; `emitted` has example data for each event type."""
    kind = trigger.kind
    values = {"name": name, "sample": trigger.samples[0], **_of_event(trigger), **_of_emits(emitted)}
    files = {
        f"functions/{name}/__init__.py": f'"""{WHAT[kind]}"""\n',
        f"tests/unit/{name}/__init__.py": f'"""Tests: unit of {name}."""\n',
    }
    files |= {f"functions/{name}/{module}.py": render(f"{kind}/{module}.py", values) for module in MODULES}
    return files | {f"tests/unit/{name}/{module}.py": render(f"{kind}/{module}.py", values) for module in TESTS}


def _of_event(trigger: Trigger) -> dict[str, str]:
    title = trigger.title if TITLE.fullmatch(trigger.title) else "event"
    model, fields = _model(title), trigger.fields
    reader = READER.format(arguments=", ".join(field.read for field in fields))
    return {
        "title": title,
        "model": model,
        "declared": "\n".join([*(field.declared for field in fields), reader if fields else ""]),
        "reads": READS.format(model=model) if fields else f"    happened = {model}(subject=event.subject)",
        "broken": BROKEN if fields else "",
        "values": ", ".join(_example(field) for field in fields),
    }


def _of_emits(emitted: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    functions = {event_type: f"{event_type.replace('.', '_')}_data" for event_type in emitted}
    examples = [EXAMPLE.format(event_type=each, function=functions[each], data=emitted[each]) for each in emitted]
    asserted = f"    assert [each.type for each in run.emitted] == {list(emitted)}"
    return {
        "event_type": next(iter(emitted), ""),
        "imported": "".join(f"{function}, " for function in functions.values()),
        "examples": "".join(examples),
        "emits": "\n".join(EMIT.format(event_type=each, function=functions[each]) for each in emitted),
        "emitted": asserted if emitted else "",
        "and_emitted": ", and the event is emitted" if emitted else "",
    }


def _model(title: str) -> str:
    """Return the name of the dataclass, such as ReportPublished for report.published."""
    name = "".join(word[:1].upper() + word[1:] for word in re.findall(r"[A-Za-z0-9]+", title))
    return f"Data{name}" if name in IMPORTED or not name.isidentifier() else name


def _example(field: Field) -> str:
    return f"{field.name}={EXAMPLES[field.kind]}"
