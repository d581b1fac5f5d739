"""One change set: who, when, why, how many, and each record before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.db import DatabaseError
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from core.admin import in_memory
from core.admin.changes_list import page_urls, undos
from core.admin.entries import entry_row
from core.admin.list_link import ListLink
from core.admin.words import (
    operations_words,
    selection_summary,
    selection_words,
    table_label,
)
from core.changes import ChangeEntry, ChangeSet, Problem, State, settle
from core.opers.filters import FilterError
from core.opers.keyset import Keyset, Page
from core.redaction import error_line
from core.secrets import UnreadableSecret

if TYPE_CHECKING:
    from django.contrib.admin import AdminSite
    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse

    from core.admin.base import RecordAdmin

ENTRIES = 50
MOST_PROBLEMS = 100
INT64 = 2**63


def show(site: AdminSite, request: HttpRequest, pk: int) -> HttpResponse:
    """The page of a change set; one that a crash has left behind is settled first."""
    change_set = get_change_set(pk)
    _settle(request, change_set)
    record = request.GET.get("record", "").strip()
    page = _entries_page(change_set, request, record)
    model_admin = table_admin(site, change_set)
    link = ListLink.of(request, model_admin.list_url())
    context = {
        **change_context(site, request, change_set),
        "title": _("Change #%d") % change_set.pk,
        "link": link,
        "operations": operations_words(change_set),
        "summary": selection_summary(change_set.selection),
        "conditions": selection_words(model_admin, change_set.selection),
        "is_selected": "model" in change_set.selection,
        "undos": sorted(change_set.undone_by.all(), key=lambda undo: undo.pk),
        "problems": problems(model_admin, change_set),
        **in_memory.context(site, change_set),
        "entries": [entry_row(site, entry) for entry in page.records],
        "page_urls": page_urls(page, f"record={record}" if record else ""),
        "record": record,
    }
    response = TemplateResponse(request, "core/change.html", context)
    if request.headers.get("HX-Request") and change_set.state != State.APPLYING:
        response["HX-Refresh"] = "true"  # the progress asked: it is over
    return response


def _settle(request: HttpRequest, change_set: ChangeSet) -> None:
    """Find out what became of a change set whose process is gone."""
    try:
        settle(change_set)
    except (DatabaseError, UnreadableSecret) as error:
        text = _("What became of this change cannot be found out at the moment: %s")
        messages.error(request, text % _reason(error))


def _reason(error: Exception) -> str:
    return error_line(error) if isinstance(error, DatabaseError) else str(error)


def get_change_set(pk: int) -> ChangeSet:
    """The change set, or 404."""
    if pk >= INT64:
        raise Http404
    changes = ChangeSet.objects.select_related("undoes").prefetch_related(undos())
    return get_object_or_404(changes, pk=pk)


def table_admin(site: AdminSite, change_set: ChangeSet) -> RecordAdmin:
    """The pages of the change set's table."""
    return site.get_model_admin(change_set.model)  # type: ignore[return-value]


def change_context(
    site: AdminSite, request: HttpRequest, change_set: ChangeSet
) -> dict[str, Any]:
    """What every page about a change set shows."""
    return {
        **site.each_context(request),
        "change_set": change_set,
        "table": table_label(change_set.model),
        "list_url": table_admin(site, change_set).list_url(),
    }


def problems(model_admin: RecordAdmin, change_set: ChangeSet) -> list[dict[str, Any]]:
    """The first records that were left alone, and why."""
    known = dict(Problem.choices)
    return [
        {"id": pk, "why": known.get(why, why), "url": model_admin.record_url(pk)}
        for pk, why in change_set.problems[:MOST_PROBLEMS]
    ]


def _entries_page(change_set: ChangeSet, request: HttpRequest, record: str) -> Page:
    keyset = Keyset(_entries(change_set, record), ["id"], ENTRIES)
    try:
        return keyset.page(
            after=request.GET.get("after", ""),
            before=request.GET.get("before", ""),
            last=request.GET.get("last") == "1",
        )
    except FilterError:
        return keyset.page()


def _entries(change_set: ChangeSet, record: str) -> QuerySet[ChangeEntry]:
    entries = change_set.applied_entries()
    if not record:
        return entries
    if not (record.isascii() and record.isdigit() and int(record) < INT64):
        return entries.none()
    return entries.filter(table=change_set.table, record_id=int(record))
