"""What an export writes is what the database holds, in every format."""

from __future__ import annotations

import csv
import io
import json
import zipfile

import pytest
import yaml
from django.db import connections
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from core.admin.tests import awkward
from core.changes.operations import stored_value
from core.changes.reading import StoredRecords
from core.changes.rows import Rows, same
from core.changes.tests.support import add, add_messages, add_sites
from core.exchange import writing, writing_sheets
from core.exchange.cells import (
    FORMULA,
    LEFT_OUT,
    from_cell,
    from_document,
    from_sheet,
    is_cell_of,
    is_document_of,
)
from core.exchange.left_out import holds_secret
from core.exchange.sheet_limits import first_too_long
from core.exchange.writing import FORMATS, Export, next_size, write
from core.exchange.writing_documents import yaml_text
from core.exchange.writing_sheets import MOST_CELL, CellTooLong
from core.fields import JSONColumn, LocalDateTimeField
from core.models import Message
from core.opers.base import oper_of
from core.secrets import mask_json
from sites.models import Site

TABLES = ("csv", "tsv", "xlsx")
DOCUMENTS = ("jsonl", "yaml")
HOSTILE = [
    "=1+1",
    "+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "＝1",
    "'=1",
    "=cmd|'/c x'!A",
]


def columns_of(model):
    return [field.attname for field in model._meta.fields]


def exported(export, name, **options):
    """The file's bytes."""
    return b"".join(write(export, FORMATS[name], **options))


def read(data, name):
    """Rows of the file, read by somebody else's code: texts, or objects by name."""
    if name == "jsonl":
        return [json.loads(line) for line in data.decode().splitlines()]
    if name == "yaml":
        return yaml.load(data.decode(), getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
    if name == "xlsx":
        sheets = load_workbook(io.BytesIO(data), read_only=True).worksheets
        return [row for sheet in sheets for row in sheet_rows(sheet)]
    text = io.StringIO(data.decode(), newline="")
    return [*csv.reader(text, delimiter="\t" if name == "tsv" else ",", strict=True)]


def sheet_rows(sheet):
    sheet.reset_dimensions()
    return [[sheet_text(cell.value) for cell in row] for row in sheet.rows]


def sheet_text(value):
    if isinstance(value, str):
        return from_sheet(value)
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else repr(value)


def all_of(model, **options):
    ids = oper_of(model).get_queryset().ids()
    return Export(model, columns_of(model), ids, **options)


def check_values(export, rows, *, is_document, broken):
    """Each value is told, and those that can be stored are stored the same again."""
    stored = StoredRecords(export.model, export.columns)
    raws = stored.read(export.ids)
    assert len(rows) == len(raws)
    is_same = is_document_of if is_document else is_cell_of
    decode = from_document if is_document else from_cell
    for row, values in zip(rows, raws, strict=True):
        raw_row = dict(zip(["id", *stored.columns], values, strict=True))
        for field in export.fields:
            value, raw = row[field.attname], raw_row[field.attname]
            assert is_same(field, raw, value), (field, raw, value)
            # These have no microseconds yet, as the console would write them.
            if raw_row["id"] != broken and not isinstance(field, LocalDateTimeField):
                again = stored_value(stored.rows, field, decode(field, value))
                assert same(again, raw), field


@pytest.mark.parametrize("name", [*FORMATS])
def test_every_table_is_written_and_reads_the_same(library, without_expectations, name):
    ids = awkward.fill(library)
    for model, pks in ids.items():
        # A cell of a workbook holds no such text.
        pks = [pk for pk in pks if name != "xlsx" or pk != pks[4]]
        export = Export(model, columns_of(model), pks, with_secrets=True)

        rows = read(exported(export, name), name)

        if name in TABLES:
            head, *rows = rows
            assert head == columns_of(model)
            rows = [dict(zip(head, row, strict=True)) for row in rows]
        broken = pks[-1] if library.vendor == "sqlite" else None
        check_values(export, rows, is_document=name in DOCUMENTS, broken=broken)


@pytest.mark.parametrize("name", [*FORMATS])
def test_secrets_are_left_out_whole(library, name):
    for model, pks in awkward.fill(library).items():
        public = [n for n in columns_of(model) if n not in model.secret_fields]
        pks = pks[:4]

        data = exported(Export(model, public, pks), name)

        assert awkward.SECRET.encode() not in data
        if model.secret_fields:
            with pytest.raises(ValueError, match="Secret columns"):
                exported(Export(model, columns_of(model), pks), name)


@pytest.mark.parametrize("name", [*FORMATS])
def test_json_with_secrets_in_it_is_left_out_where_it_stands(sqlite_library, name):
    note = json.dumps({"password": "synthetic-password-1"})
    add(sqlite_library, "message", [{"title": "m", "action": 0, "note": note}])
    [plain] = add(
        sqlite_library, "message", [{"title": "m", "action": 0, "note": '{"a": 1}'}]
    )
    ids = [plain - 1, plain]

    rows = read(exported(Export(Message, ["id", "note"], ids), name), name)

    if name in DOCUMENTS:
        assert rows == [{"id": ids[0]}, {"id": ids[1], "note": {"a": 1}}]
    else:
        assert rows[1:] == [[str(ids[0]), LEFT_OUT], [str(ids[1]), '{"a": 1}']]
    everything = exported(Export(Message, ["note"], ids, with_secrets=True), "csv")
    assert b"synthetic-password-1" in everything


NAMES = st.sampled_from(["passKEY", "Token", "ſecret", "pin", "key", "monkey", "a"])
PARTS = st.recursive(
    st.sampled_from(
        ["x", "", 0, 1, True, None, "https://t.example/?passkey=1", "?uid=1"]
    ),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(NAMES, inner, max_size=2)
    ),
    max_leaves=5,
)


