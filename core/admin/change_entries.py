"""The entries of a change on its page: found, looked at, and chosen to be undone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from core.admin import entry_part
from core.admin.changes_list import page_urls
from core.admin.entries import EntryRow, entry_row
from core.changes.parts import dealt_with, record_tables
from core.opers.filters import FilterError
from core.opers.keyset import Keyset, Page
from core.permissions import visible_tables

if TYPE_CHECKING:
    from django.contrib.admin import AdminSite
    from django.http import HttpRequest

    from core.changes import ChangeSet
    from core.changes.parts import Part

ENTRIES = 50


def context(
    site: AdminSite, request: HttpRequest, change_set: ChangeSet
) -> dict[str, Any]:
    """A page of the entries that match the address, and what can be done to them."""
    part = replace(entry_part.parse(request.GET), ids=())
    seen = visible_tables(request.user)
    page, query = _page(change_set, request, part, seen), entry_part.query_of(part)
    undo_url = reverse("admin:core_changeset_undo", args=[change_set.pk])
    return {
        "entries": _rows(site, change_set, page),
        "page_urls": page_urls(page, query),
        "record": request.GET.get("record", "").strip(),
        "part": part,
        "part_tables": _tables(change_set, seen),
        "undo_url": undo_url,
        "undo_matching_url": f"{undo_url}?{query}" if query else "",
    }


def _page(
    change_set: ChangeSet, request: HttpRequest, part: Part, seen: frozenset[str]
) -> Page:
    entries = part.of(change_set)
    if change_set.carried and seen != {*record_tables()}:
        entries = entries.filter(table__in=seen)
    # Ordered by id alone, every entry of the change would be read and sorted for a
    # page; of one record there are few.
    order = "batch" if part.record is None else "id"
    keyset = Keyset(entries, [order], ENTRIES)
    try:
        return keyset.page(
            after=request.GET.get("after", ""),
            before=request.GET.get("before", ""),
            last=request.GET.get("last") == "1",
        )
    except FilterError:
        return keyset.page()


def _rows(site: AdminSite, change_set: ChangeSet, page: Page) -> list[EntryRow]:
    """What undos have dealt with cannot be chosen."""
    shown = [entry.pk for entry in page.records]
    done = dealt_with(change_set, shown) if change_set.put_back else ()
    return [
        replace(entry_row(site, entry), is_undone=entry.pk in done)
        for entry in page.records
    ]


def _tables(change_set: ChangeSet, seen: frozenset[str]) -> list[tuple[str, str]]:
    """The tables to choose from, where the change wrote to several."""
    if not change_set.carried:
        return []
    found = {*change_set.entries.order_by().values_list("table", flat=True).distinct()}
    names = entry_part.table_names()
    return sorted((table, names[table]) for table in found & seen if table in names)
