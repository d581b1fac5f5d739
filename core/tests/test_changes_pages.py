"""The pages of the change log: the list, one change, and its undo."""

import datetime as dt
import re
import socket

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.changes import (
    ChangeSet,
    Delete,
    Selection,
    Set,
    SetNull,
    State,
    apply,
    create_records,
    delete_records,
    plan,
    save_record,
    undo,
)
from core.models import Operator
from core.schema import place
from core.tests.support.libraries import Library
from history.models import TransferHistory
from sites.models import Site

LIST = "admin:core_changeset_changelist"
SECRET = "synthetic-cookie-1"


def add_site(library, **values):
    values = {"name": "Alpha", "url": "https://alpha.example/", "timeout": 15, **values}
    return library.insert("site", **values)


def edit(operator, model=Site, *, ids=None, reason="", **values):
    selection = Selection(model, ids=ids)
    operations = {name: Set(value) for name, value in values.items()}
    made = plan(model, operations, selection=selection, reason=reason, by=operator)
    return apply(made, by=operator)


def change_set_row(**values):
    """A change set that nobody has worked on."""
    database = place(connections["moviepilot"])
    values = {"table": "sites.site", "kind": "edit", "total": 1, **values}
    return ChangeSet.objects.create(database=database, **values)


def page(client, change_set, query=""):
    return client.get(
        reverse("admin:core_changeset_change", args=[change_set.pk]) + query
    )


def undo_url(change_set):
    return reverse("admin:core_changeset_undo", args=[change_set.pk])


def listed(client, **query):
    response = client.get(reverse(LIST), query)
    assert response.status_code == 200
    return [change_set.pk for change_set, _table in response.context["changes"]]


def text(response):
    """The page's words, without its markup."""
    return " ".join(re.sub(r"<[^>]*>", " ", response.content.decode()).split())


# --- The list


def test_the_list_says_what_was_done_latest_first(library, operator, operator_client):
    pk = add_site(library)
    first = edit(operator, ids=[pk], timeout=60, reason="slow lines")
    second = delete_records(Site, [pk], by=operator)

    assert listed(operator_client) == [second.pk, first.pk]
    words = text(operator_client.get(reverse(LIST)))
    assert "slow lines" in words
    assert "olivia" in words
    assert re.search(r"delete Sites 1 applied", words)


def test_an_empty_list_says_so(library, operator_client):
    assert "Nothing has been changed yet" in text(operator_client.get(reverse(LIST)))
    response = operator_client.get(reverse(LIST), {"kind": "undo"})
    assert "No changes match" in text(response)


def test_the_list_is_filtered(library, operator, operator_client):
    other = Operator.objects.create_superuser("otto", password="synthetic-Pass-2")
    site = add_site(library)
    transfer = library.insert("transferhistory", title="流浪地球")
    edited = edit(operator, ids=[site], timeout=60, reason="Slow lines")
    deleted = delete_records(TransferHistory, [transfer], by=other)
    undone = undo(deleted, by=other).change_set
    system = create_records(Site, [{"name": "Beta", "url": "https://beta.example/"}])
    ChangeSet.objects.filter(pk=edited.pk).update(
        created_at=dt.datetime(
            2025, 3, 4, 23, 30, tzinfo=timezone.get_default_timezone()
        )
    )

    def found(**query):
        return {*listed(operator_client, **query)}

    assert found(table="sites.site") == {edited.pk, system.pk}
    assert found(kind="undo") == {undone.pk}
    assert found(state="stopped") == set()
    assert found(operator=str(other.pk)) == {deleted.pk, undone.pk}
    assert found(operator="system") == {system.pk}
    assert found(reason="slow") == {edited.pk}
    assert found(to="2025-03-04") == {edited.pk}
    assert found(to="2025-03-03") == set()
    assert found(**{"from": "2025-03-05"}) == {deleted.pk, undone.pk, system.pk}
    assert found(record=str(transfer), table="history.transferhistory") == {
        deleted.pk,
        undone.pk,
    }
    assert edited.pk in found(record=str(site))


