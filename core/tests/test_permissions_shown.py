"""What one may not see or do is not shown: changes, entries, names, buttons, links."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.changes import delete_records
from core.changes.tests.support import add, add_messages, add_sites
from core.models import Subscribe, User
from core.roles import Role
from core.tests.support.people import allow, client_of, make_operator, person
from core.tests.test_permissions import UNDOING, add_passkey, edited, html, url

if TYPE_CHECKING:
    from core.tests.support.libraries import Library


# --- What of changes is seen


def test_changes_of_tables_one_may_not_see_are_not_there(sqlite_library: Library):
    pat = person("view_site", *UNDOING, "undo_any_changeset")
    made = edited(None, add_messages(sqlite_library, 1, title="hidden title"))
    made.reason = "hidden reason"
    made.save()
    client = client_of(pat)

    for page in ("change", "progress", "undo"):
        assert client.get(url(page, made)).status_code == 403, page
    changes = reverse("admin:core_changeset_changelist")
    records = reverse("admin:core_changeset_records")
    for address in (
        reverse("admin:index"),
        changes,
        f"{changes}?table=core.message",
        f"{changes}?record={made.entries.get().record_id}",
        f"{records}?record=hidden",
        f"{records}?record={made.entries.get().record_id}",
    ):
        assert "hidden title" not in html(client.get(address)), address
        assert "hidden reason" not in html(client.get(address)), address


def test_entries_of_tables_one_may_not_see_are_not_shown(library: Library):
    add(library, "user", [{"name": "root", "hashed_password": "x", "is_active": True}])
    [user] = add(library, "user", [{"name": "ada", "hashed_password": "x"}])
    add_passkey(library, user)
    preview = reverse("admin:core_user_delete", args=[user])
    pat = person("view_user", "delete_user", "add_user", *UNDOING)
    client = client_of(pat)

    assert "ada&#x27;s telephone" not in html(client.get(preview))
    made = delete_records(User, [user], by=pat)
    for page in ("change", "undo"):
        shown = html(client.get(url(page, made)))
        assert "telephone" not in shown, page
    assert ">ada</a>" in html(client.get(url("change", made)))
    allow(pat, "view_passkey")
    assert "telephone" in html(client.get(url("change", made)))


def test_nobody_is_told_of_changes_who_may_not_see_them(sqlite_library: Library):
    [pk] = add_messages(sqlite_library, 1)
    made = edited(None, [pk])
    client = client_of(person("view_message", "change_message"))

    record = reverse("admin:core_message_change", args=[pk])
    assert f"/core/changeset/{made.pk}/" not in html(client.get(record))
    assert f"/core/changeset/{made.pk}/" not in html(client.get(reverse("admin:index")))
    history = reverse("admin:core_message_history", args=[pk])
    assert client.get(history).status_code == 403


def test_a_part_of_a_page_sends_the_page_to_sign_in(sqlite_library: Library):
    part = reverse("admin:core_message_count")

    answer = Client().get(part, headers={"HX-Request": "true"})

    assert answer["HX-Refresh"] == "true"
    assert answer.content == b""


# --- What is offered


def test_a_viewer_is_offered_nothing_to_write(library: Library, client_as: Any):
    [pk] = add_messages(library, 1)
    viewer = client_as(Role.VIEWER)

    listed = html(viewer.get(reverse("admin:core_message_changelist")))
    record = html(viewer.get(reverse("admin:core_message_change", args=[pk])))

    for part in ("/add/", "/import/", "/export/", 'name="do"', 'name="selected"'):
        assert part not in listed, part
    for part in ("/delete/", "is-primary", 'name="field-title"', 'name="reason"'):
        assert part not in record, part


def test_the_navigation_leads_only_where_one_may_go(
    sqlite_library: Library, client_as: Any
):
    home = reverse("admin:index")
    everything = html(client_as(Role.ADMINISTRATOR).get(home))
    a_viewers = html(client_as(Role.VIEWER).get(home))
    little = html(client_of(person("view_site")).get(home))

    for page in ("/remap/", "/cache/", "/core/operator/"):
        assert f'href="{page}"' in everything, page
        assert f'href="{page}"' not in a_viewers, page
    assert 'href="/core/message/"' in a_viewers
    assert 'href="/core/message/"' not in little
    assert 'href="/sites/site/"' in little


def test_names_of_sites_one_may_not_see_are_not_offered(sqlite_library: Library):
    [site] = add_sites(sqlite_library, 1, name="Secretive")
    row = {"name": "t", "state": "R", "type": "电视剧", "sites": f"[{site}]"}
    [pk] = add(sqlite_library, "subscribe", [row])
    pat = person("view_subscribe", "change_subscribe")
    page = reverse("admin:core_subscribe_change", args=[pk])
    client = client_of(pat)

    assert "Secretive" not in html(client.get(page))
    allow(pat, "view_site")
    assert "Secretive" in html(client.get(page))


def test_permissions_cost_two_queries_a_page(sqlite_library: Library, operator: Any):
    add_messages(sqlite_library, 3)
    anna = make_operator("anna", Role.ADMINISTRATOR)

    def queries(client: Client, page: str) -> int:
        client.get(page)  # what is kept for all is kept now
        with CaptureQueriesContext(connection) as asked:
            assert client.get(page).status_code == 200
        return len(asked)

    for page in (
        reverse("admin:core_message_changelist"),
        reverse("admin:core_message_change", args=[1]),
        reverse("admin:core_changeset_changelist"),
        reverse("admin:index"),
    ):
        most = queries(client_of(operator), page) + 2
        assert queries(client_of(anna), page) <= most, page


def test_nobody_writes_what_they_may_not_see(sqlite_library: Library):
    [pk] = add(
        sqlite_library, "subscribe", [{"name": "t", "state": "R", "type": "电视剧"}]
    )
    client = client_of(person("change_subscribe", "delete_subscribe", "add_subscribe"))

    for page in ("change", "delete"):
        address = reverse(f"admin:core_subscribe_{page}", args=[pk])
        assert client.post(address).status_code == 403
    assert client.post(reverse("admin:core_subscribe_add")).status_code == 403
    assert Subscribe.objects.find(pk)
