"""What the console has done to one record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib import messages
from django.db.models import Exists, OuterRef, QuerySet
from django.shortcuts import render

from core.admin import record_access
from core.admin.entries import EntryRow, entry_row
from core.admin.list_link import ListLink
from core.admin.table_state import needs_table
from core.changes import BatchState, ChangeBatch, ChangeEntry, ChangeSet
from core.opers.filters import FilterError
from core.opers.keyset import Keyset, Page

if TYPE_CHECKING:
    from django.contrib.admin import AdminSite
    from django.http import HttpRequest, HttpResponse

    from core.admin.base import RecordAdmin
    from core.models.base import Record

LATEST = 8
PER_PAGE = 50


@dataclass(frozen=True)
class Change:
    """One entry with the change set it belongs to."""

    change_set: ChangeSet
    row: EntryRow


def entries(record: Record) -> QuerySet[ChangeEntry]:
    """The entries of the record that were written, by its table and id.

    On SQLite the id of a deleted last record comes back, so older entries may be of
    a record that is gone; their labels tell.
    """
    batches = ChangeBatch.objects.filter(
        change_set=OuterRef("change_set"),
        number=OuterRef("batch"),
        state=BatchState.APPLIED,
    )
    return ChangeEntry.objects.filter(
        Exists(batches),
        change_set__in=ChangeSet.objects.values("pk"),
        table=record._meta.label_lower,
        record_id=record.pk,
    ).select_related("change_set")


def latest(site: AdminSite, record: Record) -> list[Change]:
    """The last few changes, newest first."""
    found = entries(record).order_by("-pk")[:LATEST]
    return [Change(entry.change_set, entry_row(site, entry)) for entry in found]


def page(site: AdminSite, record: Record, *, after: str, before: str) -> Page:
    """A page of all changes, newest first. Raises FilterError for a damaged cursor."""
    found = Keyset(entries(record), ("-id",), PER_PAGE).page(after=after, before=before)
    changes = [
        Change(entry.change_set, entry_row(site, entry)) for entry in found.records
    ]
    return Page(changes, found.next, found.previous)


@needs_table
def show(model_admin: RecordAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Everything the console has done to the record."""
    record_access.require(model_admin.has_view_permission(request))
    form = record_access.load(model_admin, pk)
    if form is None:
        return record_access.gone(model_admin, request)
    link = ListLink.of(request, model_admin.list_url())
    context = {
        **record_access.context(model_admin, request, link),
        "record": form.record,
        "record_url": link.carried_by(model_admin.record_url(pk)),
        "page": _history_page(model_admin, request, form.record),
        "list_parameter": link.parameter,
    }
    return render(request, "core/record_history.html", context)


def _history_page(
    model_admin: RecordAdmin, request: HttpRequest, record: Record
) -> Page:
    after, before = request.GET.get("after", ""), request.GET.get("before", "")
    site = model_admin.admin_site
    try:
        return page(site, record, after=after, before=before)
    except FilterError as error:
        messages.error(request, str(error))
        return page(site, record, after="", before="")