@pytest.mark.parametrize(
    "query",
    [
        {"operator": "x"},
        {"from": "yesterday"},
        {"to": "9999-12-31"},
        {"record": "9" * 30},
        {"record": "-1"},
        {"reason": "a\0b"},
        {"after": "nonsense"},
    ],
)
def test_a_filter_that_cannot_be_used_is_explained(library, operator_client, query):
    response = operator_client.get(reverse(LIST), query)

    assert response.status_code == 200
    assert "cannot be used" in text(response)


def test_the_list_is_paged(library, operator, operator_client):
    for number in range(120):
        change_set_row(total=number)

    first = operator_client.get(reverse(LIST), {"kind": "edit"})
    second = operator_client.get(first.context["page_urls"]["next"], follow=True)
    last = operator_client.get(reverse(LIST) + first.context["page_urls"]["last"])

    pks = [change_set.pk for change_set, _t in first.context["changes"]]
    assert len(pks) == 50
    assert pks == sorted(pks, reverse=True)
    assert second.status_code == 200
    assert len(last.context["changes"]) == 50
    assert "kind=edit" in first.context["page_urls"]["next"]


def test_the_list_costs_the_same_for_any_number_of_changes(
    library, operator, operator_client, django_assert_max_num_queries
):
    for number in range(60):
        change_set = change_set_row(total=number, changed=1, state=State.APPLIED)
        change_set_row(kind="undo", undoes=change_set, state=State.APPLIED)

    with (
        django_assert_max_num_queries(9),
        django_assert_max_num_queries(0, connection=connections["moviepilot"]),
    ):
        operator_client.get(reverse(LIST))


# --- One change


def test_a_change_tells_who_when_why_and_what(library, operator, operator_client):
    first, second = add_site(library), add_site(library, name="Beta", timeout=60)
    change_set = edit(operator, ids=[first, second], timeout=60, reason="slow lines")

    response = page(operator_client, change_set)
    words = text(response)

    assert "By olivia" in words
    assert "slow lines" in words
    assert "2 chosen records" in words
    assert re.search(r"timeout set to 60", words)
    assert re.search(r"Changed 1 Unchanged 1 Skipped 0 Failed 0", words)
    assert re.search(rf"Alpha {first} Timeout timeout 15 60", words, re.IGNORECASE)
    record_url = reverse("admin:sites_site_change", args=[first])
    assert f'href="{record_url}"' in response.content.decode()
    assert "no-store" in response["Cache-Control"]


def test_a_selection_by_filter_is_told_in_words(library, operator, operator_client):
    add_site(library)
    selection = Selection(Site, filter={"name__contains": "Alp"})
    made = plan(Site, {"ua": SetNull(), "timeout": Set(1)}, selection=selection)
    change_set = apply(made, by=operator)

    words = text(page(operator_client, change_set))

    assert re.search(r"All records where Name contains Alp", words)


def test_null_and_the_empty_text_are_told_apart(library, operator, operator_client):
    first, second = add_site(library, ua=None), add_site(library, ua="")
    change_set = edit(operator, ids=[first, second], ua="Mozilla")

    html = page(operator_client, change_set).content.decode()

    assert '<span class="null">NULL</span>' in html
    assert '<span class="empty-text">empty</span>' in html


def test_entries_are_paged_fifty_a_page(library, operator, operator_client):
    ids = [add_site(library, name=f"Site {number}") for number in range(70)]
    change_set = edit(operator, ids=ids, timeout=60)

    first = page(operator_client, change_set)
    second = page(operator_client, change_set, first.context["page_urls"]["next"])

    assert [row.record_id for row in first.context["entries"]] == ids[:50]
    assert [row.record_id for row in second.context["entries"]] == ids[50:]


