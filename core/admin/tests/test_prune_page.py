"""Deleting old changes on a page."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from core.admin import prune_page
from core.changes import ChangeEntry, ChangeSet
from core.changes.run import Pace
from core.changes.tests.support import add_sites, edit
from core.models import AuditEvent
from core.roles import Role
from sites.models import Site

PAGE = "/core/changeset/prune/"


def make_old(library, *, days=100, count=3):
    add_sites(library, count)
    change_set = edit(Site, timeout=60)
    then = timezone.now() - dt.timedelta(days=days)
    ChangeSet.objects.filter(pk=change_set.pk).update(created_at=then, finished_at=then)
    return change_set


def test_the_page_tells_how_much_would_go(operator_client, library):
    make_old(library)

    asked = operator_client.get(PAGE)
    page = operator_client.get(PAGE, {"days": "90"})

    offer = page.context["offer"]
    assert asked.context["offer"] is None
    assert (offer.found.change_sets, offer.found.entries) == (1, 3)
    assert offer.bytes > 0
    assert "Delete for good" in page.content.decode()
    assert ChangeEntry.objects.count() == 3


def test_what_is_confirmed_is_deleted_and_recorded_first(
    operator_client, operator, library
):
    old = make_old(library)
    before = library.dump()

    response = operator_client.post(PAGE, {"days": "90"}, follow=True)

    event = AuditEvent.objects.get()
    assert "Deleted 3 entries of old changes." in response.content.decode()
    assert ChangeSet.objects.get(pk=old.pk).pruned_at is not None
    assert ChangeEntry.objects.count() == 0
    assert (event.kind, event.operator) == ("prune", operator)
    assert event.detail == {"days": 90, "changes": 1, "entries": 3}
    assert library.dump() == before


def test_what_takes_long_is_gone_on_with(operator_client, sqlite_library, monkeypatch):
    for name in ("size", "smallest", "largest"):
        monkeypatch.setattr(Pace, name, 2)
    make_old(sqlite_library, count=7)
    monkeypatch.setattr(prune_page, "SECONDS", 0)  # a batch at a time

    first = operator_client.post(PAGE, {"days": "90"})
    page = operator_client.get(first["Location"])
    left = page.context["offer"].found.left
    others = [operator_client.post(PAGE, {"days": "90"})["Location"] for _ in range(3)]

    assert first["Location"] == f"{PAGE}?days=90"
    assert left == 5
    assert others == [f"{PAGE}?days=90", f"{PAGE}?days=90", "/core/changeset/"]
    assert ChangeEntry.objects.count() == 0


def test_nothing_to_delete_is_said_and_not_recorded(operator_client, library):
    make_old(library, days=10)

    page = operator_client.get(PAGE, {"days": "90"}).content.decode()
    response = operator_client.post(PAGE, {"days": "90"}, follow=True)

    assert "No change is that old" in page
    assert "No change is that old." in response.content.decode()
    assert AuditEvent.objects.count() == 0
    assert ChangeEntry.objects.count() == 3


@pytest.mark.parametrize("days", ["-1", "x", "36501", "9" * 40, "٣", "1.5", " 5"])
def test_a_number_of_days_is_wanted(operator_client, sqlite_library, days):
    make_old(sqlite_library)

    for response in (
        operator_client.get(PAGE, {"days": days}),
        operator_client.post(PAGE, {"days": days}),
    ):
        assert "Write a number from 0 to" in response.content.decode()
    assert ChangeEntry.objects.count() == 3


def test_only_who_may_prunes(client_as, sqlite_library):
    make_old(sqlite_library)
    clients = {role: client_as(role) for role in Role}

    refused = [
        clients[role].post(PAGE, {"days": "0"}).status_code
        for role in (Role.VIEWER, Role.OPERATOR, Role.SITE_KEEPER)
    ]
    links = {
        role: PAGE in client.get("/core/changeset/").content.decode()
        for role, client in clients.items()
    }

    assert refused == [403, 403, 403]
    assert ChangeEntry.objects.count() == 3
    assert links[Role.ADMINISTRATOR]
    assert not links[Role.VIEWER]
    assert clients[Role.ADMINISTRATOR].get(PAGE).status_code == 200
