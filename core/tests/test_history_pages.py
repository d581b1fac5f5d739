"""What was done to a record: its page, restoring from it, and finding it again."""

from __future__ import annotations

import re

import pytest
from django.db import connections
from django.urls import reverse

from core.changes import (
    ChangeEntry,
    ChangeSet,
    Kind,
    create_records,
    delete_records,
    save_record,
    undo,
)
from core.changes.find import MOST
from core.changes.tests.support import add_sites, edit, stored
from core.models import User
from sites.models import Site

RECORDS = "admin:core_changeset_records"
SECRET = "synthetic-cookie-1"


def history_url(pk, model="sites_site"):
    return reverse(f"admin:{model}_history", args=[pk])


def restore_url(entry, when="before", field="", model="sites_site"):
    url = reverse(f"admin:{model}_restore", args=[entry.record_id])
    field = f"&field={field}" if field else ""
    return f"{url}?entry={entry.pk}&when={when}{field}"


def text(response):
    """The page's words, without its markup."""
    return " ".join(re.sub(r"<[^>]*>", " ", response.content.decode()).split())


def send(client, url, **values):
    """Send the form of a restore page as it is."""
    page = client.get(url)
    form = {"shown": page.context["shown"], "reason": page.context["reason"]}
    return client.post(url, {**form, **values}, follow=True)


# --- The history


def test_the_history_tells_who_when_why_and_what(library, operator, operator_client):
    [pk] = add_sites(library, 1)
    save_record(Site, pk, {"timeout": 60}, by=operator, reason="slow lines")
    undo(ChangeSet.objects.get(), by=operator)

    words = text(operator_client.get(history_url(pk)))

    assert re.search(r"undo #2 .* by olivia Timeout 60 15", words, re.IGNORECASE)
    assert re.search(r"edit #1 undone .* by olivia · slow lines", words)


def test_the_history_of_a_deleted_record_is_still_there(library, operator_client):
    [pk] = add_sites(library, 1)
    edit(Site, timeout=60)
    deleted = delete_records(Site, [pk])
    entry = deleted.entries.get()

    response = operator_client.get(history_url(pk))

    words = text(response)
    assert "This record was deleted on" in words
    assert "s0" in words
    html = response.content.decode()
    assert restore_url(entry).replace("&", "&amp;") in html
    page = operator_client.get(reverse("admin:core_changeset_change", args=[2]))
    assert history_url(pk) in page.content.decode()


def test_a_record_that_moviepilot_deleted_is_told_apart(library, operator_client):
    [pk] = add_sites(library, 1)
    edit(Site, timeout=60)
    library.execute("DELETE FROM site")

    words = text(operator_client.get(history_url(pk)))

    assert "it was not deleted with this console" in words


def test_a_record_nobody_has_heard_of(library, operator_client):
    for pk in (4711, 2**63, 10**30):
        assert operator_client.get(history_url(pk)).status_code == 302


def test_the_history_is_paged(library, operator_client):
    [pk] = add_sites(library, 1)
    for number in range(60):
        save_record(Site, pk, {"timeout": 100 + number})

    first = operator_client.get(history_url(pk))
    older = operator_client.get(f"{history_url(pk)}?after={first.context['page'].next}")

    numbers = [
        [c.change_set.pk for c in p.context["page"].records] for p in (first, older)
    ]
    assert numbers == [[*range(60, 10, -1)], [*range(10, 0, -1)]]
    damaged = operator_client.get(f"{history_url(pk)}?after=broken")
    assert "damaged" in text(damaged)


def test_the_history_costs_the_same_for_any_number(
    library, operator_client, django_assert_max_num_queries
):
    [pk] = add_sites(library, 1)
    for number in range(30):
        undo(save_record(Site, pk, {"timeout": 100 + number}))
    moviepilot = connections["moviepilot"]

    with (
        django_assert_max_num_queries(10),
        django_assert_max_num_queries(6, connection=moviepilot),
    ):
        operator_client.get(history_url(pk))