def test_entries_are_found_by_record_id(library, operator, operator_client):
    first, second = add_site(library), add_site(library)
    change_set = edit(operator, ids=[first, second], timeout=60)

    found = page(operator_client, change_set, f"?record={second}")
    missing = page(operator_client, change_set, "?record=4711")
    nonsense = page(operator_client, change_set, "?record=x")

    assert [row.record_id for row in found.context["entries"]] == [second]
    assert "did not touch that record" in text(missing)
    assert "did not touch that record" in text(nonsense)


def test_created_and_deleted_records_show_all_values(
    library, operator, operator_client
):
    values = {"name": "Beta", "url": "https://beta.example/", "cookie": SECRET}
    created = create_records(Site, [values], by=operator)
    deleted = delete_records(Site, created.record_ids(), by=operator)

    for change_set, word in ((created, "created"), (deleted, "deleted")):
        response = page(operator_client, change_set)
        assert word in text(response)
        assert "https://beta.example/" in text(response)
        assert SECRET not in response.content.decode()


def test_secrets_stay_hidden_before_and_after(library, operator, operator_client):
    pk = add_site(library, cookie=SECRET)
    change_set = save_record(Site, pk, {"cookie": "synthetic-cookie-2"}, by=operator)

    response = page(operator_client, change_set)

    assert "synthetic-cookie" not in response.content.decode()
    assert "••••" in text(response)


def test_long_json_is_shown_as_its_difference(library, operator, operator_client):
    old = '{"storage": "local", "path": "/media", "files": [1, 2, 3, 4, 5, 6, 7, 8, 9]}'
    pk = library.insert("transferhistory", title="流浪地球", src_fileitem=old)
    new = {"storage": "local", "path": "/other", "files": [1, 2, 3, 4, 5, 6, 7, 8, 9]}
    change_set = save_record(TransferHistory, pk, {"src_fileitem": new}, by=operator)

    html = page(operator_client, change_set).content.decode()

    assert "<del>  &quot;path&quot;: &quot;/media&quot;,</del>" in html
    assert "<ins>  &quot;path&quot;: &quot;/other&quot;,</ins>" in html


def test_a_change_that_is_not_there(library, operator_client):
    for pk in (4711, 10**30):
        address = reverse("admin:core_changeset_change", args=[pk])
        assert operator_client.get(address).status_code == 404


def test_a_page_of_entries_costs_the_same_for_any_number(
    library, operator, operator_client, django_assert_max_num_queries
):
    ids = [add_site(library) for _ in range(60)]
    change_set = edit(operator, ids=ids, timeout=60)

    with (
        django_assert_max_num_queries(11),
        django_assert_max_num_queries(0, connection=connections["moviepilot"]),
    ):
        page(operator_client, change_set)


def test_a_change_left_by_a_crash_is_settled_when_looked_at(
    library, operator, operator_client
):
    pk = add_site(library)
    change_set = edit(operator, ids=[pk], timeout=60)
    ChangeSet.objects.filter(pk=change_set.pk).update(
        state=State.APPLYING,
        worker=f"{socket.gethostname()} 1 nobody",
        lease_until=timezone.now() - dt.timedelta(hours=1),
    )

    words = text(page(operator_client, change_set))

    change_set.refresh_from_db()
    assert change_set.state != State.APPLYING
    assert "Still being applied" not in words


def test_a_change_still_at_work_shows_how_far_it_is(library, operator, operator_client):
    change_set = change_set_row(
        total=40000,
        position=1200,
        worker="elsewhere 1 token",
        lease_until=timezone.now() + dt.timedelta(minutes=3),
    )

    response = page(operator_client, change_set)
    words = text(response)

    assert "1,200 of 40,000" in words
    assert "HX-Refresh" not in response
    assert undo_url(change_set) not in words


