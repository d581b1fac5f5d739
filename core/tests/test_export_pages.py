"""The pages of an export, and the file as a browser gets it."""

from __future__ import annotations

import csv
import io
import json

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from core.admin.exporting import file
from core.admin.exporting.file import AT_ONCE
from core.admin.tests import awkward
from core.changes import Plan
from core.changes.tests.support import add, add_messages, add_sites, nothing_recorded
from core.exchange.writing import FORMATS
from core.exchange.writing_sheets import MOST_CELL
from core.models import AuditEvent, Message, Operator, Workflow
from core.tests.support.leaks import Secrets, fill
from history.models import TransferHistory
from sites.models import Site

SECRET = "synthetic-cookie-1"


def url(page, model=Site, *args):
    options = model._meta
    name = f"admin:{options.app_label}_{options.model_name}_{page}"
    return reverse(name, args=args)


def export_url(model=Site, query=""):
    return url("export_list", model) + query


def selected(client, model, ids, query=""):
    """The address of an export of these records, through the list."""
    data = {"do": "export", "selected": ids}
    return client.post(url("bulk", model) + query, data)["Location"]


def download(client, address, *columns, format_="csv", **more):
    data = {"format": format_, "columns": columns, **more}
    return client.post(address, data)


def body(response):
    return b"".join(response.streaming_content)


def table(response):
    assert response.status_code == 200, response.context["form"].errors
    return [*csv.reader(io.StringIO(body(response).decode(), newline=""))]


@pytest.fixture
def viewer(console) -> Client:
    """Somebody who may look at sites and export them, and no more."""
    operator = Operator.objects.create_user("vera", password="synthetic-Pass-1")
    operator.is_staff = True
    operator.save()
    allowed = ["view_site", "export_records"]
    operator.user_permissions.set(Permission.objects.filter(codename__in=allowed))
    client = Client()
    client.force_login(operator, "django.contrib.auth.backends.ModelBackend")
    return client


# --- Exactly what the list shows


def test_the_filtered_rows_and_the_chosen_columns_are_exported(
    library, operator_client
):
    ids = add(
        library,
        "transferhistory",
        [
            {
                "title": f"流浪地球 {n}",
                "category": "电影" if n % 2 else "剧",
                "date": f"2025-01-0{n}",
            }
            for n in range(1, 7)
        ],
    )

    query = "?category=电影&q=流浪"
    rows = table(
        download(operator_client, export_url(TransferHistory, query), "title", "id")
    )

    # The newest come first, as on the list; the order of the columns is the form's.
    expected = [[str(ids[n - 1]), f"流浪地球 {n}"] for n in (5, 3, 1)]
    head, *found = rows
    places = [head.index("id"), head.index("title")]
    assert sorted(head) == ["id", "title"]
    assert [[row[place] for place in places] for row in found] == expected


def test_the_order_of_list_and_columns_is_kept(library, operator_client):
    ids = add_sites(library, 3)
    address = export_url(Site, "?o=-pri")
    order = ["pri", "name", "id"]

    rows = table(download(operator_client, address, "id", "name", "pri", order=order))

    assert rows == [
        ["pri", "name", "id"],
        *(([str(n), f"s{n}", str(ids[n])]) for n in (2, 1, 0)),
    ]


def test_selected_records_are_exported_in_the_order_of_the_list(
    library, operator_client
):
    ids = add_sites(library, 5)

    address = selected(
        operator_client, Site, [ids[0], ids[3]], "?o=-pri&name__contains=s"
    )
    page = operator_client.get(address)
    rows = table(download(operator_client, address, "id"))

    assert "2 records" in page.content.decode()
    assert rows == [["id"], [str(ids[3])], [str(ids[0])]]


def test_all_matching_records_are_exported(library, operator_client):
    ids = add_sites(library, 4)
    data = {"do": "export", "all": "1"}
    address = operator_client.post(f"{url('bulk')}?pri__gte=2", data)["Location"]

    rows = table(download(operator_client, address, "id"))

    assert sorted(rows[1:]) == [[str(pk)] for pk in ids[2:]]


def test_many_chosen_ids_are_found_without_a_parameter_each(
    library, operator_client, monkeypatch
):
    monkeypatch.setattr(file, "FEW_IDS", 2)
    ids = add_sites(library, 6)

    address = selected(operator_client, Site, ids[1:5])
    for name in ("csv", "xlsx"):
        response = download(operator_client, address, "id", format_=name)
        assert response.status_code == 200
        data = body(response)

    assert data[:2] == b"PK"
    rows = table(download(operator_client, address, "id"))
    assert sorted(rows[1:]) == [[str(pk)] for pk in ids[1:5]]


