"""The decisions about a subject in the ledger, and the runs that their effects caused, as a tree."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from functions.runtime.core.s3_uri import S3Uri
from functions.runtime.ledger import statements
from functions.runtime.ledger.decisions import OPEN
from herald.deployment import functions
from herald.deployment.deployment import Deployment
from herald.investigate.run_times import times

type Row = Mapping[str, Any]
type Decision = dict[str, Any]


@dataclass(frozen=True)
class History:
    """Reads decisions from the ledger of a deployment; reads each subject once."""

    deployment: Deployment
    _rows: dict[str, list[Row]] = field(default_factory=dict)

    def decisions(self, subject: str) -> list[Decision]:
        """Return the decisions about a subject, oldest first; runs that another run caused are under its effects."""
        rows = self.rows(subject)
        caused = {row_key(child) for row in rows for child in self._descendants(row, {row_key(row)})}
        return [self._decision(row, frozenset()) for row in rows if row_key(row) not in caused]

    def rows(self, subject: str) -> list[Row]:
        """Return the run rows of a subject in the ledger, oldest first."""
        if subject not in self._rows:
            pages = (
                self.deployment.client("dynamodb")
                .get_paginator("query")
                .paginate(
                    TableName=self.deployment.outputs["Ledger"],
                    KeyConditionExpression="pk = :subject",
                    ExpressionAttributeValues={":subject": {"S": subject}},
                    ConsistentRead=True,
                )
            )
            items = (statements.plain(item) for page in pages for item in page["Items"])
            rows = [row for row in items if "facts" in row]  # the rows without facts keep the order of subjects
            for row in rows:
                # An effect without a subject has the subject of the row.
                row["effects"] = [{"subject": subject} | effect for effect in row.get("effects", [])]
            self._rows[subject] = sorted(rows, key=lambda row: (row["first_at"], row["sk"]))
        return self._rows[subject]

    def _descendants(self, row: Row, seen: set[str]) -> Iterator[Row]:
        for effect in row.get("effects", []):
            for child in self.caused_by(row, effect):
                if row_key(child) not in seen:
                    seen.add(row_key(child))
                    yield child
                    yield from self._descendants(child, seen)

    def caused_by(self, row: Row, effect: Row) -> list[Row]:
        """Return the runs that handled an effect of a run."""
        if effect["kind"] == "notice":
            return []
        return [child for child in self.rows(effect["subject"]) if self._handled(child, effect, row)]

    def _handled(self, child: Row, effect: Row, parent: Row) -> bool:
        """Return whether `child` ran on an effect of `parent`.

        Events and wakes are compared by id. Objects are compared by version, otherwise by the cause that the run read
        from the object's metadata.
        """
        facts = child["facts"]
        if effect["kind"] in {"event", "wake"}:
            return bool(facts.get("id") == effect["id"])
        if effect.get("version") and facts.get("version"):
            return bool(effect["version"] == facts["version"])
        function, event_id = function_of(parent, self.deployment), parent["facts"].get("id")
        return self.cause(child) == {"subject": parent["pk"], "function": function, "event_id": event_id}

    def cause(self, row: Row) -> Row | None:
        """Return the run that caused this one, with the current name of its function."""
        return self.current(row.get("cause"))

    def current(self, cause: Row | None) -> Row | None:
        """Return a cause with the current name of its function."""
        return cause and {**cause, "function": functions.current_name(self.deployment, cause["function"])}

    def _decision(self, row: Row, above: frozenset[str]) -> Decision:
        """Return the decision in a row; `above` holds the keys of the runs above it, so that a cycle ends."""
        function = function_of(row, self.deployment)
        facts, spec = row["facts"], self.deployment.specs.get(function)
        above |= {row_key(row)}
        return {
            "function": function,
            "decision": row["decision"],
            "reason": row.get("reason"),
            "event_id": facts.get("id"),
            "event_type": facts.get("type"),
            "what": {name: facts.get(name) for name in ("type", "version", "sequence", "size")},
            "where": _place(row["pk"]) | {"region": facts.get("region")},
            "why": {
                "description": spec.description if spec else None,
                "pattern": dict(spec.trigger.asked) if spec else None,
            },
            "who": {name: facts.get(name) for name in ("requester", "source_ip")},
            "attempt": row.get("attempt", 0),
            "redrives": row.get("generation", 0),
            "replay": row.get("replay"),
            "settled_at": row.get("settled_at"),
            "times": times(row, spec),
            "duration_ms": row.get("duration_ms"),
            "correlation_id": row.get("correlation_id"),
            "cause": self.cause(row),
            "effects": [self._effect(row, effect, above) for effect in row.get("effects", [])],
            "effects_omitted": row.get("effects_omitted", 0),
        }

    def _effect(self, row: Row, effect: Row, above: frozenset[str]) -> dict[str, Any]:
        """Return an effect with the decisions of the runs that it caused."""
        caused = [child for child in self.caused_by(row, effect) if row_key(child) not in above]
        known = {name: value for name, value in effect.items() if value is not None}
        return known | {"decisions": [self._decision(child, above) for child in caused]}


def is_open(decision: Decision) -> bool:
    """Return whether a decision, or a decision below it, is not final yet."""
    caused = (below for effect in decision["effects"] for below in effect["decisions"])
    return decision["decision"] in OPEN or any(is_open(below) for below in caused)


def tree(subject: str, decisions: Sequence[Decision]) -> Iterator[tuple[str, Decision]]:
    """Yield each decision in a tree with its subject."""
    for decision in decisions:
        yield subject, decision
        for effect in decision["effects"]:
            yield from tree(effect["subject"], effect["decisions"])


def row_key(row: Row) -> str:
    """Return the key of a row as one text."""
    return f"{row['pk']}\n{row['sk']}"


def function_of(row: Row, deployment: Deployment) -> str:
    """Return the current name of the function in a row's key; the key holds the function's first name."""
    first_name: str = row["sk"].partition("#")[0].partition("@")[0]  # `@` and the name of a replay may follow
    return functions.current_name(deployment, first_name)


def _place(subject: str) -> dict[str, str | None]:
    uri = S3Uri.parse(subject)
    return {"bucket": uri.bucket, "key": uri.key} if uri else {"bucket": None, "key": None}
