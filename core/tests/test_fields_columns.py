"""Text, numbers, flags and ids, and reading whatever is stored."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import connections

from core.fields import FlagField
from core.models import Subscribe, User
from core.models.base import Record
from core.schema.facts import facts
from sites.models import Site, SiteUserData

RUBBISH = ["", "rubbish", "NaN", "2026-13-45", b"\xff\x00", 1.5, -7, 10**17, "1" * 40]


@pytest.mark.parametrize("table", facts().tables)
def test_reading_never_raises_whatever_is_stored(sqlite_library, table):
    model = next(m for m in apps.get_models() if m._meta.db_table == table)
    columns = [field.column for field in model._meta.fields if field.column != "id"]
    for rubbish in RUBBISH:
        sqlite_library.insert(table, **dict.fromkeys(columns, rubbish))

    found = [*model.objects.get_queryset()]

    assert len(found) == len(RUBBISH)
    assert all(isinstance(str(record), str) for record in found)


@pytest.mark.parametrize("table", facts().tables)
def test_a_row_of_nulls_is_read(sqlite_library, table):
    model = next(m for m in apps.get_models() if m._meta.db_table == table)
    needed = [field.column for field in model._meta.fields if not field.null]
    needed.remove("id")
    if not needed:
        needed = [model._meta.fields[1].column]
    sqlite_library.insert(table, **dict.fromkeys(needed, ""))

    record = model.objects.get_queryset().get()

    assert isinstance(str(record), str)
    nullable = [field for field in model._meta.fields if field.column not in needed]
    assert {field.value_from_object(record) for field in nullable[1:]} <= {None}


def test_str_asks_the_database_nothing(library, django_assert_num_queries):
    for model in apps.get_models():
        if issubclass(model, Record):
            with django_assert_num_queries(0, using="moviepilot"):
                str(model())


def test_text_of_any_length_and_kind(library):
    text = "\u202e电影🌐é\t'\"%_\\" + "x" * 100_000
    pk = library.insert("user", name=text, email="")

    record = User.objects.get(pk=pk)

    assert (record.name, record.email, record.avatar) == (text, "", None)


def test_numbers_in_a_text_column_of_an_old_file(sqlite_library):
    sqlite_library.execute("ALTER TABLE siteuserdata DROP COLUMN userid")
    sqlite_library.execute("ALTER TABLE siteuserdata ADD COLUMN userid INTEGER")
    sqlite_library.insert("siteuserdata", userid="4711")

    found = SiteUserData.objects.get()

    assert str(found.userid) == "4711"
    assert SiteUserData.objects.filter(userid="4711").exists()


def test_booleans_may_be_null_and_text(sqlite_library):
    for value in (1, 0, None, "false"):
        sqlite_library.insert("user", name="a", is_active=value)

    found = User.objects.order_by("pk").values_list("is_active", flat=True)

    assert list(found) == [True, False, None, "false"]


@pytest.mark.parametrize(
    ("value", "bound"), [(True, 1), (False, 0), (1, 1), (None, None)]
)
def test_flags_are_bound_as_numbers(library, value, bound):
    flag = Subscribe._meta.get_field("best_version")

    found = flag.get_db_prep_save(value, connections["moviepilot"])

    assert found == bound
    assert not isinstance(found, bool)


def test_flags_are_filtered_by_truth(library):
    library.insert("site", name="a", url="u", proxy=1)
    library.insert("site", name="b", url="u", proxy=0)

    assert Site.objects.get(proxy=True).name == "a"


def test_flags_know_no_third_value():
    with pytest.raises(ValidationError):
        FlagField().run_validators(2)


@pytest.mark.parametrize("number", [2**31, -(2**31) - 1])
def test_numbers_have_32_bits_on_both_databases(number):
    column = Subscribe._meta.get_field("tmdbid")

    with pytest.raises(ValidationError):
        column.run_validators(number)
    with pytest.raises(ValidationError):
        column.formfield().clean(str(number))


@pytest.mark.parametrize("number", ["nan", "inf", "-inf"])
def test_floats_are_finite(number):
    column = Subscribe._meta.get_field("vote")

    with pytest.raises(ValidationError):
        column.run_validators(float(number))
    with pytest.raises(ValidationError):
        column.formfield().clean(number)


def test_defaults_are_moviepilots():
    subscribe, site = Subscribe(name="a"), Site(name="a", url="u")

    assert (subscribe.state, subscribe.sites, subscribe.note) == ("N", [], None)
    assert (subscribe.best_version, subscribe.filter_groups) == (0, [])
    assert (site.pri, site.timeout, site.is_active, site.proxy) == (1, 15, True, None)


def test_form_of_a_text_keeps_its_blanks():
    clean = Site._meta.get_field("ua").formfield().clean

    assert clean(" a \r\nb ") == " a \nb "


def test_form_of_a_flag():
    flag, switch = (Site._meta.get_field(name) for name in ("proxy", "is_active"))

    assert [flag.formfield().clean(text) for text in ("1", "0", "")] == [1, 0, None]
    assert flag.formfield().clean("1") is not True
    assert switch.formfield().clean("0") is False
    with pytest.raises(ValidationError):
        flag.formfield().clean("2")
