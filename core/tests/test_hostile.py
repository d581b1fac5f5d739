"""Hostile text in every column of every table stays text on all pages."""

from __future__ import annotations

import csv
import hashlib
import io
import re

import pytest
from openpyxl import load_workbook

from core.admin.tests.awkward import record_models
from core.exchange.cells import FORMULA, NUMBER
from core.fields import JSONColumn
from core.roles import Role
from core.tests.support import hostile, hostile_walk
from core.tests.support.acceptance import TestClientVisitor
from core.tests.support.hostile_walk import Walk
from core.tests.support.people import client_of, make_operator
from sites.models import Site

FILE_NAME = re.compile(r'attachment; filename="[\w. -]+"')

PER_TABLE = 3
"""Pages of each of a table's addresses that are followed to."""


def test_no_page_makes_anything_of_hostile_text(library, console, monkeypatch):
    hostile_walk.take_any_json(monkeypatch)
    ids = hostile.fill(library)
    named = make_operator(hostile.TYPED[:140], Role.ADMINISTRATOR)
    hostile_walk.remember(named)
    plans = [*hostile_walk.change_records(ids, named)]
    walk = Walk(client_of(named), cap=PER_TABLE)

    for model, found in ids.items():
        pages = hostile_walk.pages_of(model)
        some = [found[0], *found[1::6]]
        walk.caps[pages.url_name("change")] = len(some) + PER_TABLE
        walk.start(*(pages.record_url(pk) for pk in some))
    walk.client.raise_request_exception = False
    walk.start("/", *plans)
    for model, found in ids.items():
        hostile_walk.send_forms(walk, model, found[1])
    hostile_walk.send_others(walk)

    assert walk.problems == {}
    assert len(ids) == len(record_models())


def cells_of(format_: str, body: bytes) -> list[object]:
    """Every cell of a file, as a spreadsheet takes it."""
    if format_ == "xlsx":
        book = load_workbook(io.BytesIO(body))
        assert all(each.data_type != "f" for row in book.active for each in row)
        return [each.value for row in book.active for each in row]
    delimiter = "\t" if format_ == "tsv" else ","
    rows = csv.reader(
        io.StringIO(body.decode("utf-8-sig"), newline=""), delimiter=delimiter
    )
    return [cell for row in rows for cell in row]


def columns_of(model, *, is_sheet: bool) -> list[str]:
    """What can be exported: no secrets, and into a sheet nothing as long as JSON."""
    found = [
        each for each in model._meta.fields if each.name not in model.secret_fields
    ]
    return [
        each.name for each in found if not (is_sheet and isinstance(each, JSONColumn))
    ]


@pytest.mark.parametrize("format_", ["csv", "tsv", "xlsx"])
def test_no_cell_of_a_file_is_a_formula(library, operator_client, format_):
    ids = hostile.fill(library)
    formulas = 0

    for model in ids:
        pages = hostile_walk.pages_of(model)
        columns = columns_of(model, is_sheet=format_ == "xlsx")
        data = {"format": format_, "columns": columns}
        answer = operator_client.post(pages.url("export_list"), data)
        assert answer.streaming, (model, answer.context["form"].errors)
        cells = cells_of(format_, b"".join(answer.streaming_content))
        texts = [cell for cell in cells if isinstance(cell, str)]

        found = [text for text in texts if text.startswith(tuple(FORMULA[1:]))]
        assert [text for text in found if not NUMBER.fullmatch(text)] == []
        formulas += sum(text.startswith("'=") for text in texts)
        assert FILE_NAME.fullmatch(answer["Content-Disposition"])
    assert formulas > len(ids)


def test_a_name_cannot_turn_the_message_that_tells_of_it(
    sqlite_library, operator_client
):
    pk = sqlite_library.insert("site", name=hostile.RTL, url="https://s.example/")
    page = hostile_walk.pages_of(Site).url("delete", pk)

    answer = operator_client.post(page, follow=True)

    [message] = answer.context["messages"]
    assert str(message).startswith(f"Deleted “片名gnp.exe{hostile.RTL_END}”.")


def test_a_text_too_long_for_an_index_is_refused_in_words(library, operator_client):
    # Nothing that could be compressed.
    long = "".join(hashlib.sha256(str(n).encode()).hexdigest() for n in range(400))
    pk = library.insert("site", name="s", url="https://s.example/", domain="s")
    visitor = TestClientVisitor(operator_client)
    pages = hostile_walk.pages_of(Site)

    form = visitor.get(pages.record_url(pk)).form("shown")
    form["field-domain"] = long
    saved = form.send()
    page = visitor.get(f"{pages.list_url()}?all=1").form("all").send(do="edit")
    form = page.form("reason")
    form["domain-mode"], form["domain-value"] = "set", long[1:]
    applied = form.send().form("reason").send()

    assert (saved.status, applied.status) == (200, 200)
    if library.vendor == "postgresql":
        assert "Nothing was saved" in saved.text
        assert library.execute("SELECT domain FROM site") == [("s",)]
