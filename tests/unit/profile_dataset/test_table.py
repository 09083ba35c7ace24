"""How rows are told apart: delimiters, quotes, headers, and rows that are too short or too long."""

import csv
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.runtime.core.errors import MalformedError
from tests.unit.profile_dataset.profiles import profile

CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
GRIDS = st.integers(1, 5).flatmap(lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), max_size=20))


def written(rows: list[list[str]], **how: Any) -> str:  # noqa: ANN401 - csv's parameters
    """Return rows as Python's csv module writes them."""
    text = io.StringIO(newline="")
    csv.writer(text, **how).writerows(rows)
    return text.getvalue()


@given(
    grid=GRIDS,
    delimiter=st.sampled_from(",;\t|"),
    ends=st.sampled_from(["\r\n", "\n", "\r"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_what_was_written_is_read(
    grid: list[list[str]], delimiter: str, ends: str, quoting: int, encoding: str
) -> None:
    """Any cells, in any way to write them: as many rows, and in every column as many nulls and distinct values."""
    width = len(grid[0]) if grid else 2
    rows = [[f"c{number}" for number in range(width)], *grid]
    if width == 1:
        quoting = csv.QUOTE_ALL  # nobody can tell whether a comma divides where nothing else does
    text = written(rows, delimiter=delimiter, lineterminator=ends, quoting=quoting)
    found = profile(text.encode(encoding))
    assert (found["rows"], found["blank_lines"]) == (len(grid), 0)
    assert (found["short_rows"]["count"], found["long_rows"]["count"]) == (0, 0)
    assert found["delimiter"] == (delimiter if width > 1 else ",")
    for number, column in enumerate(found["columns"]):
        values = [row[number].strip() for row in grid]
        assert column["nulls"] == values.count("")
        assert column["distinct"] == len({*values} - {""})
        assert sum(column["kinds"].values()) + column["nulls"] == len(grid)


@pytest.mark.parametrize(
    ("content", "delimiter", "columns"),
    [
        ("a,b\n1,2\n", ",", 2),
        ("a;b\n1,5;2,5\n", ";", 2),
        ("a\tb, c\n1\t2\n3\t4\n", "\t", 2),
        ("a|b\n1|2\n", "|", 2),
        ("a\n1;2\n", ",", 1),
        ("a,b;c\n1;2\n3;4\n", ";", 2),
        ('"a;b",c\n"1;2",3\n', ",", 2),
        ('"a;b;c",d\n"1\n2;3",4\n"5;\n6",7', ",", 2),
        ("a, b,c;d\n1,2,3\n", ",", 3),
        ("a;b;c\n1;2\n1;2;3\n", ";", 3),
        ("amount, EUR;label\n1,50;coffee\n12,00;lunch\n", ";", 2),
        ("amount,EUR;label\n1,50;coffee\n12,00;lunch\n", ";", 2),
        ("net, EUR;tax, EUR;label\n1,50;0,20;coffee\n12,00;1,40;lunch\n", ";", 3),
        ("net, EUR;tax, EUR\n1,50;0,20\n12,00;1,40\n", ";", 2),
        ("amount, EUR;label\n", ";", 2),
        ("amount, EUR;label\n1,50;coffee\n12,00;lunch;today\n", ";", 2),
        ("amount, EUR|label\n1,50|coffee\n", "|", 2),
        ("amount, EUR\tlabel\n1,50\tcoffee\n", "\t", 2),
        ("name; title,city\nByron; Lady,London\n", ",", 2),
        ("id,first;last,city\n1,a;b,London\n2,c;d,Paris\n", ",", 3),
        ("  \namount, EUR;label\n  \n1,50;coffee\n", ";", 2),
    ],
)
def test_the_delimiter_is_the_one_that_fits(content: str, delimiter: str, columns: int) -> None:
    """It divides the header, and the rows as the header: decimal commas and quoted text do not mislead."""
    found = profile(content)
    assert (found["delimiter"], len(found["columns"])) == (delimiter, columns)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
@pytest.mark.parametrize(
    ("line", "delimiter"),
    [
        ("sep=;", ";"),
        ("SEP=,", ","),
        ("sep=\t", "\t"),
        ("sep=\\t", "\t"),
        ('"sep=;"', ";"),
        ("sep=|", "|"),
        ("sep=^", "^"),
        ("sep=:", ":"),
        ("sep= ", " "),
        ("sep=;;", ";"),
        (" \nsep=;", ";"),
    ],
)
def test_a_first_line_names_the_delimiter_and_is_no_header(line: str, delimiter: str, encoding: str, end: str) -> None:
    """As Excel reads it, also where another delimiter would fit better; lines are counted with it."""
    rows = ["id", "a/b/c"], ["1", "x/y/z"], ["2", "x/y/z"], ["short"]
    content = end.join([*line.split("\n"), *(delimiter.join(row) for row in rows), ""])
    content = content.replace("/", "," if delimiter == ";" else ";")
    found = profile(content.encode(encoding))
    assert (found["delimiter"], found["rows"]) == (delimiter, 3)
    assert [each["distinct"] for each in found["columns"]] == [3, 1]
    assert found["short_rows"] == {"count": 1, "lines": [5 + line.count("\n")]}


@pytest.mark.parametrize("content", ["sep\n1\n", "sep=,x\n1,2\n", "sep=\n1\n", "id,sep=;\n1,2\n", "id\nsep=;\n"])
def test_what_names_no_delimiter_is_a_row(content: str) -> None:
    """Only a whole first line that says `sep=` and one character does."""
    assert profile(content)["columns"][0]["header"] == content.splitlines()[0].split(",")[0]


def test_a_named_delimiter_alone_is_no_dataset() -> None:
    """There is no header below it."""
    with pytest.raises(MalformedError, match="no header"):
        profile("sep=;\n")


@pytest.mark.parametrize("blank", ["   ", "\t", " \t ", "\u00a0", "\u3000"])
@pytest.mark.parametrize("header", ["id,name", "id;name", "id"])
def test_a_line_of_blanks_is_a_blank_line(header: str, blank: str) -> None:
    """Before the header, between rows, and at the end; a pair of quotes is a value that is missing."""
    row = header.replace("id", "1").replace("name", "a")
    found = profile("\n".join([blank, header, row, blank, row, '""' if header == "id" else row, blank]))
    assert [each["header"] for each in found["columns"]] == header.replace(";", ",").split(",")
    assert (found["rows"], found["blank_lines"], found["short_rows"]["count"]) == (3, 3, 0)


def test_a_row_of_tabs_is_a_row_of_nulls_where_tabs_divide() -> None:
    """It has as many cells as the header, all of them empty."""
    found = profile("a\tb\n1\t2\n\t\n")
    assert (found["rows"], found["blank_lines"]) == (2, 0)
    assert [each["nulls"] for each in found["columns"]] == [1, 1]


def test_quotes_hold_delimiters_quotes_and_newlines() -> None:
    """In CRLF, LF and CR by turns, and with blanks before a quote; a quote within a value is only that."""
    (column, other) = profile('t,n\r\n"a,\r\nb",1\n "c ""d""",2\r5" pipe,3\n"x"y,4')["columns"]
    assert column["examples"] == ["a,\r\nb", 'c "d"', '5" pipe', "xy"]
    assert (other["type"], other["max"]) == ("integer", 4)


def test_the_first_row_is_the_header_whatever_it_looks_like() -> None:
    """Blank lines before it, and between rows, are no rows; they are counted."""
    found = profile("\n\n1,2\n\n3,4\n\n")
    assert (found["rows"], found["blank_lines"]) == (1, 4)
    assert [each["name"] for each in found["columns"]] == ["1", "2"]


@pytest.mark.parametrize("end", ["", "\n", "\r\n\r\n"])
def test_a_header_alone_is_a_dataset_without_rows(end: str) -> None:
    """It says which columns there would be; of their values it says nothing."""
    found = profile("a,b" + end)
    assert found["rows"] == 0
    assert [(each["name"], each["type"]) for each in found["columns"]] == [("a", "empty"), ("b", "empty")]


def test_rows_that_are_too_short_or_too_long_are_counted_and_not_lost() -> None:
    """Missing fields are null, fields beyond the header are left out; the lines are those an editor shows."""
    found = profile('a,b,c\n1,2,3\n4,5\n"6\n\n",7,8,9\n\n10\n11,12,13\n,,,\n')
    assert found["rows"] == 6
    assert found["short_rows"] == {"count": 2, "lines": [3, 8]}
    assert found["long_rows"] == {"count": 2, "lines": [4, 10]}
    assert [each["nulls"] for each in found["columns"]] == [1, 2, 3]
    assert [each["max"] for each in found["columns"]] == [11, 12, 13]


def test_the_first_ten_ragged_rows_are_named() -> None:
    """All are counted."""
    short = profile("a,b\n" + "1\n" * 1_000)["short_rows"]
    assert short == {"count": 1_000, "lines": list(range(2, 12))}


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ('a,b\n1,2\n3,"4\n5,6\n', 3),
        ('a,b\n1,"2', 2),
        ('"a,b\n1,2\n', 1),
        ('a,b\n\n"1\n2",3\n4,5"\n"', 6),
    ],
)
def test_a_quote_that_is_never_closed_is_refused(content: str, line: int) -> None:
    """It would take all rows that follow for one value; the reason names the line in which its row begins."""
    with pytest.raises(MalformedError) as refused:
        profile(content)
    assert str(refused.value) == f"line {line} opens a quote that is never closed"


def test_a_field_may_be_longer_than_csv_takes_by_default() -> None:
    """Its own limit, of 131,072 characters, would be a fault without a line."""
    (column, _) = profile(f"a,b\n{'x' * 500_000},1\n")["columns"]
    assert (column["max_length"], len(column["examples"][0])) == (500_000, 120)


def test_ten_thousand_columns_are_profiled_and_more_are_refused() -> None:
    """What is kept of each is little enough."""
    names = [f"c{number}" for number in range(10_000)]
    found = profile(",".join(names) + "\n" + ",".join(map(str, range(10_000))) + "\n" + "," * 9_999)
    assert [each["name"] for each in found["columns"]] == names
    assert [each["max"] for each in found["columns"]] == list(range(10_000))
    assert {each["nulls"] for each in found["columns"]} == {1}
    with pytest.raises(MalformedError, match=r"^the header has 10,001 columns, more than 10,000$"):
        profile("," * 10_000)
