"""From the selection of a list to a plan: bulk edit and bulk delete.

The list posts what is selected; it is kept on the server as a draft, and a plan is
made of it. `core.admin.plans` shows the plan and applies it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from core.admin.bulk_form import BulkForm, bulk_fields, sections
from core.admin.list_link import ListLink
from core.admin.list_state import ListState
from core.admin.table_state import needs_table
from core.admin.words import selection_summary, selection_words, table_label, warnings
from core.changes import Delete, InvalidValues, Kind, Plan, Selection, draft, plan
from core.opers.filters import FilterError

if TYPE_CHECKING:
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

    @require_http_methods(["GET", "POST"])
    def edit(request: HttpRequest, token: str) -> HttpResponse:
        return edit_bulk(model_admin, request, token)

    return [
        path("bulk/", wrap(start), name=model_admin.url_name("bulk")),
        path("bulk/<str:token>/", wrap(edit), name=model_admin.url_name("bulk_edit")),
    ]


@needs_table
def start_bulk(model_admin: RecordAdmin, request: HttpRequest) -> HttpResponse:
    """Keep what the list has selected, and go on to the form or the preview."""
    state = ListState.parse(model_admin, request.GET.dict())
    link = ListLink(model_admin.list_url(), state.query)
    problem = _problem(model_admin, request, state)
    if problem:
        messages.error(request, problem)
        return redirect(link.url)
    selection = _selection(model_admin, request, state)
    try:
        made = _make(model_admin, request, selection)
    except FilterError as error:
        messages.error(request, str(error))
        return redirect(link.url)
    if not made.count:
        messages.warning(request, _("None of the selected records exists any more."))
        return redirect(link.url)
    return redirect(link.carried_by(plan_url(model_admin, made)))


@needs_table
def edit_bulk(
    model_admin: RecordAdmin, request: HttpRequest, token: str
) -> HttpResponse:
    """The bulk edit form; a valid one becomes a plan of its own."""
    _require(model_admin.has_change_permission(request))
    made = own_plan(request, token, table=model_admin.opts.label_lower)
    link = ListLink.of(request, model_admin.list_url())
    data = request.POST if request.method == "POST" else None
    form = BulkForm(model_admin, data, initial=made.operations, reason=made.reason)
    if data is not None and form.is_valid:
        planned = _planned(model_admin, request, made, form)
        if planned is not None:
            return redirect(link.carried_by(plan_url(model_admin, planned)))
    context = {
        **model_admin.admin_site.each_context(request),
        **plan_context(model_admin, made, link),
        "title": _("Edit %s") % table_label(model_admin.model),
        "form": form,
        "sections": sections(model_admin, form),
    }
    status = 200 if data is None else 422
    return TemplateResponse(request, "core/bulk_edit.html", context, status=status)


def own_plan(request: HttpRequest, token: str, **lookup: Any) -> Plan:
    """The operator's own plan of this name; nobody else's is there to be found."""
    return get_object_or_404(Plan, token=token, operator_id=request.user.pk, **lookup)


def plan_url(model_admin: RecordAdmin, made: Plan) -> str:
    """Where a plan is looked at; a draft, where it is filled in."""
    if made.kind:
        return reverse("admin:core_plan_preview", args=[made.token])
    return edit_url(model_admin, made)


def edit_url(model_admin: RecordAdmin, made: Plan) -> str:
    """The bulk edit form of a plan's selection, with its values."""
    return model_admin.url("bulk_edit", made.token)


def plan_context(
    model_admin: RecordAdmin, made: Plan, link: ListLink
) -> dict[str, Any]:
    """What every page about a plan shows."""
    return {
        "plan": made,
        "table": table_label(made.model),
        "link": link,
        "summary": selection_summary(made.selection),
        "conditions": selection_words(model_admin, made.selection),
        "warnings": warnings(made.table, is_delete=made.kind == Kind.DELETE),
    }


def _problem(model_admin: RecordAdmin, request: HttpRequest, state: ListState) -> str:
    """Why the list's post cannot be followed."""
    do = request.POST.get("do")
    if do not in ("edit", "delete"):
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


def _make(model_admin: RecordAdmin, request: HttpRequest, selection: Selection) -> Plan:
    by = cast("Operator", request.user)
    if request.POST["do"] == "edit":
        _require(model_admin.has_change_permission(request))
        return draft(selection, by=by)
    _require(model_admin.has_delete_permission(request))
    return plan(model_admin.model, Delete(), selection=selection, by=by)


def _planned(
    model_admin: RecordAdmin, request: HttpRequest, made: Plan, form: BulkForm
) -> Plan | None:
    """A plan of what the form says. The old one stays as it is for who looks at it."""
    try:
        return plan(
            model_admin.model,
            form.operations,
            selection=Selection.from_json(made.selection),
            reason=form.reason,
            by=cast("Operator", request.user),
        )
    except InvalidValues as error:
        form.refuse(error.errors)
    except FilterError as error:
        form.errors.append(str(error))
    return None


def _require(is_allowed: bool) -> None:  # noqa: FBT001  reads as the sentence it is
    if not is_allowed:
        raise PermissionDenied
