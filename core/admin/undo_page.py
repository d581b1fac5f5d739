"""Taking a change back at once; record by record what somebody changed since."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.admin.change_page import change_context, get_change_set, table_admin
from core.admin.entries import Side, sides
from core.admin.notices import changed
from core.admin.table_state import needs_table
from core.changes import (
    ChangeEntry,
    ChangeSet,
    InvalidValues,
    NothingToUndo,
    Problem,
    UndoResult,
    resume,
    undo,
)
from core.changes.preview import preview
from core.changes.rows import Rows
from core.changes.snapshot import mask, shown
from core.changes.undo import UndoWork
from core.redaction import error_line
from core.secrets import UnreadableSecret

if TYPE_CHECKING:
    from django.contrib.admin import AdminSite
    from django.http import HttpRequest, HttpResponse

    from core.admin.base import RecordAdmin
    from core.models.operators import Operator


def undo_change(site: AdminSite, request: HttpRequest, pk: int) -> HttpResponse:
    """Show what an undo would do; on POST do it, for `force` to the ids given there."""
    change_set = get_change_set(pk)
    model_admin = table_admin(site, change_set)
    if not model_admin.has_change_permission(request):
        raise PermissionDenied
    return _undo_change(model_admin, request, change_set)


def resume_change(site: AdminSite, request: HttpRequest, pk: int) -> HttpResponse:
    """Go on with a stopped change set from where it stopped."""
    change_set = get_change_set(pk)
    model_admin = table_admin(site, change_set)
    may_delete = model_admin.has_delete_permission(request)
    if not (model_admin.has_change_permission(request) and may_delete):
        raise PermissionDenied
    return _resume_change(model_admin, request, change_set)


@needs_table
def _resume_change(
    _model_admin: RecordAdmin, request: HttpRequest, change_set: ChangeSet
) -> HttpResponse:
    try:
        resumed = resume(change_set)
    except (ValueError, NothingToUndo):
        messages.info(request, _("This change cannot be gone on with."))
    except (DatabaseError, InvalidValues, UnreadableSecret) as error:
        messages.error(request, _refused(error))
    else:
        done = ngettext("%s record is done.", "%s records are done.", resumed.changed)
        changed(request, resumed, done % f"{resumed.changed:,}")
    return redirect(change_url(change_set))


@needs_table
def _undo_change(
    model_admin: RecordAdmin, request: HttpRequest, change_set: ChangeSet
) -> HttpResponse:
    try:
        if request.method == "POST":
            return _undo(request, change_set)
        return _page(model_admin, request, change_set)
    except UnreadableSecret as error:
        messages.error(request, str(error))
        return redirect(change_url(change_set))


def change_url(change_set: ChangeSet) -> str:
    """The change set's page."""
    return reverse("admin:core_changeset_change", args=[change_set.pk])


def _undo(request: HttpRequest, change_set: ChangeSet) -> HttpResponse:
    force = [int(pk) for pk in request.POST.getlist("force") if pk.isdecimal()]
    if not force and request.POST.get("do") == "force":
        messages.warning(request, _("Select at least one record first."))
        return redirect("admin:core_changeset_undo", change_set.pk)
    reason = request.POST.get("reason", "").strip()
    by = cast("Operator", request.user)
    try:
        result = undo(change_set, by=by, reason=reason, force=force)
    except NothingToUndo:
        messages.info(request, _("There is nothing to undo here."))
        return redirect(change_url(change_set))
    except DatabaseError as error:
        messages.error(request, _refused(error))
        return redirect(change_url(change_set))
    return _done(request, change_set, result)


def _refused(error: Exception) -> str:
    is_told = isinstance(error, DatabaseError)
    reason = error_line(error) if is_told else str(error)
    return _("MoviePilot's database refused: %s") % reason


def _done(
    request: HttpRequest, change_set: ChangeSet, result: UndoResult
) -> HttpResponse:
    """Tell what was put back, and go on to what was not."""
    undoing = result.change_set
    if undoing.changed:
        changed(request, undoing, _restored(undoing.changed))
    elif not undoing.skipped:
        messages.info(request, _("Everything is back already."))
    if result.conflicts:
        messages.warning(request, _left_alone(undoing.skipped))
        return redirect("admin:core_changeset_undo", change_set.pk)
    return redirect(change_url(undoing))


def _restored(count: int) -> str:
    text = ngettext("Put %s record back.", "Put %s records back.", count)
    return text % f"{count:,}"


def _left_alone(count: int) -> str:
    text = ngettext(
        "%s record was changed by someone else since and is left alone.",
        "%s records were changed by someone else since and are left alone.",
        count,
    )
    return text % f"{count:,}"


def _page(
    model_admin: RecordAdmin, request: HttpRequest, change_set: ChangeSet
) -> HttpResponse:
    """What would be put back, and the records somebody changed since."""
    found = preview(UndoWork(change_set))
    conflicts = [pk for pk, why in found.invalid if why == Problem.CONFLICT]
    context = {
        **change_context(model_admin.admin_site, request, change_set),
        "title": _("Undo change #%d") % change_set.pk,
        "preview": found,
        "gone": [pk for pk, why in found.invalid if why == Problem.GONE],
        "conflicts": conflict_rows(model_admin, change_set, conflicts),
    }
    return TemplateResponse(request, "core/undo.html", context)


def conflict_rows(
    model_admin: RecordAdmin, change_set: ChangeSet, ids: list[int]
) -> list[dict[str, Any]]:
    """Of each record: what it held, what the change wrote, what it holds now."""
    entries = change_set.applied_entries().filter(record_id__in=ids)
    current = Rows(change_set.model).snapshots(ids) if ids else {}
    return [
        {
            "id": entry.record_id,
            "label": entry.label or str(entry.record_id),
            "url": model_admin.record_url(entry.record_id),
            "fields": _fields(entry, current.get(entry.record_id) or {}),
        }
        for entry in entries.order_by("record_id")
    ]


def _fields(entry: ChangeEntry, now: dict[str, Any]) -> list[tuple[Side, Side]]:
    """Per field: before and after as the change has them, and after and now."""
    model = entry.model
    before = shown(model, entry.before, label=entry.label)
    after = shown(model, entry.after, label=entry.label)
    names = [*dict.fromkeys([*before, *after])]
    held = {name: mask(model, name, now.get(name), label=entry.label) for name in names}
    return [*zip(sides(model, before, after), sides(model, after, held), strict=True)]
