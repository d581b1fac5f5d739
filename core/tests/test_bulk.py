"""Bulk edit and bulk delete, from the list's selection to the change and back."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from core.admin.bulk.form import EMPTY, LEAVE, BulkForm
from core.admin.entries import Side
from core.changes import ChangeSet, Plan, Set, SetNull
from core.models import Operator, Subscribe
from core.tests.support import bulk
from core.tests.support.bulk import chosen, fields, text
from history.models import TransferHistory
from sites.models import Site

SECRET = "uid=1; pass=synthetic-cookie"


def add_site(library, **values):
    values = {"name": "Alpha", "url": "https://alpha.example/", "timeout": 15, **values}
    return library.insert("site", **values)


def add_transfers(library, count, **values):
    values = {"title": "流浪地球", "category": "电影", "status": True, **values}
    return [library.insert("transferhistory", **values) for _ in range(count)]


def url(page, model=Site, *args):
    return bulk.url(page, model, *args)


def start(client, model=Site, **given):
    return bulk.start(client, model, **given)


def previewed(client, model=Site, **given):
    return bulk.previewed(client, model, **given)


def stored(library, column, table="site"):
    return [
        row[0]
        for row in library.execute(f'SELECT "{column}" FROM "{table}" ORDER BY id')
    ]


# --- The flow


def test_chosen_records_are_edited_previewed_applied_and_undone(
    library, operator_client
):
    first, second, _other = (add_site(library, pri=pri) for pri in (1, 2, 3))
    before = library.dump()

    _plan, address = previewed(
        operator_client, ids=[first, second], query="?q=Alpha", timeout="60"
    )
    preview = operator_client.get(address)
    assert library.dump() == before
    assert "Apply to 2 records" in text(preview)
    assert "Nothing has been written yet" in text(preview)
    applied = operator_client.post(address, {"reason": "slow lines"}, follow=True)

    assert stored(library, "timeout") == [60, 60, 15]
    change_set = ChangeSet.objects.get()
    assert (change_set.changed, change_set.reason) == (2, "slow lines")
    assert applied.redirect_chain[-1][0].startswith(
        reverse("admin:core_changeset_change", args=[change_set.pk])
    )
    assert "Updated 2 records." in text(applied)
    undo_url = reverse("admin:core_changeset_undo", args=[change_set.pk])
    assert f'action="{undo_url}"' in applied.content.decode()
    assert url("changelist") + "?q=Alpha" in applied.content.decode()

    operator_client.post(undo_url)

    assert library.dump() == before


def test_everything_that_matches_is_edited(library, operator_client):
    add_site(library, name="Alpha", timeout=1)
    add_site(library, name="Beta", timeout=2)
    add_site(library, name="Alpha two", timeout=3)

    plan, address = previewed(
        operator_client, all_matching=True, query="?name__contains=Alpha", timeout="60"
    )
    operator_client.post(address)

    assert plan.selection["filter"] == {"name__contains": "Alpha"}
    assert stored(library, "timeout") == [60, 2, 60]


def test_the_preview_tells_what_will_happen(library, operator_client):
    add_transfers(library, 480, category="1080p")
    add_transfers(library, 3, category="2160p")
    add_transfers(library, 2, category=None)

    _plan, address = previewed(
        operator_client, TransferHistory, all_matching=True, category="2160p"
    )
    page = text(operator_client.get(address))

    assert "485 records match" in page
    assert re.search(r"Will change 482 Unchanged 3", page)
    assert re.search(r"1080p 2160p 480", page)
    assert re.search(r"NULL 2160p 2", page)
    assert "All records of the table" in page


def test_ids_are_never_posted(library, operator_client):
    ids = add_transfers(library, 60)

    _plan, address = previewed(
        operator_client, TransferHistory, ids=ids, category="动画"
    )

    page = operator_client.get(address).content.decode()
    assert page.count("<input") < 15
    assert len(address) < 200


def test_applying_twice_does_nothing_twice(library, operator_client):
    pk = add_site(library)
    _plan, address = previewed(operator_client, ids=[pk], timeout="60")

    operator_client.post(address)
    library.update("site", pk, timeout=99)
    again = operator_client.post(address, follow=True)

    assert stored(library, "timeout") == [99]
    assert ChangeSet.objects.count() == 1
    assert "applied already" in text(again)


def test_a_selection_that_moved_is_shown_and_previewed_again(library, operator_client):
    first, second = add_site(library), add_site(library)
    _plan, address = previewed(operator_client, all_matching=True, timeout="60")
    third = add_site(library)
    library.execute("DELETE FROM site WHERE id = ?", first)

    moved = operator_client.post(address)

    assert moved.status_code == 409
    assert not ChangeSet.objects.exists()
    assert stored(library, "timeout") == [15, 15]
    assert re.search(
        rf"New since 1 {third}\b.*no longer matching 1 {first}\b", text(moved)
    )

    again = operator_client.post(address, {"do": "again"})
    assert again["Location"] != address
    operator_client.post(again["Location"])
    assert stored(library, "timeout") == [60, 60]
    assert {e.record_id for e in ChangeSet.objects.get().entries.all()} == {
        second,
        third,
    }


def test_back_to_edit_keeps_the_values(library, operator_client):
    pk = library.insert("subscribe", name="流浪地球", state="R")
    plan, address = previewed(
        operator_client,
        Subscribe,
        ids=[pk],
        include="60fps",
        exclude=None,
        best_version="0",
        sites="[1, 2]",
    )

    back = operator_client.get(operator_client.get(address).context["back_url"])

    assert chosen(back.context["form"]) == {
        "include": ("set", "60fps"),
        "exclude": ("null",),
        "best_version": ("set", "0"),
        "sites": ("set", "[\n  1,\n  2\n]"),
    }
    operator_client.post(back.request["PATH_INFO"], fields(include="30fps"))
    plan.refresh_from_db()
    assert plan.operations["include"]["value"] == "60fps"


def test_cancel_leads_back_to_the_list_as_it_was(library, operator_client):
    pk = add_site(library)
    query = "?q=Alpha&o=id"

    address = start(operator_client, ids=[pk], query=query)["Location"]
    edit = operator_client.get(address)
    preview = operator_client.get(
        operator_client.post(address, fields(timeout="60"))["Location"]
    )

    wanted = escape(url("changelist") + query)
    assert f'href="{wanted}"' in edit.content.decode()
    assert f'href="{wanted}"' in preview.content.decode()


def test_the_way_back_never_leaves_the_console(library, operator_client):
    pk = add_site(library)
    address = start(operator_client, ids=[pk])["Location"]

    page = operator_client.get(f"{address}?list=//evil.example/%3Fq=1")

    assert page.context["link"].url.startswith(url("changelist") + "?")


# --- What is to be done


def test_leave_set_and_set_empty_are_three_things(library, operator_client):
    pk = add_site(library, ua="Mozilla", downloader="qb", pri=3)

    _plan, address = previewed(operator_client, ids=[pk], ua=None, downloader="tr")
    operator_client.post(address)

    row = library.execute("SELECT ua, downloader, pri FROM site")
    assert row == [(None, "tr", 3)]


@pytest.mark.parametrize(
    ("data", "name", "words"),
    [
        ({"timeout-value": "60"}, "timeout", "for “Set”"),
        ({"timeout-mode": "leave", "timeout-value": "60"}, "timeout", "for “Set”"),
        ({"timeout-mode": "null", "timeout-value": "60"}, "timeout", "for “Set”"),
        ({"timeout-mode": "toggle"}, "timeout", "Choose what to do"),
        ({"timeout-mode": "set", "timeout-value": ""}, "timeout", "Set empty"),
        ({"timeout-mode": "set", "timeout-value": "soon"}, "timeout", "number"),
        ({"timeout-mode": "what"}, "timeout", "Choose what to do"),
        ({"timeout-mode": "set", "timeout-value": "9" * 30}, "timeout", ""),
        (fields(timeout=("add", {"amount": "much"})), "timeout", "number"),
        (fields(timeout=("add", {"amount": ""})), "timeout", "Type something"),
        (fields(timeout=("clamp", {"low": "5", "high": "1"})), "timeout", ""),
        (fields(ua=("replace_regex", {"pattern": "("})), "ua", "attern"),
        (fields(ua=("copy", {"source": "cookie"})), "ua", "Choose one of"),
        (fields(note=("set_path", {"path": "a..b", "value": "1"})), "note", "path"),
        (fields(note=("set_path", {"path": "a", "value": "{"})), "note", "JSON"),
        (
            fields(lst_mod_date=("shift", {"seconds": "0.3", "seconds-unit": "1"})),
            "lst_mod_date",
            "whole",
        ),
    ],
)
def test_what_cannot_be_meant_is_an_error_at_its_field(
    library, operator_client, data, name, words
):
    address = start(operator_client, ids=[add_site(library)])["Location"]

    response = operator_client.post(address, data)

    rows = {row.name: row for row in response.context["form"].fields}
    assert response.status_code == 422
    assert words in " ".join(map(str, rows[name].errors))
    assert rows[name].errors
    assert not Plan.objects.exclude(kind="").exists()


def test_nothing_chosen_is_an_error_of_the_form(library, operator_client):
    address = start(operator_client, ids=[add_site(library)])["Location"]

    response = operator_client.post(address, {"reason": "why"})

    assert "Nothing to do yet" in text(response)
    assert 'value="why"' in response.content.decode()


def test_json_null_and_null_are_two_values(library, operator_client):
    pk = library.insert("subscribe", name="流浪地球", state="R", sites="[1]")

    for given, is_null in (("null", False), (None, True)):
        _plan, address = previewed(operator_client, Subscribe, ids=[pk], sites=given)
        operator_client.post(address)

        found = library.execute("SELECT sites IS NULL FROM subscribe")
        assert bool(found[0][0]) is is_null


def bulk_form(data=None, *, names, model=Site, initial=None):
    class Admin:
        bulk_fields = names

    Admin.model = model
    return BulkForm(Admin, data, initial=initial)


def test_a_text_that_may_not_be_null_is_set_to_the_empty_text():
    form = bulk_form(fields(name=""), names=["name"])

    assert form.operations == {"name": Set("")}
    assert "null" not in form.fields[0].doings


def test_a_stored_word_that_is_always_needed_cannot_be_emptied():
    form = bulk_form(fields(state=None), names=["state"], model=Subscribe)

    assert not form.is_valid
    assert {"null", EMPTY}.isdisjoint(form.fields[0].doings)
    assert form.fields[0].mode == LEAVE


def test_a_stored_word_may_be_one_nobody_knows():
    form = bulk_form(fields(state="Z"), names=["state"], model=Subscribe)

    assert form.operations == {"state": Set("Z")}
    assert "<datalist" in form.fields[0].html()


def test_broken_json_is_refused():
    form = bulk_form(fields(note="{"), names=["note"])

    assert "JSON" in form.fields[0].errors[0]


def test_hidden_parts_of_a_json_value_survive_the_way_back():
    before = {"note": Set({"token": "synthetic-word", "a": 1})}
    (row,) = bulk_form(names=["note"], initial=before).fields
    text = row.doings["set"].inputs[0].text
    assert "synthetic-word" not in text + row.html()

    again = bulk_form(fields(note=text), names=["note"], initial=before)

    assert again.operations["note"].value == {"token": "synthetic-word", "a": 1}


def test_locked_columns_have_no_row():
    form = bulk_form(fields(timeout="5", ua=None), names=["timeout", "ua", "id"])

    assert form.operations == {"timeout": Set(5), "ua": SetNull()}
    assert [row.name for row in form.fields] == ["timeout", "ua"]


# --- Deleting


def test_delete_is_previewed_applied_and_undone(library, operator_client):
    first, second = add_site(library, cookie=SECRET), add_site(library)
    before = library.dump()

    address = start(operator_client, ids=[first], do="delete")["Location"]
    page = operator_client.get(address)
    assert "1 record will be deleted" in text(page)
    assert SECRET not in page.content.decode()
    assert library.dump() == before
    applied = operator_client.post(address, follow=True)

    assert stored(library, "id") == [second]
    assert "Deleted 1 record." in text(applied)
    assert SECRET not in applied.content.decode()
    pk = ChangeSet.objects.get().pk
    operator_client.post(reverse("admin:core_changeset_undo", args=[pk]))
    assert library.dump() == before


def test_many_records_want_their_number_typed(library, operator_client):
    library.execute(
        "INSERT INTO transferhistory (title) "
        + (
            "SELECT 'x' FROM generate_series(1, 501)"
            if library.vendor == "postgresql"
            else "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
            "WHERE i < 501) SELECT 'x' FROM n"
        )
    )
    response = start(operator_client, TransferHistory, do="delete", all="1")
    address = response["Location"]

    for typed in ({}, {"count": "500"}, {"count": ""}):
        refused = operator_client.post(address, typed)
        assert refused.status_code == 422
        assert "Type the number" in text(refused)
    assert not ChangeSet.objects.exists()
    operator_client.post(address, {"count": "501"})

    assert stored(library, "id", "transferhistory") == []


# --- Refusals


def test_nothing_selected_goes_back_with_a_word(library, operator_client):
    add_site(library)

    for ids in ([], ["x"], ["-1"], ["9" * 30]):
        response = start(operator_client, ids=ids, query="?q=Alpha")
        assert response["Location"] == url("changelist") + "?q=Alpha"

    assert not Plan.objects.exists()


def test_records_that_are_gone_make_no_plan_to_fill_in(library, operator_client):
    response = start(operator_client, ids=[4711])

    assert response["Location"] == url("changelist")


def test_a_filter_that_does_not_work_selects_nothing(library, operator_client):
    add_site(library)

    response = start(operator_client, query="?nonsense=1", all="1", do="delete")

    assert response["Location"].startswith(url("changelist"))
    assert not Plan.objects.exists()


def test_another_operators_plan_is_not_there(library, operator_client):
    pk = add_site(library)
    plan, address = previewed(operator_client, ids=[pk], timeout="60")
    other = Client()
    stranger = Operator.objects.create_superuser("otto", password="synthetic-Pass-2")
    other.force_login(stranger, backend="django.contrib.auth.backends.ModelBackend")

    assert other.get(address).status_code == 404
    assert other.post(address).status_code == 404
    assert other.get(url("bulk_edit", Site, plan.token)).status_code == 404
    assert stored(library, "timeout") == [15]


def test_a_plan_belongs_to_its_table(library, operator_client):
    pk = add_site(library)
    plan, _address = previewed(operator_client, ids=[pk], timeout="60")

    response = operator_client.get(url("bulk_edit", TransferHistory, plan.token))

    assert response.status_code == 404


def test_bulk_pages_want_a_sign_in_and_a_token_of_the_form(
    sqlite_library, operator, client
):
    pk = add_site(sqlite_library)
    assert start(client, ids=[pk])["Location"].startswith(reverse("admin:login"))

    strict = Client(enforce_csrf_checks=True)
    strict.force_login(operator, backend="django.contrib.auth.backends.ModelBackend")

    assert start(strict, ids=[pk]).status_code == 403
    assert not Plan.objects.exists()


def test_the_list_is_never_followed_by_a_get(library, operator_client):
    assert operator_client.get(url("bulk")).status_code == 405


def test_bulk_pages_are_not_kept_by_the_browser(library, operator_client):
    pk = add_site(library)
    address = start(operator_client, ids=[pk])["Location"]
    _plan, preview = previewed(operator_client, ids=[pk], timeout="60")

    for page in (address, preview):
        assert "no-store" in operator_client.get(page)["Cache-Control"]


def test_secrets_are_nowhere_in_the_pages(library, operator_client, monkeypatch):
    # The only JSON to edit in bulk is one that has no names.
    monkeypatch.setattr(Subscribe.column("sites"), "shape", None)
    pk = library.insert(
        "subscribe", name="流浪地球", state="R", sites='{"token": "synthetic-token-1"}'
    )
    new = '{"token": "synthetic-token-2", "kept": "seen"}'

    _plan, address = previewed(operator_client, Subscribe, ids=[pk], sites=new)
    preview = operator_client.get(address)
    back = operator_client.get(preview.context["back_url"])
    applied = operator_client.post(address, follow=True)

    for page in (preview, back, applied):
        assert "synthetic-" not in page.content.decode()
    assert "seen" in applied.content.decode()


def test_a_refused_write_leaves_nothing_behind(sqlite_library, operator_client):
    pk = add_site(sqlite_library)
    _plan, address = previewed(operator_client, ids=[pk], timeout="60")
    sqlite_library.execute(
        "CREATE TRIGGER no BEFORE UPDATE ON site "
        "BEGIN SELECT RAISE(ABORT, 'not today'); END"
    )

    operator_client.post(address)

    change_set = ChangeSet.objects.get()
    assert stored(sqlite_library, "timeout") == [15]
    assert (change_set.changed, change_set.failed) == (0, 1)
    assert not change_set.applied_entries().exists()


# --- Words


@pytest.mark.parametrize("table", ["core.systemconfig", "core.userconfig"])
def test_tables_in_moviepilots_memory_come_with_a_warning(table):
    from core.admin.warnings import table_warnings

    assert "restarted" in " ".join(table_warnings(table))
    assert not table_warnings("sites.site")


def test_tables_that_are_synchronised_come_with_a_warning(library, operator_client):
    from core.models import MediaServerItem

    pk = library.insert("mediaserveritem", title="流浪地球")

    address = start(operator_client, MediaServerItem, ids=[pk], do="delete")["Location"]

    assert "again at its next sync" in text(operator_client.get(address))


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (
            "/media/a" + "x" * 90 + ".mkv",
            "/media/b" + "x" * 90 + ".mkv",
            "<del>a</del>",
        ),
        ("line\n" * 9 + "old", "line\n" * 9 + "new", "<ins>new</ins>"),
    ],
)
def test_long_texts_are_shown_as_their_difference(before, after, words):
    side = Side.of(TransferHistory, "dest", before, after)

    assert words in side.diff
    assert "x" * 60 not in side.diff


def test_markup_in_values_stays_text():
    nasty = "<script>alert(1)</script>" + "x" * 90

    side = Side.of(TransferHistory, "dest", nasty, nasty + "<b>")

    assert "<script>" not in side.before + side.after + side.diff
    assert "&lt;b&gt;" in side.diff


def test_json_is_compared_by_what_may_be_seen():
    old = '{"token": "synthetic-1", "list": [1, 2, 3, 4, 5, 6, 7], "name": "aaaaaaa"}'
    new = old.replace("synthetic-1", "synthetic-2")

    hidden = Side.of(TransferHistory, "files", old, new)
    seen = Side.of(TransferHistory, "files", old, old.replace("aaaaaaa", "bbbb"))

    assert "synthetic" not in hidden.diff + seen.diff + hidden.before + hidden.after
    assert "bbbb" in seen.diff
    assert '"list"' not in seen.diff


# --- Cost


def test_the_number_of_queries_does_not_grow_with_the_selection(
    sqlite_library, operator_client, django_assert_max_num_queries
):
    from django.db import connections

    add_transfers(sqlite_library, 2)
    _plan, small = previewed(
        operator_client, TransferHistory, all_matching=True, category="动画"
    )
    add_transfers(sqlite_library, 200)
    _plan, large = previewed(
        operator_client, TransferHistory, all_matching=True, category="剧集"
    )

    for address in (small, large):
        with (
            django_assert_max_num_queries(8, connection=connections["default"]),
            django_assert_max_num_queries(3, connection=connections["moviepilot"]),
        ):
            operator_client.get(address)
    with django_assert_max_num_queries(20, connection=connections["moviepilot"]):
        operator_client.post(large)
