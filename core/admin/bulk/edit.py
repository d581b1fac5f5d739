"""The bulk edit page: of a selection kept as a draft (core.admin.bulk.start) and what
its form says a plan is made. `core.admin.bulk.plans` shows the plan and applies it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from core.admin import consequences
from core.admin.bulk.form import BulkForm, sections
from core.admin.list_link import ListLink
from core.admin.table_state import needs_table
from core.admin.warnings import warnings
from core.admin.words import selection_summary, selection_words, table_label
from core.changes import InvalidValues, Kind, Plan, Selection, plan
from core.changes.operations import operations_from_json
from core.changes.work import EditWork
from core.opers.filters import FilterError
from core.secrets import UnreadableSecret

if TYPE_CHECKING:
    from django.http import HttpRequest

    from core.admin.base import RecordAdmin
    from core.changes import Operation
    from core.models.operators import Operator


@needs_table
def edit_bulk(
    model_admin: RecordAdmin, request: HttpRequest, token: str
) -> HttpResponse:
    """The bulk edit form; a valid one becomes a plan of its own."""
    _require(model_admin.has_change_permission(request))
    made = own_plan(request, token, table=model_admin.opts.label_lower)
    link = ListLink.of(request, model_admin.list_url())
    data = request.POST if request.method == "POST" else None
    form = BulkForm(
        model_admin,
        data,
        initial=_operations(made),
        reason=made.reason,
        ids=made.record_ids,
    )
    if data is not None and _can_be_planned(model_admin, form):
        planned = _planned(model_admin, request, made, form)
        if planned is not None:
            return redirect(link.carried_by(plan_url(model_admin, planned)))
    context = {
        **model_admin.admin_site.each_context(request),
        **plan_context(model_admin, request, made, link),
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
    model_admin: RecordAdmin, request: HttpRequest, made: Plan, link: ListLink
) -> dict[str, Any]:
    """What every page about a plan shows."""
    return {
        "plan": made,
        "table": table_label(made.model),
        "link": link,
        "summary": selection_summary(made.selection),
        "conditions": selection_words(model_admin, made.selection),
        "warnings": warnings(made),
        **consequences.of_plan(model_admin.admin_site, request, made),
    }


def _operations(made: Plan) -> dict[str, Operation]:
    """What the plan does to each field; nothing where that cannot be read."""
    if made.kind != Kind.EDIT:
        return {}
    try:
        return operations_from_json(made.operations)
    except UnreadableSecret:
        return {}


def _can_be_planned(model_admin: RecordAdmin, form: BulkForm) -> bool:
    """Whether nothing is wrong with the form; what is, it says all at once."""
    try:
        EditWork(model_admin.model, [], form.operations)
    except InvalidValues as error:
        form.refuse(error.errors)
    return form.is_valid


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