def test_a_carried_record_has_its_history_too(library, operator_client):
    pk = library.insert("user", name="ada", hashed_password="synthetic")
    config = library.insert("userconfig", username="ada", key="Layout", value="1")
    save_record(User, pk, {"name": "eve"})

    words = text(operator_client.get(history_url(config, "core_userconfig")))

    assert re.search(r"ada eve", words)


# --- Restoring


def test_a_record_is_restored_from_its_history(library, operator, operator_client):
    [pk] = add_sites(library, 1)
    change_set = edit(Site, timeout=60, ua="x")
    edit(Site, timeout=70)
    entry = change_set.entries.get()
    before = library.dump()
    page = operator_client.get(restore_url(entry))
    assert re.search(r"Timeout timeout 70 15", text(page), re.IGNORECASE)
    assert library.dump() == before

    done = send(operator_client, restore_url(entry))

    assert (stored(Site, pk, "timeout"), stored(Site, pk, "ua")) == (15, None)
    made = ChangeSet.objects.latest("pk")
    assert (made.kind, made.reason) == (Kind.EDIT, "As it was before change #1")
    assert made.operator == operator
    assert "Restored “s0”." in text(done)


def test_one_field_is_put_back(library, operator_client):
    [pk] = add_sites(library, 1)
    entry = edit(Site, timeout=60, ua="x").entries.get()
    html = operator_client.get(history_url(pk)).content.decode()
    url = restore_url(entry, field="timeout")
    assert url.replace("&", "&amp;") in html

    send(operator_client, url)

    assert (stored(Site, pk, "timeout"), stored(Site, pk, "ua")) == (15, "x")


def test_what_moved_since_it_was_shown_is_shown_again(library, operator_client):
    [pk] = add_sites(library, 1)
    url = restore_url(edit(Site, timeout=60).entries.get())
    form = {"shown": operator_client.get(url).context["shown"]}
    library.update("site", pk, timeout=99)

    response = operator_client.post(url, form, follow=True)

    assert "changed meanwhile" in text(response)
    assert stored(Site, pk, "timeout") == 99
    assert "changed meanwhile" in text(
        operator_client.post(url, {"shown": "forged"}, follow=True)
    )


def test_a_deleted_record_is_restored_with_what_went_with_it(library, operator_client):
    pk = library.insert("user", name="ada", hashed_password="synthetic")
    library.insert(
        "passkey",
        user_id=pk,
        credential_id="synthetic-credential",
        public_key="synthetic-key",
        name="Phone",
        sign_count=0,
        is_active=True,
    )
    before = library.dump()
    change_set = delete_records(User, [pk])
    entry = change_set.entries.get(table="core.user")
    url = restore_url(entry, model="core_user")
    [(along, *_words)] = operator_client.get(url).context["along"]

    send(operator_client, url, along=[along])

    assert library.dump() == before


def test_without_what_went_with_it(library, operator_client):
    pk = library.insert("user", name="ada", hashed_password="synthetic")
    config = {"user_id": pk, "public_key": "synthetic-key", "name": "Phone"}
    library.insert(
        "passkey", credential_id="synthetic", sign_count=0, is_active=True, **config
    )
    entry = delete_records(User, [pk]).entries.get(table="core.user")

    send(operator_client, restore_url(entry, model="core_user"))

    assert library.execute('SELECT name FROM "user"') == [("ada",)]
    assert library.execute("SELECT count(*) FROM passkey") == [(0,)]


def test_secrets_stay_hidden_when_they_are_restored(library, operator_client):
    [pk] = add_sites(library, 1, cookie=SECRET)
    entry = save_record(Site, pk, {"cookie": "synthetic-cookie-2"}).entries.get()
    url = restore_url(entry)

    page = operator_client.get(url)
    assert "synthetic-cookie" not in page.content.decode()
    done = send(operator_client, url)

    assert "synthetic-cookie" not in done.content.decode()
    assert stored(Site, pk, "cookie") == SECRET


