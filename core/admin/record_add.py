"""The form for a new record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from core.admin import notices, record_access, record_view
from core.admin.list_link import ListLink
from core.admin.record_form import REFUSALS, RecordForm
from core.admin.shown import StaleForm
from core.admin.table_state import needs_table
from core.changes import create_records

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from core.admin.base import RecordAdmin


@needs_table
def show(model_admin: RecordAdmin, request: HttpRequest) -> HttpResponse:
    """The form for a new record, filled with MoviePilot's defaults."""
    record_access.require(model_admin.has_add_permission(request))
    form = RecordForm(model_admin.model(), {})
    if request.method != "POST":
        return _show_new(model_admin, request, form)
    try:
        edited = form.read(request.POST)
        form.require()
        if form.has_errors:
            return _show_new(model_admin, request, form)
        change_set = create_records(
            model_admin.model,
            [edited],
            by=record_access.operator(request),
            reason=request.POST.get("reason", "").strip(),
        )
    except StaleForm:
        text = _("This form was not of this table. Nothing was saved.")
        messages.error(request, text)
        return redirect(request.get_full_path())
    except REFUSALS as error:
        form.refuse(error)
        return _show_new(model_admin, request, form)
    notices.changed(request, change_set, _("Added a record."))
    return redirect(model_admin.record_url(change_set.record_ids()[0]))


def _show_new(
    model_admin: RecordAdmin, request: HttpRequest, form: RecordForm
) -> HttpResponse:
    link = ListLink.of(request, model_admin.list_url())
    form.withhold()
    context = {
        **record_access.context(model_admin, request, link),
        "form": form,
        "groups": record_view.groups(model_admin, form, is_new=True),
        "reason": request.POST.get("reason", ""),
    }
    return render(request, "core/record_add.html", context)
