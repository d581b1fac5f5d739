"""The question whether to delete a record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from core.admin import consequences, notices, record_access, record_view
from core.admin.list_link import ListLink
from core.admin.table_state import needs_table
from core.admin.warnings import deletion_warnings
from core.changes import delete_records, preview_deletion

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from core.admin.base import RecordAdmin


@needs_table
def show(model_admin: RecordAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """The question whether to delete a record; a POST deletes it."""
    record_access.require(model_admin.has_delete_permission(request))
    form = record_access.load(model_admin, pk)
    if form is None:
        return record_access.gone(model_admin, request)
    link = ListLink.of(request, model_admin.list_url())
    if request.method == "POST":
        change_set = delete_records(
            model_admin.model,
            [pk],
            along=consequences.posted(request, model_admin.model),
            by=record_access.operator(request),
            reason=request.POST.get("reason", "").strip(),
        )
        if change_set.failed:
            messages.error(request, change_set.problems[0][1])
            return redirect(link.carried_by(model_admin.record_url(pk)))
        text = _("Deleted “%s”.") % str(form.record)[:80]
        notices.changed(request, change_set, text)
        return redirect(link.url)
    context = {
        **record_access.context(model_admin, request, link),
        "record": form.record,
        "groups": record_view.groups(model_admin, form),
        "record_url": link.carried_by(model_admin.record_url(pk)),
        **_consequences(model_admin, request, pk),
    }
    return render(request, "core/record_delete.html", context)


def _consequences(
    model_admin: RecordAdmin, request: HttpRequest, pk: int
) -> dict[str, Any]:
    """What goes with the record, and what may."""
    found = preview_deletion(model_admin.model, [pk])
    return {
        "refusals": [why for _pk, why in found.invalid],
        "consequences": consequences.lines(model_admin.admin_site, request.user, found),
        "offers": consequences.offers(request, model_admin.model, [pk]),
        "warnings": deletion_warnings(model_admin.model._meta.label_lower, found),
    }