def test_a_stopped_change_can_be_undone(library, operator, operator_client):
    pk = add_site(library)
    change_set = edit(operator, ids=[pk], timeout=60)
    ChangeSet.objects.filter(pk=change_set.pk).update(state=State.STOPPED, total=9)

    response = page(operator_client, change_set)
    operator_client.post(undo_url(change_set))

    assert "stopped before its end" in text(response)
    assert library.execute("SELECT timeout FROM site") == [(15,)]


def test_a_stopped_change_can_be_gone_on_with(library, operator, operator_client):
    first, second = add_site(library), add_site(library)
    change_set = edit(operator, ids=[first, second], timeout=60)
    library.update("site", second, timeout=15)
    ChangeSet.objects.filter(pk=change_set.pk).update(
        state=State.STOPPED, changed=1, position=1
    )
    resume_url = reverse("admin:core_changeset_resume", args=[change_set.pk])
    assert resume_url in page(operator_client, change_set).content.decode()

    done = operator_client.post(resume_url, follow=True)
    again = operator_client.post(resume_url, follow=True)

    assert library.execute("SELECT timeout FROM site") == [(60,), (60,)]
    assert "2 records are done." in text(done)
    assert "cannot be gone on with" in text(again)
    assert operator_client.get(resume_url).status_code == 405


def test_the_progress_of_a_change_ends_with_the_whole_page(
    library, operator, operator_client
):
    change_set = edit(operator, ids=[add_site(library)], timeout=60)
    address = reverse("admin:core_changeset_progress", args=[change_set.pk])

    response = operator_client.get(address, headers={"HX-Request": "true"})

    assert response["HX-Refresh"] == "true"


# --- Undo


def test_undo_puts_everything_back_and_links_both_ways(
    library, operator, operator_client
):
    pk = add_site(library)
    before = library.dump()
    change_set = edit(operator, ids=[pk], timeout=60)

    done = operator_client.post(undo_url(change_set), {"reason": "a slip"}, follow=True)

    undoing = ChangeSet.objects.get(undoes=change_set)
    assert library.dump() == before
    assert undoing.reason == "a slip"
    assert undoing.operator == operator
    assert "Put 1 record back." in text(done)
    first, second = page(operator_client, change_set), page(operator_client, undoing)
    assert f"Undone by #{undoing.pk}" in text(first)
    assert f"Undoes #{change_set.pk}" in text(second)
    assert undo_url(change_set) not in first.content.decode()
    assert undo_url(undoing) in second.content.decode()


def test_an_undo_can_be_previewed(library, operator, operator_client):
    first, second = add_site(library), add_site(library)
    change_set = edit(operator, ids=[first, second], timeout=60)
    library.update("site", second, timeout=99)
    before = library.dump()

    words = text(operator_client.get(undo_url(change_set)))

    assert "Can be put back 1" in words
    assert "Changed or deleted since 1" in words
    assert library.dump() == before
    assert ChangeSet.objects.count() == 1


def test_a_record_changed_since_is_left_alone_until_forced(
    library, operator, operator_client
):
    first, second = add_site(library), add_site(library, name="Beta")
    change_set = edit(operator, ids=[first, second], timeout=60)
    library.update("site", second, timeout=99)

    conflicts = operator_client.post(undo_url(change_set), follow=True)

    assert conflicts.redirect_chain[-1][0] == undo_url(change_set)
    assert library.execute("SELECT timeout FROM site ORDER BY id") == [(15,), (99,)]
    words = text(conflicts)
    assert re.search(rf"Beta {second} Timeout timeout 15 60 99", words, re.IGNORECASE)
    kept, moved = change_set.entries.order_by("record_id")
    assert f'name="force" value="{moved.pk}"' in conflicts.content.decode()
    assert f'name="force" value="{kept.pk}"' not in conflicts.content.decode()

    operator_client.post(undo_url(change_set), {"do": "force", "force": [moved.pk]})

    assert library.execute("SELECT timeout FROM site ORDER BY id") == [(15,), (15,)]
    assert "Everything is back already" in text(
        operator_client.get(undo_url(change_set))
    )


