"""What the tables' admin classes declare."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.contrib import admin
from django.db.models import Field

from core.admin.base import RecordAdmin
from core.admin.kinds import Kind, kind_of
from core.admin.tests.awkward import record_models
from core.fields import JSONColumn
from core.opers.filters import LOOKUPS

if TYPE_CHECKING:
    from core.models.base import Record

# Tables that grow without end, where a sort that no index serves takes seconds.
GROWING = {
    "transferhistory",
    "downloadhistory",
    "downloadfiles",
    "subscribehistory",
    "mediaserveritem",
    "message",
    "siteuserdata",
}
MODELS = [pytest.param(model, id=model._meta.db_table) for model in record_models()]


def admin_of(model: type[Record]) -> RecordAdmin:
    return admin.site.get_model_admin(model)  # type: ignore[return-value]


def columns(model: type[Record]) -> dict[str, Field]:
    return {field.name: field for field in model._meta.fields}


def leading_columns(model: type[Record]) -> set[str]:
    return {index.fields[0] for index in model._meta.indexes} | {"id"}


@pytest.mark.parametrize("model", MODELS)
def test_every_table_has_pages(model: type[Record]) -> None:
    assert isinstance(admin_of(model), RecordAdmin)


@pytest.mark.parametrize("model", MODELS)
def test_lists_sort_by_columns_that_can_be_sorted(model: type[Record]) -> None:
    model_admin, known = admin_of(model), columns(model)

    for name in model_admin.sortable:
        assert not isinstance(known[name], JSONColumn), name
        assert name not in model.secret_fields, name
    assert {*model_admin.sortable} <= {*map(str, model_admin.list_display)} | {"id"}


@pytest.mark.parametrize("model", [each for each in MODELS if each.id in GROWING])
def test_growing_tables_sort_only_by_what_an_index_serves(model: type[Record]) -> None:
    model_admin = admin_of(model)

    used = {*model_admin.sortable, str(model_admin.ordering[0]).lstrip("-")}

    assert used <= leading_columns(model)


@pytest.mark.parametrize("model", MODELS)
def test_lists_have_an_order_that_ends_with_the_id(model: type[Record]) -> None:
    first, *rest = map(str, admin_of(model).ordering)

    sign = "-" if first.startswith("-") else ""
    assert [first, *rest][-1] == f"{sign}id"


@pytest.mark.parametrize("model", MODELS)
def test_filters_and_searches_name_columns_that_may_be_looked_through(
    model: type[Record],
) -> None:
    model_admin, known = admin_of(model), columns(model)

    for entry in model_admin.filter_fields:
        name, _sep, lookup = entry.partition("__")
        assert name in {*known, *model.conditions}, entry
        assert name not in model.secret_fields, entry
        assert lookup in LOOKUPS, entry
    for name in map(str, model_admin.search_fields):
        assert kind_of(model, name) in (Kind.TEXT, Kind.PATH, Kind.LINK), name


@pytest.mark.parametrize("model", MODELS)
def test_every_column_but_the_locked_is_edited_in_bulk(model: type[Record]) -> None:
    model_admin, known = admin_of(model), columns(model)
    locked = model.locked_fields
    editable = {name for name, each in known.items() if each.attname not in locked}

    assert {*model_admin.bulk_fields} == editable - {*model_admin.never_in_bulk}
    assert {*model_admin.never_in_bulk} <= editable
    assert all(model_admin.never_in_bulk.values()), "each with its reason"


@pytest.mark.parametrize("model", MODELS)
def test_every_column_stands_in_one_group_of_the_form(model: type[Record]) -> None:
    fieldsets = admin_of(model).fieldsets or ()
    named = [str(name) for _label, options in fieldsets for name in options["fields"]]

    assert sorted(named) == sorted({*columns(model)} - {"id"})
