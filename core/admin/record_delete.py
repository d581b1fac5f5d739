"""The question whether to delete a record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from core.admin import notices, record_access, record_view
from core.admin.list_link import ListLink
from core.admin.table_state import needs_table
from core.admin.words import carried_words
from core.changes import delete_records, preview_deletion

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from core.admin.base import RecordAdmin


@needs_table
def show(model_admin: RecordAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """The question whether to delete a record; a POST deletes it."""
    form = record_access.load(model_admin, pk)
    if form is None:
        return record_access.gone(model_admin, request)
    record_access.require(model_admin.has_delete_permission(request, form.record))
    link = ListLink.of(request, model_admin.list_url())
    if request.method == "POST":
        reason = request.POST.get("reason", "").strip()
        by = record_access.operator(request)
        change_set = delete_records(model_admin.model, [pk], by=by, reason=reason)
        text = _("Deleted “%s”.") % str(form.record)[:80]
        notices.changed(request, change_set, text)
        return redirect(link.url)
    context = {
        **record_access.context(model_admin, request, link),
        "record": form.record,
        "groups": record_view.groups(model_admin, form),
        "record_url": link.carried_by(model_admin.record_url(pk)),
        "carried": carried_words(preview_deletion(model_admin.model, [pk])),
    }
    return render(request, "core/record_delete.html", context)