def test_the_export_page_writes_nothing(library, operator_client):
    add_sites(library, 3)
    before = library.dump()

    assert operator_client.get(export_url()).status_code == 200
    assert table(download(operator_client, export_url(), "id", "name"))

    assert library.dump() == before
    assert nothing_recorded()
    assert not Plan.objects.exists()
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize("name", [*FORMATS])
def test_every_table_is_offered_and_exported(library, operator_client, name):
    for model, pks in awkward.fill(library).items():
        library.execute(f'DELETE FROM "{model._meta.db_table}" WHERE id = {pks[4]}')
        form = operator_client.get(export_url(model)).context["form"]

        response = download(
            operator_client, export_url(model), *form.order, format_=name
        )

        assert response.status_code == (
            422 if {*form.order} & model.secret_fields else 200
        )
        response.close()
        public = [n for n in form.order if n not in model.secret_fields]
        response = download(operator_client, export_url(model), *public, format_=name)
        data = body(response)
        assert data
        assert awkward.SECRET.encode() not in data


# --- What the answer says of itself


def test_the_file_has_a_name_a_kind_and_is_not_kept(sqlite_library, operator_client):
    add_sites(sqlite_library, 1)

    for name, each in FORMATS.items():
        response = download(operator_client, export_url(), "id", format_=name)
        assert response.streaming
        assert response["Content-Type"] == each.content_type
        disposition = response["Content-Disposition"]
        assert disposition.startswith('attachment; filename="Sites 20')
        assert disposition.endswith(f'.{each.name}"')
        assert "no-store" in response["Cache-Control"]
        assert response["X-Content-Type-Options"] == "nosniff"
        response.close()

    operator_client.cookies["mpadmin_language"] = "zh-hans"
    response = download(operator_client, export_url(), "id")
    assert "filename*=utf-8''%E7%AB%99%E7%82%B9" in response["Content-Disposition"]


def test_excel_is_told_that_it_is_utf_8(sqlite_library, operator_client):
    add_sites(sqlite_library, 1)

    marked = body(download(operator_client, export_url(), "id", marked="1"))
    plain = body(download(operator_client, export_url(), "id"))
    lines = body(
        download(operator_client, export_url(), "id", marked="1", format_="jsonl")
    )

    assert marked == b"\xef\xbb\xbf" + plain
    assert lines.startswith(b"{")


# --- The form


def test_the_columns_of_the_list_come_first_and_are_ticked(
    sqlite_library, operator_client
):
    form = operator_client.get(export_url()).context["form"]
    columns = form.columns

    ticked = [each.name for each in columns if each.is_ticked]
    assert ticked == [each.name for each in columns][: len(ticked)]
    assert {"id", "name", "domain"} <= {*ticked}
    assert not {*ticked} & Site.secret_fields


@pytest.mark.parametrize(
    ("which", "expected"), [("all", True), ("none", False), ("list", None)]
)
def test_columns_are_ticked_together(sqlite_library, operator_client, which, expected):
    response = operator_client.post(
        export_url(), {"format": "tsv", "tick": which, "marked": "1"}
    )

    form = response.context["form"]
    assert (response.status_code, form.format.name, form.is_marked) == (
        200,
        "tsv",
        True,
    )
    for column in form.columns:
        wanted = column.is_listed if expected is None else expected
        assert column.is_ticked == (wanted and not column.is_secret)


def test_a_column_moves_up_and_down(sqlite_library, operator_client):
    def moved(what):
        data = {"format": "csv", "order": ["id", "name", "pri"], "move": what}
        response = operator_client.post(export_url(), data)
        return response.context["form"].order[:3]

    assert moved("name:up") == ["name", "id", "pri"]
    assert moved("name:down") == ["id", "pri", "name"]
    assert moved("id:up") == ["id", "name", "pri"]
    assert moved("nothing:up") == ["id", "name", "pri"]
    page = operator_client.post(
        export_url(), {"format": "csv", "order": ["id", "name"], "move": "name:up"}
    )
    assert page.content.decode().count("autofocus") == 0  # it is the first now


@pytest.mark.parametrize(
    "data",
    [
        {"format": "csv"},
        {"format": "exe", "columns": ["id"]},
        {"columns": ["id"]},
        {"format": "csv", "columns": ["no_such_column"]},
        {"format": "csv", "columns": ["id", "cookie"]},
    ],
)
def test_a_form_that_cannot_be_followed_says_why(sqlite_library, operator_client, data):
    response = operator_client.post(export_url(), data)

    assert response.status_code == 422
    assert response.context["form"].errors
    assert "form-errors" in response.content.decode()


def test_a_filter_that_cannot_be_used_exports_nothing(sqlite_library, operator_client):
    address = export_url(Site, "?cookie=a")

    for response in (
        operator_client.get(address),
        download(operator_client, address, "id"),
    ):
        assert response.status_code == 302
        assert response["Location"].startswith(url("changelist"))


def test_a_text_too_long_for_a_workbook_is_told_before(library, operator_client):
    [pk] = add_messages(library, 1, text="x" * (MOST_CELL + 1))

    response = download(
        operator_client, export_url(Message), "id", "text", format_="xlsx"
    )

    assert response.status_code == 422
    assert f"Record {pk} has 32,768 characters in “text”" in response.content.decode()
    fine = download(operator_client, export_url(Message), "id", format_="xlsx")
    assert body(fine)[:2] == b"PK"