@given(PARTS, st.booleans(), st.booleans())
def test_no_secret_part_of_json_is_overlooked(value, is_ascii, is_tight):
    separators = (",", ":") if is_tight else None
    text = json.dumps(value, ensure_ascii=is_ascii, separators=separators)

    assert holds_secret(text) == (mask_json(value) != value)
    assert holds_secret(text.replace("=", "\\u003d")) == holds_secret(text)


@pytest.mark.parametrize(
    "raw",
    [
        b"any",
        '{"password": "synthetic-1", "password": ""}',
        '{"password": "synthetic-1',
        '{"u": "https://someone:synthetic-1@t.example/"',
    ],
)
def test_json_that_nobody_can_be_sure_of_is_left_out(raw):
    assert holds_secret(raw)


# --- Which records, and in which order


def test_records_stand_in_the_order_of_the_list(library):
    values = [3, None, 1, 3, 2, None]
    ids = add(library, "site", [{"name": "s", "url": "u", "pri": n} for n in values])
    sites = Site.objects.get_queryset()
    a, b, c, d, e, f = ids

    assert [*sites.ids_in(("-id",))] == ids[::-1]
    assert [*sites.ids_in(("pri", "id"))] == [c, e, a, d, b, f]
    assert [*sites.ids_in(("-pri", "-id"))] == [d, a, e, c, f, b]
    library.execute("DELETE FROM site WHERE pri IS NULL")
    assert [*sites.ids_in(("pri", "id"))] == [c, e, a, d]

    rows = read(exported(Export(Site, ["pri", "id"], [d, a, b, c]), "csv"), "csv")
    assert rows == [["pri", "id"], ["3", str(d)], ["3", str(a)], ["1", str(c)]]


