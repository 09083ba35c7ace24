"""How correlation and causation travel on objects."""

from hypothesis import given
from hypothesis import strategies as st

from functions.runtime.core.lineage import Cause, Lineage, from_metadata, to_metadata

texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)


@given(subject=texts, depth=st.integers(0, 50))
def test_lineage_survives_the_metadata_of_an_object(subject: str, depth: int) -> None:
    """What is written on an object is read back, whatever letters the subject has; S3 takes only ASCII."""
    cause = Cause(subject=f"s3://b/{subject}", function="f", event_id="1")
    lineage = Lineage(correlation_id="c", cause=cause, depth=depth)
    metadata = to_metadata(lineage)
    assert all(value.isascii() for value in metadata.values())
    assert from_metadata(metadata) == lineage


def test_a_subject_too_long_for_metadata_is_left_out() -> None:
    """S3 refuses metadata over 2 KB: the correlation stays, the way to the cause does not."""
    cause = Cause(subject="s3://b/" + "ü" * 500, function="f", event_id="1")
    metadata = to_metadata(Lineage(correlation_id="c", cause=cause, depth=1))
    assert sum(len(name) + len(value) for name, value in metadata.items()) < 2_048
    assert from_metadata(metadata) == Lineage(correlation_id="c", depth=1)


def test_objects_of_others_have_no_lineage() -> None:
    """Metadata of jobs is theirs: nothing is read into it."""
    assert from_metadata({}) is None
    assert from_metadata({"correlationid": "c", "depth": "many"}) is None
