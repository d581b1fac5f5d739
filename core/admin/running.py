"""What can be done about a change that waits, runs or has stopped: watch it, cancel it,
queue it again, and select the records it left alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from core.admin.bulk.edit import plan_url
from core.admin.change_page import change_url, get_change_set, settled
from core.admin.left_alone import group_named
from core.admin.progress import Progress, is_late, running
from core.changes import ChangeSet, Selection, State, draft
from core.changes.journal import cancel
from core.changes.tasks import enqueue
from core.permissions import may, may_go_on, may_see_change

if TYPE_CHECKING:
    from django.contrib.admin import AdminSite
    from django.http import HttpRequest

    from core.admin.base import RecordAdmin
    from core.models.operators import Operator


def progress(site: AdminSite, request: HttpRequest, pk: int) -> HttpResponse:
    """The progress alone, asked for while the page is looked at.

    The whole page is shown anew when it is over, or has something new to offer.
    """
    change_set = ChangeSet.objects.filter(pk=pk).defer("ids", "payload").first()
    if change_set is not None and not may_see_change(request.user, change_set):
        raise PermissionDenied
    is_known_late = request.GET.get("late") == "1"
    if (
        change_set is None
        or settled(request, change_set)
        or not change_set.is_active
        or is_late(change_set) != is_known_late
    ):
        return HttpResponse(headers={"HX-Refresh": "true"})
    said = request.GET.get("said", "")[:3]
    context = {
        "progress": Progress.of(change_set, int(said) if said.isdecimal() else 0),
        "is_part": True,
        "change_set": change_set,
        "running": running(request.user),
    }
    return TemplateResponse(request, "core/includes/progress.html", context)


def cancel_change(site: AdminSite, request: HttpRequest, pk: int) -> HttpResponse:
    """Have it stop after the batch being written, or not begin."""
    change_set = _changeable(request, pk)
    if not cancel(change_set):
        messages.info(request, _("This change is over already."))
    return redirect(change_url(change_set))


def queue_again(site: AdminSite, request: HttpRequest, pk: int) -> HttpResponse:
    """Queue a change once more that waits: its task may be lost."""
    change_set = _changeable(request, pk)
    if change_set.state != State.QUEUED:
        messages.info(request, _("This change does not wait any more."))
    elif not enqueue(change_set):
        messages.error(request, _("The queue cannot be reached at the moment."))
    return redirect(change_url(change_set))


def select_left_alone(site: AdminSite, request: HttpRequest, pk: int) -> HttpResponse:
    """Begin a bulk edit of exactly the records that were left alone for a reason."""
    change_set = get_change_set(request, pk)
    group = group_named(change_set, request.POST.get("group", ""))
    if not may(request.user, "change", group.model if group else change_set.table):
        raise PermissionDenied
    if group is None:
        messages.warning(request, _("Select at least one record first."))
        return redirect(change_url(change_set))
    model_admin = cast("RecordAdmin", site.get_model_admin(group.model))
    selection = Selection(group.model, ids=group.ids)
    made = draft(selection, by=cast("Operator", request.user))
    if not made.count:
        messages.warning(request, _("None of the selected records exists any more."))
        return redirect(change_url(change_set))
    return redirect(plan_url(model_admin, made))


def _changeable(request: HttpRequest, pk: int) -> ChangeSet:
    """The change set, for those who may go on with it."""
    change_set = get_change_set(request, pk)
    if not may_go_on(request.user, change_set):
        raise PermissionDenied
    return change_set
