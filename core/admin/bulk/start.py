"""From the selection of a list to a plan: what its buttons do.

The list posts what is selected; it is kept on the server as a draft or a plan, and the
page follows where that is filled in or looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from core.admin.bulk.edit import edit_bulk, edit_url, plan_url
from core.admin.bulk.form import bulk_fields
from core.admin.list_link import ListLink
from core.admin.list_state import ListState
from core.admin.table_state import needs_table
from core.changes import Delete, Plan, Selection, draft, plan
from core.opers.filters import FilterError

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest
    from django.urls import URLPattern

    from core.admin.base import RecordAdmin
    from core.models.operators import Operator

INT64 = 2**63


def urls(model_admin: RecordAdmin) -> list[URLPattern]:
    """The addresses of one table's bulk pages."""
    wrap = model_admin.admin_site.admin_view

    @require_POST
    def start(request: HttpRequest) -> HttpResponse:
        return start_bulk(model_admin, request)

    @require_http_methods(["GET", "HEAD", "POST"])
    def edit(request: HttpRequest, token: str) -> HttpResponse:
        return edit_bulk(model_admin, request, token)

    return [
        path("bulk/", wrap(start), name=model_admin.url_name("bulk")),
        path("bulk/<str:token>/", wrap(edit), name=model_admin.url_name("bulk_edit")),
    ]


@needs_table
def start_bulk(model_admin: RecordAdmin, request: HttpRequest) -> HttpResponse:
    """Keep what the list has selected, and go on to the form or the preview."""
    _require(model_admin, request)
    state = ListState.parse(model_admin, request.GET.dict())
    link = ListLink(model_admin.list_url(), state.query)
    problem = _problem(model_admin, request, state)
    if problem:
        messages.error(request, problem)
        return redirect(link.url)
    selection = _selection(model_admin, request, state)
    try:
        by = cast("Operator", request.user)
        made = STARTS[request.POST["do"]].make(selection, by)
    except FilterError as error:
        messages.error(request, str(error))
        return redirect(link.url)
    if not made.count:
        messages.warning(request, _("None of the selected records exists any more."))
        return redirect(link.url)
    page = STARTS[request.POST["do"]].page
    return redirect(link.carried_by(page(model_admin, made)))


def _require(model_admin: RecordAdmin, request: HttpRequest) -> None:
    """Raises PermissionDenied; also for what is none of the buttons, where the operator
    may do nothing that has one.
    """
    do = request.POST.get("do", "")
    wanted = [STARTS[do]] if do in STARTS else [*STARTS.values()]
    checks = [
        getattr(model_admin, f"has_{start.permission}_permission") for start in wanted
    ]
    if not any(allowed(request) for allowed in checks):
        raise PermissionDenied


def _problem(model_admin: RecordAdmin, request: HttpRequest, state: ListState) -> str:
    """Why the list's post cannot be followed."""
    do = request.POST.get("do")
    if do not in STARTS:
        return _("Choose what to do with the selected records.")
    if do == "edit" and not bulk_fields(model_admin):
        return _("The records of this table are edited one by one.")
    if request.POST.get("all") == "1":
        # Without the filter that does not work, more would match than the list showed.
        return "" if state.is_usable else " ".join(map(str, state.errors))
    if not _ids(request):
        return _("Select at least one record first.")
    return ""


def _ids(request: HttpRequest) -> list[int]:
    texts = request.POST.getlist("selected")
    numbers = {int(text) for text in texts if text.isascii() and text.isdecimal()}
    return sorted(number for number in numbers if number < INT64)


def _selection(
    model_admin: RecordAdmin, request: HttpRequest, state: ListState
) -> Selection:
    if request.POST.get("all") != "1":
        return Selection(model_admin.model, ids=_ids(request))
    return Selection(
        model_admin.model, filter=state.filter, q=state.q, search=[*state.search]
    )


def _draft(selection: Selection, by: Operator) -> Plan:
    return draft(selection, by=by)


def _deletion(selection: Selection, by: Operator) -> Plan:
    return plan(selection.model, Delete(), selection=selection, by=by)


def _export_url(model_admin: RecordAdmin, made: Plan) -> str:
    return model_admin.url("export", made.token)


@dataclass(frozen=True)
class Start:
    """What can be done with the records that a list has selected."""

    permission: str
    make: Callable[[Selection, Operator], Plan]
    page: Callable[[RecordAdmin, Plan], str]
    """Where it goes on."""


STARTS = {
    "edit": Start("change", _draft, edit_url),
    "delete": Start("delete", _deletion, plan_url),
    "export": Start("export", _draft, _export_url),
}
"""By what the list's button is called."""
