"""Taking a change back at once; record by record what somebody changed since."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.apps import apps
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.admin import conflicts, entry_part
from core.admin.change_page import (
    change_context,
    change_url,
    get_change_set,
    table_admin,
)
from core.admin.notices import changed, refused
from core.admin.table_state import needs_table
from core.admin.words import table_label
from core.changes import (
    ChangeSet,
    InvalidValues,
    NothingToUndo,
    State,
    UndoResult,
)
from core.changes.parts import Part, entry_ids
from core.changes.tasks import go_on, start
from core.changes.undo import claim_undo
from core.changes.undo_preview import UndoPreview, preview_undo
from core.permissions import may_go_on, may_undo, visible_tables
from core.secrets import UnreadableSecret

if TYPE_CHECKING:
    from django.contrib.admin import AdminSite
    from django.http import HttpRequest, HttpResponse

    from core.admin.base import RecordAdmin
    from core.models.operators import Operator


def undo_change(site: AdminSite, request: HttpRequest, pk: int) -> HttpResponse:
    """Show what an undo of all or a part would do; on POST do it."""
    change_set = get_change_set(request, pk)
    model_admin = table_admin(site, change_set)
    if not may_undo(request.user, change_set):
        raise PermissionDenied
    return _undo_change(model_admin, request, change_set)


def resume_change(site: AdminSite, request: HttpRequest, pk: int) -> HttpResponse:
    """Go on with a stopped change set from where it stopped."""
    change_set = get_change_set(request, pk)
    model_admin = table_admin(site, change_set)
    if not may_go_on(request.user, change_set):
        raise PermissionDenied
    return _resume_change(model_admin, request, change_set)


@needs_table
def _resume_change(
    _model_admin: RecordAdmin, request: HttpRequest, change_set: ChangeSet
) -> HttpResponse:
    try:
        resumed = go_on(change_set)
    except (ValueError, NothingToUndo):
        messages.info(request, _("This change cannot be gone on with."))
    except (DatabaseError, InvalidValues, UnreadableSecret) as error:
        messages.error(request, refused(error))
    else:
        _gone_on(request, resumed)
    return redirect(change_url(change_set))


def _gone_on(request: HttpRequest, resumed: ChangeSet) -> None:
    """What was done; of what is at work yet the page itself tells."""
    if not resumed.is_active:
        done = ngettext("%s record is done.", "%s records are done.", resumed.changed)
        changed(request, resumed, done % f"{resumed.changed:,}")


@needs_table
def _undo_change(
    model_admin: RecordAdmin, request: HttpRequest, change_set: ChangeSet
) -> HttpResponse:
    try:
        if request.method == "POST":
            return _undo(model_admin, request, change_set)
        return _page(model_admin, request, change_set)
    except UnreadableSecret as error:
        messages.error(request, str(error))
        return redirect(change_url(change_set))


def _undo(
    model_admin: RecordAdmin, request: HttpRequest, change_set: ChangeSet
) -> HttpResponse:
    """Take back what the address names; with `do=force` the conflicts chosen."""
    part = entry_part.parse(request.GET)
    try:
        force = _chosen(request, change_set, part)
    except NothingChosen:
        messages.warning(request, _("Select at least one record first."))
        return redirect(request.get_full_path())
    except ConflictsMoved:
        messages.warning(request, _("Other records are in conflict by now."))
        return _page(model_admin, request, change_set)
    entries = None if force or not part else entry_ids(part.of(change_set))
    try:
        undoing = _start(request, change_set, entries, force)
    except NothingToUndo:
        messages.info(request, _("There is nothing to undo here."))
        return redirect(change_url(change_set))
    except DatabaseError as error:
        messages.error(request, refused(error))
        return redirect(change_url(change_set))
    return _done(request, change_set, UndoResult(undoing))


def _start(
    request: HttpRequest,
    change_set: ChangeSet,
    entries: list[int] | None,
    force: list[int],
) -> ChangeSet:
    """Open the undo and do it, at once or in the background. Raises NothingToUndo."""
    undoing, work = claim_undo(
        change_set,
        by=cast("Operator", request.user),
        reason=request.POST.get("reason", "").strip(),
        entries=entries,
        force=force,
        state=State.QUEUED,
    )
    start(undoing, work)
    return undoing


class NothingChosen(Exception):
    """Nobody has said which conflicts to force."""


class ConflictsMoved(Exception):
    """There are not as many conflicts as the page has shown."""


def _chosen(request: HttpRequest, change_set: ChangeSet, part: Part) -> list[int]:
    """The entries to be taken back whatever their records hold.

    With `every` all that are in conflict, of which there have to be as many as shown.
    Raises NothingChosen and ConflictsMoved.
    """
    if request.POST.get("do") != "force":
        return []
    if request.POST.get("every"):
        found = _look(change_set, part).conflicting
        if request.POST.get("conflicts") != str(len(found)):
            raise ConflictsMoved
    else:
        ticked = map(entry_part.whole_number, request.POST.getlist("force"))
        found = [pk for pk in ticked if pk is not None]
    if not found:
        raise NothingChosen
    return found


def _look(change_set: ChangeSet, part: Part) -> UndoPreview:
    entries = entry_ids(part.of(change_set)) if part else None
    return preview_undo(change_set, entries)


def _done(
    request: HttpRequest, change_set: ChangeSet, result: UndoResult
) -> HttpResponse:
    """Tell what was put back, and go on to what was not."""
    undoing = result.change_set
    if undoing.is_active:
        return redirect(change_url(undoing))
    if undoing.written:
        changed(request, undoing, _restored(undoing.written))
    elif not (undoing.skipped or undoing.failed):
        messages.info(request, _("Everything is back already."))
    if result.conflicts:
        messages.warning(request, _left_alone(undoing.skipped))
        return redirect(_page_url(change_set, request))
    return redirect(change_url(undoing))


def _page_url(change_set: ChangeSet, request: HttpRequest) -> str:
    """The undo's page, of the same part."""
    url = reverse("admin:core_changeset_undo", args=[change_set.pk])
    query = entry_part.query_of(entry_part.parse(request.GET))
    return f"{url}?{query}" if query else url


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
    part = entry_part.parse(request.GET)
    found = _look(change_set, part)
    number = max(entry_part.whole_number(request.GET.get("page", "")) or 1, 1)
    shown = conflicts.page(found.conflicting, number)
    site, seen = model_admin.admin_site, visible_tables(request.user)
    context = {
        **change_context(site, request, change_set),
        "title": _("Undo change #%d") % change_set.pk,
        "part": entry_part.words(part),
        "preview": found,
        "tables": [
            (table_label(apps.get_model(table)), counts)
            for table, counts in sorted(found.tables.items())
            if table in seen
        ],
        "conflicts": conflicts.rows(site, change_set, shown, seen),
        "page_urls": conflicts.neighbours(
            number, len(found.conflicting), entry_part.query_of(part)
        ),
    }
    return TemplateResponse(request, "core/undo.html", context)
