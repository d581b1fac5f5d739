"""What one may not do is neither offered nor done, whichever way it is asked for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

from core import roles
from core.changes import (
    ChangeSet,
    Delete,
    Plan,
    Selection,
    Set,
    State,
    apply,
    claim,
    create_records,
    delete_records,
    plan,
    undo,
)
from core.changes.tasks import apply_change_set
from core.changes.tests.support import add, add_messages, add_sites, stored
from core.models import Message, Operator, PassKey
from core.roles import Role
from core.tests.support.people import allow, client_of, make_operator, person
from sites.models import Site, SiteIcon

if TYPE_CHECKING:
    from django.http import HttpResponse

    from core.tests.support.libraries import Library

UNDOING = ("view_changeset", "undo_own_changeset")


def url(page: str, change_set: ChangeSet) -> str:
    return reverse(f"admin:core_changeset_{page}", args=[change_set.pk])


def html(response: HttpResponse) -> str:
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def edited(by: Operator | None, ids: list[int], text: str = "mine") -> ChangeSet:
    chosen = Selection(Message, ids=ids)
    return apply(plan(Message, {"text": Set(text)}, selection=chosen, by=by), by=by)


# --- Taking back


def created(by: Operator, library: Library) -> ChangeSet:
    return create_records(Message, [{"title": "new", "action": 0}], by=by)


def deleted(by: Operator, library: Library) -> ChangeSet:
    return delete_records(Message, add_messages(library, 1), by=by)


def changed(by: Operator, library: Library) -> ChangeSet:
    return edited(by, add_messages(library, 1))


@pytest.mark.parametrize(
    ("make", "needed", "others"),
    [
        (created, "delete_message", ("add_message", "change_message")),
        (deleted, "add_message", ("delete_message", "change_message")),
        (changed, "change_message", ("add_message", "delete_message")),
    ],
    ids=["creation", "deletion", "edit"],
)
def test_an_undo_needs_the_right_to_what_it_does(
    library: Library, make: Any, needed: str, others: tuple[str, ...]
):
    pat = person("view_message", *UNDOING, *others)
    made = make(pat, library)
    client = client_of(pat)

    assert client.get(url("undo", made)).status_code == 403
    assert client.post(url("undo", made)).status_code == 403
    assert url("undo", made) not in html(client.get(url("change", made)))
    assert not made.undone_by.exists()

    allow(pat, needed)
    assert url("undo", made) in html(client.get(url("change", made)))
    assert client.post(url("undo", made)).status_code == 302
    assert made.undone_by.get().written == 1


def test_the_undo_of_an_undo_needs_what_the_change_needed(sqlite_library: Library):
    pat = person("view_message", "add_message", *UNDOING)
    made = undo(deleted(pat, sqlite_library), by=pat).change_set
    client = client_of(pat)

    assert client.post(url("undo", made)).status_code == 403
    allow(pat, "delete_message")
    assert client.post(url("undo", made)).status_code == 302


@pytest.mark.parametrize("page", ["undo", "resume", "cancel", "queue"])
def test_others_changes_are_an_administrators(
    sqlite_library: Library, client_as: Any, page: str
):
    olga = make_operator("olga", Role.OPERATOR)
    ids = add_messages(sqlite_library, 2)
    theirs, nobodys = edited(olga, ids), edited(None, ids, "system's")

    for made in (theirs, nobodys):
        assert client_as(Role.SITE_KEEPER).post(url(page, made)).status_code == 403
        Operator.objects.filter(username="site_keeper").delete()
    assert not ChangeSet.objects.exclude(undoes=None).exists()

    anna = client_as(Role.ADMINISTRATOR)
    assert anna.post(url(page, nobodys)).status_code == 302


def test_what_moviepilot_does_itself_needs_no_right_of_its_own(library: Library):
    add(library, "user", [{"name": "root", "hashed_password": "x", "is_active": True}])
    [user] = add(library, "user", [{"name": "ada", "hashed_password": "x"}])
    add_passkey(library, user)
    pat = person("view_user", "delete_user", "add_user", *UNDOING)
    client = client_of(pat)

    client.post(reverse("admin:core_user_delete", args=[user]))
    made = ChangeSet.objects.get()
    assert (made.changed, made.carried) == (1, 1)
    assert client.post(url("undo", made)).status_code == 302

    assert PassKey.objects.find(made.entries.get(table="core.passkey").record_id)


def add_passkey(library: Library, user: int) -> int:
    row = {
        "user_id": user,
        "credential_id": "synthetic-credential-1",
        "public_key": "synthetic-key-1",
        "name": "ada's telephone",
    }
    return add(library, "passkey", [row])[0]


def test_what_is_offered_to_go_along_needs_the_right_to_delete_it(library: Library):
    [site] = add_sites(library, 1, domain="s0.example")
    row = {"name": "s0", "domain": "s0.example", "url": "https://s0.example/i.png"}
    [icon] = add(library, "siteicon", [row])
    pat = person("view_site", "delete_site", "view_siteicon")
    client, address = client_of(pat), reverse("admin:sites_site_delete", args=[site])

    [offer] = [each for each in Site.offers if each.table.lower() == "sites.siteicon"]
    assert f'value="{offer.name}"' not in html(client.get(address))
    assert client.post(address, {"along": [offer.name]}).status_code == 403
    chosen = Selection(Site, ids=[site])
    made = plan(Site, Delete([offer.name]), selection=chosen, by=pat)
    preview = reverse("admin:core_plan_preview", args=[made.token])
    assert client.post(preview).status_code == 403
    assert not ChangeSet.objects.exists()

    allow(pat, "delete_siteicon")
    assert f'value="{offer.name}"' in html(client.get(address))
    assert client.post(preview).status_code == 302
    assert SiteIcon.objects.find(icon) is None


def test_a_record_is_restored_by_those_who_may_take_the_change_back(
    library: Library, client_as: Any
):
    [pk] = add_messages(library, 1)
    made = edited(make_operator("olga", Role.OPERATOR), [pk])
    query = {"entry": made.entries.get().pk, "when": "before"}
    address = reverse("admin:core_message_restore", args=[pk], query=query)

    otto = client_as(Role.OPERATOR)
    assert otto.get(address).status_code == 403
    assert otto.post(address).status_code == 403
    history = html(otto.get(reverse("admin:core_message_history", args=[pk])))
    assert "/restore/" not in history
    assert client_as(Role.ADMINISTRATOR).get(address).status_code == 200


def test_a_deleted_record_is_restored_by_those_who_may_add_it(library: Library):
    pat = person("view_message", "change_message", *UNDOING)
    made = deleted(pat, library)
    entry = made.entries.get()
    query = {"entry": entry.pk, "when": "before"}
    address = reverse("admin:core_message_restore", args=[entry.record_id], query=query)
    client = client_of(pat)

    assert client.get(address).status_code == 403
    allow(pat, "add_message")
    assert client.get(address).status_code == 200


# --- Plans


def test_a_plan_is_of_no_use_to_another(sqlite_library: Library, client_as: Any):
    ids = add_messages(sqlite_library, 1)
    olga = make_operator("olga", Role.ADMINISTRATOR)
    made = plan(Message, Delete(), selection=Selection(Message, ids=ids), by=olga)

    page = reverse("admin:core_plan_preview", args=[made.token])
    assert client_as(Role.OPERATOR).get(page).status_code == 404
    assert client_as(Role.ADMINISTRATOR).post(page).status_code == 404
    assert not ChangeSet.objects.exists()


def test_a_role_taken_away_since_the_preview_is_noticed(library: Library):
    [pk] = add_messages(library, 1, text="before")
    otto = make_operator("otto", Role.OPERATOR)
    chosen = Selection(Message, ids=[pk])
    made = plan(Message, {"text": Set("after")}, selection=chosen, by=otto)
    page = reverse("admin:core_plan_preview", args=[made.token])
    client = client_of(otto)
    assert client.get(page).status_code == 200

    roles.give(otto, Role.VIEWER)

    assert client.post(page).status_code == 403
    assert client.get(page).status_code == 403
    assert stored(Message, pk, "text") == "before"


def test_what_has_begun_runs_on_without_the_role(library: Library):
    [pk] = add_messages(library, 1, text="before")
    otto = make_operator("otto", Role.OPERATOR)
    chosen = Selection(Message, ids=[pk])
    made = plan(Message, {"text": Set("after")}, selection=chosen, by=otto)
    change_set, _work = claim(made, by=otto, state=State.QUEUED)

    roles.give(otto, None)
    apply_change_set.call(change_set.pk)

    assert stored(Message, pk, "text") == "after"
    assert ChangeSet.objects.get().operator == otto


def test_new_records_of_a_file_need_the_right_to_add(sqlite_library: Library):
    pat = person("view_message", "change_message", "import_records")
    client, start = client_of(pat), reverse("admin:core_message_import")
    text = json.dumps([{"title": "new", "action": 0}])

    mapping = client.post(start, {"text": text})["Location"]
    form = client.get(mapping).context["form"]

    assert [each.value for each in form.doings] == ["update"]
    posted = {
        "column-0": "title",
        "column-1": "action",
        "match": "none",
        "does": "both",
    }
    client.post(mapping, posted)
    kinds = {made.operations.get("does") for made in Plan.objects.exclude(kind="")}
    assert kinds <= {"update"}