def test_what_is_written_meanwhile_neither_doubles_nor_hides_a_record(
    library, monkeypatch
):
    monkeypatch.setattr(writing, "MOST_ROWS", 40)
    ids = add_sites(library, 100)
    chosen = Site.objects.get_queryset().ids_in(("pri", "id"))
    moviepilot = library.moviepilot_connect()
    pieces = []

    for number, piece in enumerate(write(Export(Site, ["id"], chosen), FORMATS["csv"])):
        pieces.append(piece)
        # Everything moves in the order; one goes, one comes.
        moviepilot.execute("UPDATE site SET pri = 200 - pri")
        moviepilot.execute(f"DELETE FROM site WHERE id = {ids[-1 - number]}")
        moviepilot.execute("INSERT INTO site (name, url) VALUES ('new', 'u')")

    found = [int(row[0]) for row in read(b"".join(pieces), "csv")[1:]]
    left = {pk for (pk,) in library.execute("SELECT id FROM site")} & {*ids}
    assert len(found) == len({*found})
    assert left <= {*found} <= {*ids}


def test_no_reader_holds_the_database_between_two_pages(sqlite_library):
    add_messages(sqlite_library, 300)
    moviepilot = sqlite_library.moviepilot_connect()

    for _piece in write(all_of(Message), FORMATS["jsonl"]):
        moviepilot.execute("INSERT INTO message (title, action) VALUES ('new', 0)")
        state = moviepilot.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        assert state[0] == 0  # nobody is in the way


def test_a_page_is_one_query_whatever_the_table(library):
    add_messages(library, 400)
    pages = Export(Message, columns_of(Message), Message.objects.get_queryset().ids())
    with CaptureQueriesContext(connections["moviepilot"]) as queries:
        rows = [len(page) for page in pages.pages()]

    assert rows == [50, 100, 200, 50]
    selects = [q for q in queries.captured_queries if 'FROM "message"' in q["sql"]]
    assert len(selects) == len(rows)


def test_pages_are_short_where_records_are_long():
    short, long = [(1, "x")] * 100, [(1, "x" * 100_000)] * 100

    assert next_size(short, 100) == 200
    assert next_size(short, 1000) == 1000
    assert next_size(long, 100) == 10
    assert next_size([(1, "x" * 10**8)], 100) == 1
    assert next_size([], 100) == 200


# --- What a file may do to whoever opens it


@pytest.mark.parametrize("name", ["csv", "tsv"])
def test_no_text_is_a_formula(sqlite_library, name):
    ids = [
        pk
        for text in HOSTILE
        for pk in add_messages(sqlite_library, 1, text=text, note=text)
    ]

    [_head, *rows] = read(exported(Export(Message, ["text", "note"], ids), name), name)

    assert [row[0] for row in rows] == [f"'{text}" for text in HOSTILE]
    for row in rows:
        assert all(cell[0] == "'" or cell[0] not in FORMULA for cell in row)


def test_a_workbook_has_texts_and_no_formulas(sqlite_library):
    ids = [pk for text in HOSTILE for pk in add_messages(sqlite_library, 1, text=text)]

    data = exported(Export(Message, ["text", "action"], ids), "xlsx")

    sheet = load_workbook(io.BytesIO(data)).active
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} == {"s", "n"}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")


def test_rows_end_and_quotes_double_as_rfc_4180_says(sqlite_library):
    ids = add_messages(sqlite_library, 1, text='a "b", c\nd')

    data = exported(Export(Message, ["title", "text"], ids), "csv", marked=True)

    assert data == b'\xef\xbb\xbftitle,text\r\nm0,"a ""b"", c\nd"\r\n'


# --- What is odd or large


def test_a_long_table_goes_on_in_the_next_sheet(sqlite_library, monkeypatch):
    monkeypatch.setattr(writing_sheets, "MOST_ROWS", 60)
    ids = add_messages(sqlite_library, 150)

    data = exported(Export(Message, ["id"], ids), "xlsx")

    sheets = load_workbook(io.BytesIO(data), read_only=True).worksheets
    tables = [sheet_rows(sheet) for sheet in sheets]
    assert [len(rows) for rows in tables] == [60, 60, 33]
    assert [row for rows in tables for row in rows[1:]] == [[str(pk)] for pk in ids]
    assert {rows[0][0] for rows in tables} == {"id"}