def test_what_did_not_exist_cannot_be_restored(library, operator_client):
    created = create_records(Site, [{"name": "a", "url": "u"}])
    entry = created.entries.get()

    response = operator_client.get(restore_url(entry), follow=True)

    assert "is not known" in text(response)
    for wrong in ("entry=4711", "entry=x", "", f"entry={10**30}"):
        url = reverse("admin:sites_site_restore", args=[entry.record_id])
        assert operator_client.get(f"{url}?{wrong}").status_code == 404


def test_a_name_that_is_taken_is_explained(library, operator_client):
    pk = library.insert("user", name="ada", hashed_password="synthetic")
    entry = save_record(User, pk, {"name": "eve"}).entries.get()
    library.insert("user", name="ada", hashed_password="synthetic")

    done = send(operator_client, restore_url(entry, model="core_user"))

    assert "MoviePilot expects only one such record" in text(done)
    assert stored(User, pk, "name") == "eve"


# --- Finding


def found(client, **query):
    response = client.get(reverse(RECORDS), query)
    assert response.status_code == 200
    return [(row.label, row.kind) for row in response.context["rows"]], response


def test_a_deleted_record_is_found_by_its_name_or_id(library, operator_client):
    first, second = add_sites(library, 2)
    edit(Site, [first], timeout=60)
    delete_records(Site, [first, second])

    by_name, page = found(operator_client, record="S0")
    assert by_name == [("s0", "delete"), ("s0", "edit")]
    assert history_url(first) in page.content.decode()
    assert found(operator_client, record=str(second))[0] == [("s1", "delete")]
    assert found(operator_client, record="s1", table="sites.site")[0] != []
    assert found(operator_client, record="s1", table="core.user")[0] == []
    assert found(operator_client, record=str(second), table="core.user")[0] == []


@pytest.mark.parametrize("record", ["", "%", "_", "\0", "9" * 30, "'", "nope"])
def test_a_search_that_finds_nothing(library, operator_client, record):
    add_sites(library, 1)
    edit(Site, timeout=60)

    rows, response = found(operator_client, record=record)

    assert rows == []
    assert response.context["older_url"] == ""


def test_a_long_log_is_searched_piece_by_piece(library, operator_client):
    [pk] = add_sites(library, 1)
    change_set = edit(Site, timeout=60)
    # As if many had been written since.
    entry = change_set.entries.get()
    late = ChangeEntry.objects.get(pk=entry.pk)
    late.pk, late.label = entry.pk + MOST + 10, "other"
    late.save()

    rows, response = found(operator_client, record="s0")
    assert rows == []
    assert "Not among these changes" in text(response)
    older = operator_client.get(reverse(RECORDS) + response.context["older_url"])

    assert [row.record_id for row in older.context["rows"]] == [pk]
    assert older.context["older_url"] == ""


def test_what_is_found_is_paged(library, operator_client):
    add_sites(library, 70)
    edit(Site, timeout=60)

    rows, first = found(operator_client, record="s")
    older = operator_client.get(reverse(RECORDS) + first.context["older_url"])

    assert len(rows) == 50
    assert len(older.context["rows"]) == 20


def test_a_search_costs_the_same_for_any_number(
    library, operator_client, django_assert_max_num_queries
):
    add_sites(library, 60)
    edit(Site, timeout=60)

    with (
        django_assert_max_num_queries(8),
        django_assert_max_num_queries(0, connection=connections["moviepilot"]),
    ):
        found(operator_client, record="s")


# --- The size of the log


def test_the_home_page_tells_the_size_of_the_log(library, operator_client):
    add_sites(library, 3)
    edit(Site, timeout=60)

    words = text(operator_client.get(reverse("admin:index")))

    assert re.search(r"holds 3 entries since \d{4}-\d\d-\d\d and takes", words)
    assert "manage.py prune_changes" in words
