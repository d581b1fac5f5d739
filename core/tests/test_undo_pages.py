"""The pages on which a part of a change is taken back, and conflicts are forced."""

from __future__ import annotations

import re

import pytest
from django.db import connections
from django.urls import reverse

from core.changes import (
    ChangeSet,
    DeleteRecords,
    EditRecords,
    State,
    change,
    delete_records,
)
from core.changes.tests.support import add_messages, add_sites, edit, stored
from core.models import Message
from sites.models import Site


def undo_url(change_set, query=""):
    return reverse("admin:core_changeset_undo", args=[change_set.pk]) + query


def change_url(change_set, query=""):
    return reverse("admin:core_changeset_change", args=[change_set.pk]) + query


def text(response):
    """The page's words, without its markup."""
    return " ".join(re.sub(r"<[^>]*>", " ", response.content.decode()).split())


def entries(change_set):
    return [*change_set.entries.order_by("pk")]


def two_tables(library):
    """One change over sites and messages that have the same ids."""
    first, second = add_sites(library, 2)
    add_messages(library, 2)
    made = change(
        EditRecords(Message, [first, second], {"text": "x"}),
        EditRecords(Site, [first], {"timeout": 60}),
        DeleteRecords(Site, [second]),
    )
    return made, first, second


def test_chosen_entries_are_previewed_and_undone_alone(library, operator_client):
    first, second, third = add_sites(library, 3)
    change_set = edit(Site, timeout=60)
    chosen = entries(change_set)[1]
    page = operator_client.get(change_url(change_set)).content.decode()
    assert f'name="entry" value="{chosen.pk}"' in page
    before = library.dump()

    preview = operator_client.get(undo_url(change_set, f"?entry={chosen.pk}"))
    assert "1 chosen entry" in text(preview)
    assert "Can be put back 1" in text(preview)
    assert library.dump() == before
    operator_client.post(undo_url(change_set, f"?entry={chosen.pk}"), {"reason": "no"})

    assert [stored(Site, pk, "timeout") for pk in (first, second, third)] == [
        60,
        15,
        60,
    ]
    after = operator_client.get(change_url(change_set))
    assert "partly undone: 1 of 3" in text(after)
    row = after.context["entries"][1]
    assert (row.record_id, row.is_undone) == (second, True)
    assert "Can be put back 2" in text(operator_client.get(undo_url(change_set)))
    operator_client.post(undo_url(change_set))
    assert stored(Site, first, "timeout") == 15


def test_all_that_match_a_search_are_undone(library, operator_client):
    made, first, _second = two_tables(library)
    query = "?table=core.message"
    page = operator_client.get(change_url(made, query))
    assert page.context["undo_matching_url"] == undo_url(made, query)
    assert {row.table for row in page.context["entries"]} == {"message"}

    operator_client.post(undo_url(made, query))

    assert stored(Message, first, "text") is None
    assert stored(Site, first, "timeout") == 60


def test_entries_are_found_by_a_part_of_their_names(library, operator_client):
    made, first, second = two_tables(library)

    page = operator_client.get(change_url(made, "?record=s1"))
    by_id = operator_client.get(change_url(made, f"?record={first}"))

    assert [row.record_id for row in page.context["entries"]] == [second]
    assert [row.record_id for row in by_id.context["entries"]] == [first, first]


def test_an_undo_tells_each_table(library, operator_client):
    made, first, _second = two_tables(library)
    library.update("message", first, text="theirs")

    response = operator_client.get(undo_url(made))
    words = text(response)

    assert re.search(r"Messages 1 0 1", words)
    assert re.search(r"Sites 2 0 0", words)
    [conflict] = response.context["conflicts"]
    assert (conflict["id"], conflict["table"]) == (first, "message")


def test_forcing_is_for_the_entry_not_for_another_table_s(library, operator_client):
    made, first, _second = two_tables(library)
    library.update("message", first, text="theirs")
    library.update("site", first, timeout=99)
    [message, *_others] = entries(made)

    operator_client.post(undo_url(made), {"do": "force", "force": [message.pk]})

    assert stored(Message, first, "text") is None
    assert stored(Site, first, "timeout") == 99


