"""One change set: who, when, why, how many, and each record before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from core.admin import change_entries, in_memory
from core.admin.changes_list import undos
from core.admin.left_alone import shown_groups
from core.admin.list_link import ListLink
from core.admin.progress import Progress
from core.admin.words import (
    operations_words,
    selection_summary,
    selection_words,
    table_label,
)
from core.changes import ChangeSet, Kind, State, settle
from core.permissions import may_go_on, may_see_change, may_undo
from core.redaction import error_line
from core.secrets import UnreadableSecret

if TYPE_CHECKING:
    from django.contrib.admin import AdminSite
    from django.http import HttpRequest, HttpResponse

    from core.admin.base import RecordAdmin

INT64 = 2**63


def show(site: AdminSite, request: HttpRequest, pk: int) -> HttpResponse:
    """The page of a change set; one that a crash has left behind is settled first."""
    change_set = get_change_set(request, pk)
    settled(request, change_set)
    model_admin = table_admin(site, change_set)
    link = ListLink.of(request, model_admin.list_url())
    context = {
        **change_context(site, request, change_set),
        "title": _("Change #%d") % change_set.pk,
        "link": link,
        "operations": operations_words(change_set),
        "summary": selection_summary(change_set.selection),
        "conditions": selection_words(model_admin, change_set.selection),
        "is_selected": "model" in change_set.selection
        and change_set.kind not in (Kind.REMAP, Kind.IMPORT),
        "undos": sorted(change_set.undone_by.all(), key=lambda undo: undo.pk),
        "progress": Progress.of(change_set) if change_set.is_active else None,
        "is_stopped": change_set.state == State.STOPPED,
        "left_alone": shown_groups(site, request, change_set),
        "left_alone_count": change_set.skipped + change_set.failed,
        **in_memory.context(site, request, change_set),
        **change_entries.context(site, request, change_set),
    }
    return TemplateResponse(request, "core/change.html", context)


def settled(request: HttpRequest, change_set: ChangeSet) -> bool:
    """Find out what became of a change set whose process is gone."""
    try:
        return settle(change_set)
    except (DatabaseError, UnreadableSecret) as error:
        text = _("What became of this change cannot be found out at the moment: %s")
        messages.error(request, text % _reason(error))
        return False


def _reason(error: Exception) -> str:
    return error_line(error) if isinstance(error, DatabaseError) else str(error)


def get_change_set(request: HttpRequest, pk: int) -> ChangeSet:
    """The change set, or 404. Raises PermissionDenied for those who may not see it."""
    if pk >= INT64:
        raise Http404
    changes = ChangeSet.objects.select_related("undoes").prefetch_related(undos())
    change_set = get_object_or_404(changes, pk=pk)
    if not may_see_change(request.user, change_set):
        raise PermissionDenied
    return change_set


def change_url(change_set: ChangeSet) -> str:
    """The change set's page."""
    return reverse("admin:core_changeset_change", args=[change_set.pk])


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
        "can_undo": change_set.can_be_undone and may_undo(request.user, change_set),
        "may_go_on": may_go_on(request.user, change_set),
    }