def test_a_text_no_cell_can_hold_is_found_before_the_file_is_begun(library):
    ids = add_messages(library, 3, text="x" * MOST_CELL)
    ids += add_messages(library, 1, text="🎬" * (MOST_CELL // 2) + "x")
    everything = Message.objects.get_queryset()
    export = Export(Message, ["id", "text", "note"], ids)
    assert first_too_long(export, everything) is None
    assert exported(export, "xlsx")

    ids += add_messages(library, 1, text="🎬" * (MOST_CELL // 2 + 1))

    export = Export(Message, ["id", "text"], ids)
    assert first_too_long(export, everything) == (ids[-1], "text", MOST_CELL + 1)
    with pytest.raises(CellTooLong):
        exported(export, "xlsx")
    assert first_too_long(Export(Message, ["id"], ids), everything) is None
    fewer = Export(Message, ["text"], ids[:-1])
    assert first_too_long(fewer, everything, among={*ids[:-1]}) is None
    assert first_too_long(fewer, everything.with_ids(ids[:-1])) is None


@pytest.mark.parametrize("name", ["csv", "jsonl", "yaml"])
def test_a_huge_cell_is_written_whole(sqlite_library, name):
    huge = "长 text," * 500_000
    ids = add_messages(sqlite_library, 2, text=huge)

    rows = read_huge(exported(Export(Message, ["text"], ids), name), name)

    assert rows == [huge, huge]


def read_huge(data, name):
    before = csv.field_size_limit(2**30)
    try:
        rows = read(data, name)
    finally:
        csv.field_size_limit(before)
    return [row["text"] if name in DOCUMENTS else row[0] for row in rows][-2:]


@pytest.mark.parametrize("name", [*FORMATS])
def test_what_is_no_text_does_not_stop_an_export(sqlite_library, name):
    first, second = add_messages(sqlite_library, 2)
    sqlite_library.execute(
        "UPDATE message SET text = CAST(x'ff41' AS TEXT), title = x'00' WHERE id = ?",
        first,
    )

    data = exported(Export(Message, ["text", "title"], [first, second]), name)

    rows = read(data, name)[-2:]
    blobs = [{"$bytes": "ff41"}, {"$bytes": "00"}]
    expected = blobs if name in DOCUMENTS else [r"\xff41", r"\x00"]
    found = [*rows[0].values()] if name in DOCUMENTS else rows[0]
    assert found == expected
    again = Message.objects.find(second)
    assert again is not None
    assert again.title == "m1"


@pytest.mark.parametrize("name", [*FORMATS])
def test_an_empty_export_is_a_file_without_records(sqlite_library, name):
    data = exported(Export(Message, ["id", "title"], []), name)

    assert read(data, name) == ([["id", "title"]] if name in TABLES else [])


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.text(st.characters(exclude_categories=["Cs"]))
            | st.sampled_from(["<<", "=", "k" * 2000, "1e+5", "no", "2024-01-01"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


@settings(deadline=None, max_examples=300, derandomize=True)
@given(JSON)
def test_yaml_reads_every_value_as_it_is(value):
    text = yaml_text(json.dumps(value, ensure_ascii=False))

    assert "\n" not in text
    for loader in (yaml.SafeLoader, getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
        found = yaml.load(f"- note: {text}\n  next: 1\n", loader)  # noqa: S506
        assert repr(found) == repr([{"note": value, "next": 1}])


def test_the_names_of_all_columns_are_plain_words_in_yaml():
    for model in awkward.record_models():
        for field in model._meta.fields:
            assert yaml.safe_load(f"{field.attname}: 1") == {field.attname: 1}


def test_json_columns_are_values_in_documents(library):
    [pk] = add_messages(library, 1, note='{"b": [1.0, "\\u7535"], "a": null}')

    [row] = read(exported(Export(Message, ["note"], [pk]), "jsonl"), "jsonl")

    assert row == {"note": {"b": [1.0, "电"], "a": None}}
    assert any(isinstance(f, JSONColumn) for f in Message._meta.fields)
    assert same(
        stored_value(Rows(Message), Message.column("note"), row["note"]),
        '{"b": [1.0, "\\u7535"], "a": null}',
    )
