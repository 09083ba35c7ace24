"""Finds the runs above a run: the run that caused its event, and so on to the first event of the chain."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

from botocore.exceptions import ClientError

from functions.runtime.core.lineage import from_metadata
from functions.runtime.core.s3_uri import S3Uri
from herald.investigate.history import History, Row, function_of, row_key

type Cause = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """The runs from the first one to the asked one; `lost` is the cause of the first one if the ledger has no row."""

    rows: Sequence[Row]
    lost: Cause | None

    @property
    def root(self) -> Row:
        """The first run."""
        return self.rows[0]

    @property
    def asked(self) -> Row:
        """The asked run."""
        return self.rows[-1]

    @property
    def keys(self) -> set[str]:
        """The keys of the rows."""
        return set(map(row_key, self.rows))

    def wrote(self, row: Row, effect: Row) -> Row | None:
        """Return the next run of the chain if it ran on an object that this run wrote."""
        below = next((below for above, below in pairwise(self.rows) if row_key(above) == row_key(row)), None)
        return below if below and effect["kind"] == "object" and below["pk"] == effect["subject"] else None


def chain(history: History, subject: str, event_id: str | None) -> Chain | None:
    """Return the chain to a run of the event, by default of the newest event of the subject; None: it has no run."""
    rows = [row for row in history.rows(subject) if event_id in {None, row["facts"].get("id")}]
    if not rows:
        return None
    found, keys = [rows[-1]], {row_key(rows[-1])}
    cause = _cause(history, rows[-1])
    while cause:
        parent = _row_of(history, cause)
        if parent is None:
            return Chain(rows=found[::-1], lost=cause)
        if row_key(parent) in keys:  # a cycle
            break
        found.append(parent)
        keys.add(row_key(parent))
        cause = _cause(history, parent)
    return Chain(rows=found[::-1], lost=None)


def _row_of(history: History, cause: Cause) -> Row | None:
    for row in history.rows(cause["subject"]):
        if row["facts"].get("id") == cause["event_id"] and function_of(row, history.deployment) == cause["function"]:
            return row
    return None


def _cause(history: History, row: Row) -> Cause | None:
    """Return the cause in the row, otherwise in the metadata of its object: a run that does not read it has none."""
    return history.cause(row) or history.current(_in_metadata(history, row))


def _in_metadata(history: History, row: Row) -> Cause | None:
    """Return the cause that a run wrote to the metadata of an object; None: it has none, or it cannot be read."""
    uri = S3Uri.parse(row["pk"])
    if not uri or not uri.key:
        return None
    version = {"VersionId": row["facts"]["version"]} if row["facts"].get("version") else {}
    try:
        head = history.deployment.client("s3").head_object(Bucket=uri.bucket, Key=uri.key, **version)
    except ClientError:
        return None
    lineage = from_metadata(head.get("Metadata", {}))
    return asdict(lineage.cause) if lineage and lineage.cause else None
