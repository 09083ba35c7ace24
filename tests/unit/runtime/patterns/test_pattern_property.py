"""Any pattern and any event, compared with a second implementation that tries every choice of values.

The event is split into values with their paths and their elements of arrays. A combination of the pattern matches if a
value, or its absence, can be chosen for each field so that no two values are in different elements of one array.
"""

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any, Final

from hypothesis import given, settings
from hypothesis import strategies as st

from functions.runtime.patterns.pattern import PatternError, check, matches, mismatch

ABSENT: Final = object()
type Elements = dict[tuple[str | int, ...], int]  # by where an array stands in the event, the index in it


def values(node: Any, at: tuple[str | int, ...], path: str, within: Elements) -> Iterator[tuple[str, Any, Elements]]:  # noqa: ANN401 - JSON
    """Yield the values of an event with their dotted paths and their elements of arrays."""
    if isinstance(node, dict):
        for name, below in node.items():
            yield from values(below, (*at, name), f"{path}.{name}".strip("."), within)
    elif isinstance(node, list):
        for index, below in enumerate(node):
            inner = within | {at: index} if isinstance(below, (dict, list)) else within
            yield from values(below, (*at, index), path, inner)
    else:
        yield path, node, within


def choices(todo: list[tuple[str, Any]], known: dict[str, list[Any]]) -> Iterator[dict[str, list[Any]]]:
    """Yield a pattern's condition on each field, for every choice of branches; later conditions replace earlier."""
    if not todo:
        yield known
        return
    (path, wanted), *rest = todo
    above, _, name = path.rpartition(".")
    if name == "$or":
        for branch in wanted:
            yield from choices([(f"{above}.{key}".strip("."), each) for key, each in branch.items()] + rest, known)
    elif isinstance(wanted, dict):
        yield from choices([(f"{path}.{key}", each) for key, each in wanted.items()] + rest, known)
    else:
        yield from choices(rest, known | {path: wanted})


def accepts(alternative: Any, value: Any) -> bool:  # noqa: ANN401 - JSON
    """Return whether a value matches an alternative with one of these patterns' operators."""
    match alternative:
        case {"exists": wanted}:
            return bool(wanted)
        case {"prefix": start}:
            return isinstance(value, str) and value.startswith(start)
        case {"anything-but": excluded}:
            return type(excluded) is not type(value) or excluded != value
    return type(alternative) is type(value) and bool(alternative == value)


def is_met(wanted: Mapping[str, list[Any]], found: list[tuple[str, Any, Elements]]) -> bool:
    """Return whether some choice of values is consistent; fields are tried in the order of their names."""
    paths = sorted(wanted)
    options = [
        [within for at, value, within in found if at == path and any(accepts(each, value) for each in wanted[path])]
        + [ABSENT] * ({"exists": False} in wanted[path])
        for path in paths
    ]
    return any(is_consistent(dict(zip(paths, chosen, strict=True)), found) for chosen in product(*options))


def is_consistent(chosen: dict[str, Any], found: list[tuple[str, Any, Elements]]) -> bool:
    """Return whether no two values are in different elements of one array, and absent fields are in none of them."""
    sofar: Elements = {}
    for path, within in chosen.items():
        others = [each for at, _, each in found if at == path] if within is ABSENT else [within]
        agreeing = [all(sofar.get(array, index) == index for array, index in each.items()) for each in others]
        if any(agreeing) is (within is ABSENT):
            return False
        sofar |= {} if within is ABSENT else within
    return True


scalars = st.sampled_from([0, 1, "x", "xy", True, None])
names = st.sampled_from("ab")


def objects(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Return objects that are not empty, and arrays of them or of arrays."""
    one = st.dictionaries(names, inner, min_size=1)
    return one | st.lists(one | st.lists(one | scalars, max_size=2), max_size=3)


below = scalars | st.lists(scalars, max_size=2)
events = st.dictionaries(names, below | objects(below | objects(below)), min_size=1)
alternatives = st.one_of(
    scalars,
    st.builds(lambda text: {"prefix": text}, st.sampled_from(["", "x"])),
    st.builds(lambda exists: {"exists": exists}, st.booleans()),
    st.builds(lambda value: {"anything-but": value}, st.sampled_from(["x", "xy", 1])),
)
leaves = st.lists(alternatives, min_size=1, max_size=3)


def tables(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Return patterns of one level, with or without `$or`."""
    plain = st.dictionaries(st.sampled_from(["a", "b", "a.b"]), inner, min_size=1, max_size=2)
    either = st.lists(plain, min_size=2, max_size=2)
    return plain | st.builds(lambda table, branches: {**table, "$or": branches}, plain, either)


patterns = tables(leaves | tables(leaves))


@settings(max_examples=500, deadline=None)
@given(patterns, events)
def test_an_event_matches_if_values_can_be_chosen(pattern: dict[str, Any], event: dict[str, Any]) -> None:
    """Otherwise `mismatch` returns a sentence."""
    check(pattern)
    found = list(values(event, (), "", {}))
    expected = any(is_met(wanted, found) for wanted in choices(list(pattern.items()), {}))
    assert matches(pattern, event) is expected
    assert (mismatch(pattern, event) is None) is expected


@given(scalars.filter(lambda value: type(value) in {str, int}), scalars)
def test_anything_but_is_the_complement_of_the_value(wanted: object, value: object) -> None:
    """For a present field, exactly one of the two matches."""
    event = {"a": value}
    assert matches({"a": [wanted]}, event) is not matches({"a": [{"anything-but": wanted}]}, event)


anything = st.recursive(
    scalars | st.floats() | st.dates() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["$or", "a", "numeric"]), inner),
)


@given(st.dictionaries(st.text(max_size=3), anything))
def test_any_content_of_a_pattern_is_accepted_or_refused(pattern: dict[str, Any]) -> None:
    """The only error is PatternError."""
    try:
        check(pattern)
    except PatternError:
        return
    assert matches(pattern, {}) is (mismatch(pattern, {}) is None)
