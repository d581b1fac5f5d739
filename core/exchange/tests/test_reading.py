"""Tables out of files: formats, encodings, limits, junk."""

import datetime as dt
import io
import json
import subprocess
import sys

import pytest
from django.conf import settings
from openpyxl import Workbook

from core.exchange import limits
from core.exchange.faults import fault_of
from core.exchange.limits import Unreadable
from core.exchange.reading import Format, read
from core.exchange.tests.bombs import BOOKS, PIECES


def reading(data, **given):
    return read(
        io.BytesIO(data.encode() if isinstance(data, str) else data),
        is_sealed=given.pop("is_sealed", False),
        **given,
    )


def rows(data, **given):
    """The rows without their numbers."""
    return [cells for _number, cells in reading(data, **given).packed.rows()]


def refusal(data, **given):
    with pytest.raises(Unreadable) as caught:
        reading(data, **given)
    return str(caught.value)


def sheet(*table, change=None):
    book = Workbook()
    for row in table:
        book.active.append(row)
    if change:
        change(book.active)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


# --- Which format, encoding and delimiter


@pytest.mark.parametrize(
    ("data", "name", "expected"),
    [
        ("a,b\n1,2\n", "", Format.CSV),
        ("a\tb\n1\t2\n", "", Format.CSV),
        ("a\tb\n1\t2\n", "x.tsv", Format.TSV),
        ('[{"a": 1}]', "", Format.JSON),
        ('{"a": 1}', "", Format.JSON),
        ('{"a": 1}\n{"a": 2}\n', "", Format.JSON_LINES),
        ('{"a": 1}\n{"a": 2}\n', "x.json", Format.JSON_LINES),
        ('{"a": 1}\n', "x.jsonl", Format.JSON_LINES),
        ("- a: 1\n", "", Format.YAML),
        ("---\n- a: 1\n", "", Format.YAML),
        ("- a: 1\n", "x.yml", Format.YAML),
        (sheet(["a"], [1]), "x.csv", Format.XLSX),
    ],
    ids=["csv", "tabs", "tsv", "json", "object", "lines", "lines.json", "jsonl",
         "yaml", "yaml---", "yml", "xlsx.csv"],
)  # fmt: skip
def test_the_format_is_found_by_content_and_name(data, name, expected):
    assert reading(data, name=name).format == expected


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_text_is_read_in_its_encoding(encoding):
    data = "名称,值\n电影,1\n".encode(encoding)

    table = reading(data)

    assert table.packed.head.names == ["名称", "值"]
    assert [*table.packed.rows()] == [[2, ["电影", "1"]]]


@pytest.mark.parametrize(
    ("data", "given", "told"),
    [
        (b"\xff\xfe\x00\x00a\x00\x00\x00", {}, "UTF-32"),
        (b"a,b\n\x00,1\n", {}, "Line 2 holds NUL"),
        (b"\x89PNG\r\n\x1a\n\xff\xff", {}, "no encoding"),
        ("名".encode("gb18030"), {"encoding": "utf-8-sig"}, "not in UTF-8: see byte 1"),
        ("a\n1".encode("utf-16-le"), {}, "NUL"),
        (b"\xd0\xcf\x11\xe0old", {}, "old Excel"),
        (b"PK\x03\x04junk", {}, "no XLSX workbook"),
        (b"a,b", {"name": "x.xlsx"}, "whatever its name"),
    ],
    ids=["utf-32", "nul", "binary", "wrong", "no-mark", "xls", "junk-zip", "no-zip"],
)
def test_what_is_no_text_is_told(data, given, told):
    assert told in refusal(data, **given)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(delimiter):
    text = f'a{delimiter}b\n"1,2;3"{delimiter}x\n"4,5;6"{delimiter}y\n'

    table = reading(text)

    assert table.delimiter == delimiter
    assert rows(text) == [["1,2;3", "x"], ["4,5;6", "y"]]
    assert rows(f"sep={delimiter}\n{text}") == rows(text)


# --- Tables


def test_quotes_line_breaks_and_blank_lines_are_read():
    text = 'a,b\r\n"x\ny","say ""hi"""\r\n\r\nlast,\r\n'

    assert [*reading(text).packed.rows()] == [
        [2, ["x\ny", 'say "hi"']],
        [4, ["last", ""]],
    ]


def test_a_row_of_another_width_is_wrong_and_the_others_are_not():
    assert rows("a,b\n1\n1,2\n1,2,3\n1,2,,\n") == [
        "width",
        ["1", "2"],
        "width",
        ["1", "2"],
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "empty"),
        ("\n\n", "has to name the columns"),
        ("a,b\n", "no row"),
        ('a\n"x\n', "Row 2: a quotation mark is opened"),
        ('a\n"x"y\n', "Row 2: text follows"),
        (f"a\n{'x' * (limits.MOST_CELL + 1)}\n", "Row 2: a cell is longer"),
        (f"{','.join('a' * 501)}\n1\n", "501 columns"),
    ],
    ids=["empty", "blank", "header", "quote", "after-quote", "cell", "columns"],
)
def test_a_table_that_cannot_be_read_says_where(text, told):
    assert told in refusal(text)


def test_a_million_rows_are_the_most(monkeypatch):
    monkeypatch.setattr(limits, "MOST_ROWS", 3)

    assert len(rows("a\n1\n2\n3\n")) == 3
    assert "more than 3 rows" in refusal("a\n1\n2\n3\n4\n")


# --- Workbooks


