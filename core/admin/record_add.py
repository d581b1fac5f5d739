"""The form for a new record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
    from collections.abc import Mapping

    from django.http import HttpRequest, HttpResponse

    from core.admin.base import RecordAdmin


class AddPart:
    """What the form for a new record holds beside its columns: here nothing."""

    has_errors = False
    """Whether something typed cannot be taken."""

    def notice(self) -> str:
        """What to know and may do before, as HTML above the form."""
        return ""

    def html(self) -> str:
        """Its inputs."""
        return ""

    def read(self, data: Mapping[str, str]) -> None:
        """Take what was typed."""

    def values(self) -> dict[str, Any]:
        """The values of columns that have no input of their own."""
        return {}

    def tell(self, request: HttpRequest, pk: int) -> None:
        """Say what there is to know of the record that has been added."""


@needs_table
def show(model_admin: RecordAdmin, request: HttpRequest) -> HttpResponse:
    """The form for a new record, filled with MoviePilot's defaults."""
    record_access.require(model_admin.has_add_permission(request))
    form = RecordForm(model_admin.model(**model_admin.new_values), {})
    part = model_admin.add_part(request)
    if request.method != "POST":
        return _show_new(model_admin, request, form, part)
    try:
        edited = form.read(request.POST)
        form.require()
        part.read(request.POST)
        if form.has_errors or part.has_errors:
            return _show_new(model_admin, request, form, part)
        change_set = create_records(
            model_admin.model,
            [{**model_admin.new_values, **edited, **part.values()}],
            by=record_access.operator(request),
            reason=request.POST.get("reason", "").strip(),
        )
    except StaleForm:
        text = _("This form was not of this table. Nothing was saved.")
        messages.error(request, text)
        return redirect(request.get_full_path())
    except REFUSALS as error:
        form.refuse(error)
        return _show_new(model_admin, request, form, part)
    notices.changed(request, change_set, _("Added a record."))
    [pk] = change_set.record_ids()
    part.tell(request, pk)
    return redirect(model_admin.record_url(pk))


def _show_new(
    model_admin: RecordAdmin, request: HttpRequest, form: RecordForm, part: AddPart
) -> HttpResponse:
    link = ListLink.of(request, model_admin.list_url())
    form.withhold()
    context = {
        **record_access.context(model_admin, request, link),
        "form": form,
        "part": part,
        "groups": record_view.groups(model_admin, form, is_new=True),
        "reason": request.POST.get("reason", ""),
    }
    return render(request, "core/record_add.html", context)
