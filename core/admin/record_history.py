"""What the console has done to one record, also to one that is gone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Prefetch, QuerySet
from django.shortcuts import render

from core.admin import record_access
from core.admin.changes_list import undos
from core.admin.entries import EntryRow, entry_row
from core.admin.list_link import ListLink
from core.admin.table_state import needs_table
from core.changes import ChangeEntry, ChangeSet
from core.changes.history import entries_of
from core.opers.filters import FilterError
from core.opers.keyset import Keyset, Page
from core.permissions import may, may_see_change, may_take_back

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from core.admin.base import RecordAdmin
    from core.models.base import Record
    from core.permissions import Action

LATEST = 8
PER_PAGE = 50


@dataclass(frozen=True)
class Change:
    """One entry with the change set it belongs to."""

    change_set: ChangeSet
    row: EntryRow
    restore_url: str = ""
    """Where the record can be put back, to be told from when; '' where it cannot."""
    can_open: bool = True
    """Whether the operator may look at the change as a whole."""

    @property
    def before_url(self) -> str:
        """Where to restore the record as it was before the change."""
        is_there = self.restore_url and self.row.kind != "create"
        return f"{self.restore_url}&when=before" if is_there else ""

    @property
    def after_url(self) -> str:
        """Where to restore the record as it was after the change."""
        is_there = self.restore_url and self.row.kind != "delete"
        return f"{self.restore_url}&when=after" if is_there else ""


def entries(model: type[Record], pk: int) -> QuerySet[ChangeEntry]:
    """The written entries of a record, with their change sets."""
    kept = ChangeSet.objects.prefetch_related(undos())
    kept = kept.defer("ids", "payload", "problems", "selection", "operations")
    return entries_of(model, pk).prefetch_related(Prefetch("change_set", kept))


def may_see(model_admin: RecordAdmin, request: HttpRequest) -> bool:
    """Whether this operator may see what was done to records of the table."""
    may_see_changes = request.user.has_perm("core.view_changeset")
    return may_see_changes and model_admin.has_view_permission(request)


def latest(
    model_admin: RecordAdmin, request: HttpRequest, record: Record
) -> list[Change]:
    """The last few changes, newest first; none for those who may not see changes."""
    if not may_see(model_admin, request):
        return []
    found = entries(type(record), record.pk).order_by("-pk")[:LATEST]
    return [_change(model_admin, request, entry) for entry in found]


def page(
    model_admin: RecordAdmin, request: HttpRequest, pk: int, *, can_restore: bool
) -> Page:
    """A page of all changes, newest first."""
    keyset = Keyset(entries(model_admin.model, pk), ("-id",), PER_PAGE)
    try:
        after, before = request.GET.get("after", ""), request.GET.get("before", "")
        found = keyset.page(after=after, before=before)
    except FilterError as error:
        messages.error(request, str(error))
        found = keyset.page()
    url = model_admin.url("restore", pk) if can_restore else ""
    changes = [_change(model_admin, request, entry, url) for entry in found.records]
    return Page(changes, found.next, found.previous)


def _change(
    model_admin: RecordAdmin, request: HttpRequest, entry: ChangeEntry, url: str = ""
) -> Change:
    change_set = entry.change_set
    can_restore = url and may_take_back(request.user, change_set)
    return Change(
        change_set,
        entry_row(model_admin.admin_site, entry),
        f"{url}?{urlencode({'entry': entry.pk})}" if can_restore else "",
        can_open=may_see_change(request.user, change_set),
    )


@needs_table
def show(model_admin: RecordAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Everything the console has done to the record, whether it is there or not."""
    record_access.require(may_see(model_admin, request))
    form = record_access.load(model_admin, pk)
    newest = None if form else _newest(model_admin, pk)
    if form is None and newest is None:
        return record_access.gone(model_admin, request)
    link = ListLink.of(request, model_admin.list_url())
    name = str(form.record) if form else (newest.label or str(pk) if newest else "")
    can_restore = _can_restore(model_admin, request, is_there=form is not None)
    is_newest_mine = newest and may_take_back(request.user, newest.change_set)
    context = {
        **record_access.context(model_admin, request, link),
        "record": form.record if form else None,
        "record_id": pk,
        "name": name,
        "newest": newest,
        "record_url": link.carried_by(model_admin.record_url(pk)) if form else "",
        "page": page(model_admin, request, pk, can_restore=can_restore),
        "list_parameter": link.parameter,
        "restore_url": model_admin.url("restore", pk)
        if can_restore and is_newest_mine
        else "",
    }
    return render(request, "core/record_history.html", context)


def _can_restore(
    model_admin: RecordAdmin, request: HttpRequest, *, is_there: bool
) -> bool:
    """Whether this operator may make the record, or edit it."""
    action: Action = "change" if is_there else "add"
    return may(request.user, action, model_admin.model)


def _newest(model_admin: RecordAdmin, pk: int) -> ChangeEntry | None:
    """The last thing the console did to a record that is gone."""
    if not 0 <= pk < record_access.INT64:
        return None
    found = entries_of(model_admin.model, pk).select_related("change_set")
    return found.order_by("-pk").first()