def test_a_workbook_is_read_as_its_texts():
    data = sheet(
        ["n", "f", "b", "t", "s", "none"],
        [1, 2.5, True, dt.datetime(2024, 5, 1, 12, 30), "电影_x0041_", None],  # noqa: DTZ001
        [5.0, 1e20, False, dt.date(2024, 5, 1), "'=1", ""],
        [2**40, -0.5, None, dt.time(3, 4, 5), "\\N", None],
    )

    assert rows(data) == [
        ["1", "2.5", "true", "2024-05-01 12:30:00", "电影A", ""],
        ["5", "1e+20", "false", "2024-05-01 00:00:00", "'=1", ""],
        [str(2**40), "-0.5", "", "03:04:05", "\\N", ""],
    ]


def test_a_formula_and_an_error_are_told_where_they_stand():
    data = sheet(["a", "b"], ["=1+1", "x"], ["y", "#N/A"])

    (formula, fine), (_fine, error) = rows(data)

    assert "formula" in fault_of(formula)
    assert fine == "x"
    assert "error" in fault_of(error)


def test_merged_cells_stand_in_the_first():
    data = sheet(["a", "b"], ["x", "gone"], change=lambda s: s.merge_cells("A2:B2"))

    assert rows(data) == [["x", ""]]


def test_a_workbook_without_rows_is_told():
    assert "name the columns" in refusal(sheet())


# --- Documents


def test_records_have_values_of_their_own_types():
    expected = [{"a": 1, "b": None, "c": [1, {"x": "y"}]}, {"b": "", "d": True}]
    lines = "\n".join(map(json.dumps, expected))

    for data in (json.dumps(expected), f" {json.dumps(expected, indent=1)} \n", lines):
        table = reading(data)
        assert table.packed.head.names == ["a", "b", "c", "d"]
        assert [cells for _n, cells in table.packed.rows()] == expected


def test_yaml_takes_for_a_number_only_what_others_quote():
    text = """
- {i: 12, f: 1.5, n: ~, t: true, day: 2024-05-01, clock: 12:30:00, yes: yes}
- {i: "12", f: 1e5, n: "", t: 'true', day: 0123, clock: !!str 7, yes: [1, {a: b}]}
"""

    assert rows(text, name="x.yaml") == [
        {"i": 12, "f": 1.5, "n": None, "t": True, "day": "2024-05-01",
         "clock": "12:30:00", "yes": "yes"},
        {"i": "12", "f": "1e5", "n": "", "t": "true", "day": "0123",
         "clock": "7", "yes": [1, {"a": "b"}]},
    ]  # fmt: skip


def test_a_broken_line_is_wrong_and_the_others_are_not():
    text = '{"a": 1}\n{"a": \n[1]\n{"a": NaN}\n\n{"a": 2}\n'

    assert rows(text, name="x.jsonl") == [
        {"a": 1},
        "broken",
        "object",
        "broken",
        {"a": 2},
    ]


@pytest.mark.parametrize(
    ("text", "name", "told"),
    [
        ("[]", "x.json", "no record"),
        ('[{"a": 1}', "x.json", "is expected"),
        ('[{"a": 1} {"a": 2}]', "x.json", "Record 2"),
        ('[{"a": 1}, {"a": }]', "x.json", "Record 2 is not valid JSON"),
        ('[{"a": 1}, 2]', "x.json", "Record 2 is no object"),
        ('[{"a": 1}] x', "x.json", "More text"),
        ("a: 1", "x.yaml", "list of objects"),
        ("- a: [", "x.yaml", "not valid YAML"),
        ("- &a {x: 1}\n- *a", "x.yaml", "Line 2: aliases"),
        ("- a: !!python/object:os.system x", "x.yaml", "Line 1: values of the kind"),
        ("- a: !!timestamp 2024-01-01", "x.yaml", "values of the kind"),
    ],
    ids=["none", "open", "comma", "json", "number", "more", "mapping", "open-yaml",
         "alias", "python", "timestamp"],
)  # fmt: skip
def test_a_document_that_cannot_be_read_says_where(text, name, told):
    assert told in refusal(text, name=name)


@pytest.mark.parametrize("name", ["x.json", "x.jsonl", "x.yaml"])
def test_what_is_nested_too_deeply_is_told(name):
    text = f'{{"a": {"[" * 150}1{"]" * 150}}}'
    text = text if name == "x.jsonl" else f"[{text}]"

    if name == "x.yaml":
        assert "nested too deeply" in refusal(text, name=name)
    else:
        assert rows(text, name=name) == ["deep"]


# --- Keeping


def test_secrets_are_kept_sealed():
    table = reading("name,cookie\na,synthetic-cookie-1\n", is_sealed=True).packed

    assert b"synthetic" not in table.payload
    assert [*table.rows()] == [[2, ["a", "synthetic-cookie-1"]]]


def test_rows_are_taken_up_from_any_place():
    table = reading("a\n" + "".join(f"{n}\n" for n in range(2500))).packed

    for start in (0, 1, 999, 1000, 1001, 2499, 2500):
        found = [int(cells[0]) for _number, cells in table.rows(start)]
        assert found == [*range(start, 2500)]


# --- Bombs


@pytest.mark.parametrize("name", [*PIECES, *BOOKS])
def test_a_bomb_takes_little_memory(name):
    done = subprocess.run(
        [sys.executable, "-m", "core.exchange.tests.bombs", name],
        cwd=settings.BASE_DIR, capture_output=True, text=True, timeout=300, check=True,
    )  # fmt: skip

    assert int(done.stdout.partition(" ")[0]) < 300, done.stdout