# --- Secrets


@pytest.mark.parametrize("name", [*FORMATS])
def test_no_secret_gets_out_unasked(sqlite_library, operator_client, name):
    secrets = Secrets()
    fill(sqlite_library, secrets)

    for model in awkward.record_models():
        form = operator_client.get(export_url(model)).context["form"]
        public = [n for n in form.order if n not in model.secret_fields]
        data = body(download(operator_client, export_url(model), *public, format_=name))
        assert not secrets.told_by(data.decode("latin-1")), model
    assert not AuditEvent.objects.exists()


def test_secrets_are_exported_when_asked_and_that_is_recorded(library, operator_client):
    add_sites(library, 2, cookie=SECRET)
    address = export_url(Site, "?pri=1")

    rows = table(download(operator_client, address, "id", "cookie", secrets="1"))

    assert [row[rows[0].index("cookie")] for row in rows[1:]] == [SECRET]
    [event] = AuditEvent.objects.all()
    assert (event.kind, event.subject, event.operator_name) == (
        "export",
        "site",
        "olivia",
    )
    assert event.detail["columns"] == [*rows[0]]
    assert event.detail["secrets"] == ["cookie"]
    assert (event.detail["count"], event.detail["format"]) == (1, "csv")
    assert event.detail["selection"]["filter"] == {"pri": "1"}
    assert SECRET not in json.dumps(event.detail)


def test_json_with_secrets_is_exported_when_asked(library, operator_client):
    note = json.dumps({"password": SECRET})
    add(library, "message", [{"title": "m", "action": 0, "note": note}])

    without = table(download(operator_client, export_url(Message), "note"))
    asked = table(download(operator_client, export_url(Message), "note", secrets="1"))

    assert (without[1], asked[1]) == ([r"\-"], [note])
    assert AuditEvent.objects.count() == 1


def test_who_may_not_have_secrets_is_neither_offered_nor_given_any(
    library, viewer, operator_client
):
    add_sites(library, 1, cookie=SECRET)

    page = viewer.get(export_url())

    assert page.status_code == 200
    assert 'value="cookie"' not in page.content.decode()
    assert 'name="secrets"' not in page.content.decode()
    assert download(viewer, export_url(), "id", secrets="1").status_code == 403
    asked = download(viewer, export_url(), "id", "cookie", "token")
    assert table(asked)[0] == ["id"]
    assert not AuditEvent.objects.exists()


def test_what_moviepilot_keeps_to_itself_is_never_exported(
    sqlite_library, operator_client
):
    awkward.add(
        sqlite_library, Workflow, "script", context='{"content": "gASVpickled"}'
    )

    form = operator_client.get(export_url(Workflow)).context["form"]
    asked = download(
        operator_client, export_url(Workflow), *form.order, "context", secrets="1"
    )

    assert "context" not in form.order
    assert b"gASVpickled" not in body(asked)


# --- Who may


def test_an_export_needs_the_right_to_look(library, viewer, operator_client):
    add_messages(library, 2)
    mine = selected(operator_client, Message, [1])

    assert viewer.get(export_url(Message)).status_code == 403
    assert download(viewer, export_url(Message), "id").status_code == 403
    assert viewer.get(mine).status_code == 403
    assert Client().get(export_url()).status_code == 302
    sites = add_sites(library, 1)
    theirs = selected(operator_client, Site, sites)
    assert viewer.get(theirs).status_code == 404
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(
        Operator.objects.get(username="olivia"),
        "django.contrib.auth.backends.ModelBackend",
    )
    assert download(strict, export_url(), "id").status_code == 403


def test_a_process_writes_few_exports_at_once(sqlite_library, operator_client):
    add_sites(sqlite_library, 1)
    running = [download(operator_client, export_url(), "id") for _ in range(AT_ONCE)]

    refused = download(operator_client, export_url(), "id")

    assert refused.status_code == 503
    assert "Other exports are running" in refused.content.decode()
    for each in running:
        each.close()
    assert table(download(operator_client, export_url(), "id"))
    # One that cannot be begun, and one that nobody reads, make room as well.
    for _ in range(AT_ONCE + 1):
        assert download(operator_client, export_url(), "nothing").status_code == 422
    for _ in range(AT_ONCE + 1):
        download(operator_client, export_url(), "id").close()
    assert table(download(operator_client, export_url(), "id"))


# --- The ways to it


def test_the_list_leads_to_its_export(sqlite_library, operator_client):
    add_sites(sqlite_library, 1)

    page = operator_client.get(
        url("changelist") + "?pri__gte=0&o=name"
    ).content.decode()

    assert f'href="{export_url()}?pri__gte=0&amp;o=name"' in page
    assert 'name="do" value="export"' in page