def test_forcing_wants_a_choice(library, operator, operator_client):
    pk = add_site(library)
    change_set = edit(operator, ids=[pk], timeout=60)
    library.update("site", pk, timeout=99)

    response = operator_client.post(
        undo_url(change_set), {"do": "force", "force": ["x"]}, follow=True
    )

    assert "Select at least one record first" in text(response)
    assert library.execute("SELECT timeout FROM site") == [(99,)]


def test_a_conflict_shows_no_secrets(library, operator, operator_client):
    pk = add_site(library, cookie=SECRET)
    change_set = save_record(Site, pk, {"cookie": "synthetic-cookie-2"}, by=operator)
    library.update("site", pk, cookie="synthetic-cookie-3")

    response = operator_client.get(undo_url(change_set))

    assert "••••" in text(response)
    assert "synthetic-cookie" not in response.content.decode()


def test_undoing_twice_does_nothing_twice(library, operator, operator_client):
    pk = add_site(library)
    change_set = edit(operator, ids=[pk], timeout=60)
    operator_client.post(undo_url(change_set))
    library.update("site", pk, timeout=60)

    again = operator_client.post(undo_url(change_set), follow=True)

    assert library.execute("SELECT timeout FROM site") == [(60,)]
    assert "nothing to undo" in text(again)
    assert ChangeSet.objects.count() == 2


def test_a_deleted_record_comes_back_with_its_id(library, operator, operator_client):
    pk = add_site(library, cookie=SECRET)
    before = library.dump()
    made = plan(Site, Delete(), selection=Selection(Site, ids=[pk]), by=operator)
    change_set = apply(made, by=operator)

    operator_client.post(undo_url(change_set))

    assert library.dump() == before


# --- Doors


def test_the_pages_want_a_sign_in_and_a_token_of_the_form(library, operator, client):
    pk = add_site(library)
    change_set = edit(operator, ids=[pk], timeout=60)
    addresses = [
        reverse(LIST),
        reverse("admin:core_changeset_change", args=[change_set.pk]),
        undo_url(change_set),
        reverse("admin:core_plan_preview", args=["x"]),
    ]

    for address in addresses:
        assert client.get(address)["Location"].startswith(reverse("admin:login"))
        assert client.post(address)["Location"].startswith(reverse("admin:login"))
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(operator, backend="django.contrib.auth.backends.ModelBackend")
    assert strict.post(undo_url(change_set)).status_code == 403
    assert library.execute("SELECT timeout FROM site") == [(60,)]


def test_changes_are_never_edited_or_deleted(library, operator, operator_client):
    pk = add_site(library)
    change_set = edit(operator, ids=[pk], timeout=60)

    address = reverse("admin:core_changeset_change", args=[change_set.pk])

    assert operator_client.post(address).status_code == 405
    assert operator_client.post(reverse(LIST)).status_code == 405
    assert operator_client.get(f"{address}delete/").status_code == 404


def test_what_a_deletion_carries_is_told_before_and_after(
    operator_client: Client, library: Library
) -> None:
    pk = library.insert("user", name="ada", hashed_password="synthetic")
    library.insert("userconfig", username="ada", key="Layout", value="1")
    library.insert(
        "passkey",
        user_id=pk,
        credential_id="synthetic-credential",
        public_key="synthetic-key",
        name="Phone",
        sign_count=0,
        is_active=True,
    )

    question = operator_client.get(f"/core/user/{pk}/delete/")
    operator_client.post(f"/core/user/{pk}/delete/")
    page = operator_client.get("/core/changeset/1/")

    assert "1 passkey is deleted with it" in question.content.decode().lower()
    assert "Carried along" in page.content.decode()
    assert "Passkey 1" in page.content.decode().replace("passkey 1", "Passkey 1")
    assert library.execute("SELECT count(*) FROM passkey") == [(0,)]