def conflicting(library, count):
    add_messages(library, count)
    change_set = edit(Message, text="x")
    library.execute("UPDATE message SET text = 'theirs'")
    return change_set


def test_many_conflicts_are_paged_and_forced_at_once(library, operator_client):
    change_set = conflicting(library, 120)

    first = operator_client.get(undo_url(change_set))
    last = operator_client.get(
        undo_url(change_set) + first.context["page_urls"]["last"]
    )
    assert len(first.context["conflicts"]) == 50
    assert len(last.context["conflicts"]) == 20
    form = {"do": "force", "every": "1", "conflicts": "119"}
    refused = operator_client.post(undo_url(change_set), form)
    assert "in conflict by now" in text(refused)
    assert library.execute("SELECT DISTINCT text FROM message") == [("theirs",)]
    operator_client.post(undo_url(change_set), {**form, "conflicts": "120"})

    assert library.execute("SELECT DISTINCT text FROM message") == [(None,)]


@pytest.mark.parametrize("query", ["?page=0", "?page=x", "?page=99", "?entry=x&page=2"])
def test_a_page_of_conflicts_that_is_not_there(library, operator_client, query):
    change_set = conflicting(library, 2)

    assert operator_client.get(undo_url(change_set, query)).status_code == 200


@pytest.mark.parametrize(
    "query", ["?entry=x", "?entry=9999", "?table=no", "?record=%00"]
)
def test_an_address_that_names_no_entry_never_means_all(
    library, operator_client, query
):
    [pk] = add_sites(library, 1)
    change_set = edit(Site, timeout=60)

    assert operator_client.get(undo_url(change_set, query)).status_code == 200
    operator_client.post(undo_url(change_set, query))

    assert stored(Site, pk, "timeout") == 60


def test_a_long_undo_is_left_to_a_worker(library, operator_client):
    add_messages(library, 2100)
    change_set = edit(Message, text="x")

    response = operator_client.post(undo_url(change_set), follow=True)

    undoing = ChangeSet.objects.get(undoes=change_set)
    assert (undoing.state, undoing.position) == (State.QUEUED, 0)
    assert response.redirect_chain[-1][0] == change_url(undoing)
    assert "nothing to undo" in text(
        operator_client.post(undo_url(change_set), follow=True)
    )


def test_the_page_of_a_pruned_change_says_so(library, operator_client):
    add_sites(library, 1)
    change_set = edit(Site, timeout=60)
    change_set.entries.all().delete()
    change_set.batches.all().delete()
    ChangeSet.objects.filter(pk=change_set.pk).update(pruned_at="2026-01-02T03:04Z")

    page = operator_client.get(change_url(change_set))
    undo_page = operator_client.get(undo_url(change_set))

    for response in (page, undo_page):
        assert "were pruned on 2026-01-02; it can no longer be undone" in text(response)
    assert undo_url(change_set) not in page.content.decode()
    assert "nothing to undo" in text(
        operator_client.post(undo_url(change_set), follow=True)
    )


def test_the_pages_cost_the_same_for_any_number(
    library, operator_client, django_assert_max_num_queries
):
    add_messages(library, 300)
    change_set = edit(Message, text="x")
    library.execute("UPDATE message SET text = 'theirs'")
    moviepilot = connections["moviepilot"]

    with (
        django_assert_max_num_queries(16),
        django_assert_max_num_queries(6, connection=moviepilot),
    ):
        operator_client.get(undo_url(change_set))
    with django_assert_max_num_queries(10):
        operator_client.get(change_url(change_set))


def test_who_may_only_look_cannot_undo(library, client, operator):
    add_sites(library, 1)
    change_set = delete_records(Site, [1])

    assert client.post(undo_url(change_set)).status_code == 302
    assert library.execute("SELECT count(*) FROM site") == [(0,)]
