"""Exports of a list: what its filter finds, or what was selected on it."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.admin import record_access
from core.admin.bulk.edit import own_plan
from core.admin.counts import count
from core.admin.exporting.file import Busy, NotExported, respond
from core.admin.exporting.form import ExportForm
from core.admin.list_link import ListLink
from core.admin.list_state import ListState
from core.admin.table_state import needs_table
from core.admin.words import selection_summary, selection_words, table_label
from core.changes import Selection
from core.opers.filters import FilterError
from core.permissions import may_export

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest, HttpResponse, HttpResponseBase
    from django.urls import URLPattern

    from core.admin.base import PageButton, RecordAdmin


def buttons(
    model_admin: RecordAdmin, request: HttpRequest, state: ListState
) -> Sequence[PageButton]:
    """The way to the export of what a list shows, above it."""
    from core.admin.base import PageButton

    if not model_admin.has_export_permission(request):
        return ()
    query = f"?{state.query}" if state.query else ""
    address = f"{model_admin.url('export_list')}{query}"
    return [PageButton(_("Export"), address, "download")] if state.is_usable else ()


def urls(model_admin: RecordAdmin) -> list[URLPattern]:
    """The addresses of one table's exports."""
    wrap = model_admin.admin_site.admin_view

    @require_http_methods(["GET", "HEAD", "POST"])
    def of_list(request: HttpRequest) -> HttpResponseBase:
        return export_list(model_admin, request)

    @require_http_methods(["GET", "HEAD", "POST"])
    def of_selection(request: HttpRequest, token: str) -> HttpResponseBase:
        return export_selection(model_admin, request, token)

    name = model_admin.url_name
    return [
        path("export/", wrap(of_list), name=name("export_list")),
        path("export/<str:token>/", wrap(of_selection), name=name("export")),
    ]


@needs_table
def export_list(model_admin: RecordAdmin, request: HttpRequest) -> HttpResponseBase:
    """What a list shows on all its pages; its filter stands in the address."""
    record_access.require(model_admin.has_export_permission(request))
    state = ListState.parse(model_admin, request.GET.dict())
    link = ListLink(model_admin.list_url(), state.query)
    if not state.is_usable:
        messages.error(request, " ".join(map(str, state.errors)))
        return redirect(link.url)
    selection = Selection(
        model_admin.model, filter=state.filter, q=state.q, search=[*state.search]
    )
    return _show(model_admin, request, selection, link)


@needs_table
def export_selection(
    model_admin: RecordAdmin, request: HttpRequest, token: str
) -> HttpResponseBase:
    """What was selected on a list and is kept under this token."""
    record_access.require(model_admin.has_export_permission(request))
    made = own_plan(request, token, table=model_admin.opts.label_lower)
    link = ListLink.of(request, model_admin.list_url())
    return _show(model_admin, request, Selection.from_json(made.selection), link)


def _show(
    model_admin: RecordAdmin, request: HttpRequest, selection: Selection, link: ListLink
) -> HttpResponseBase:
    """The form, or the file."""
    data = request.POST if request.method == "POST" else None
    may_see = may_export(request.user, model_admin.model, secrets=True)
    form = ExportForm(model_admin, data, may_see_secrets=may_see)
    record_access.require(may_see or not form.with_secrets)
    if not form.is_download:
        return _page(model_admin, request, selection, link, form)
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        if form.check():
            return respond(request, selection, _ordering(model_admin, link), form)
    except (NotExported, FilterError) as problem:
        form.errors.append(str(problem))
        if isinstance(problem, Busy):
            status = HTTPStatus.SERVICE_UNAVAILABLE
    return _page(model_admin, request, selection, link, form, status)


def _ordering(model_admin: RecordAdmin, link: ListLink) -> tuple[str, ...]:
    """The order of the list that the link leads back to."""
    return ListState.parse(model_admin, QueryDict(link.query).dict()).ordering


def _page(
    model_admin: RecordAdmin,
    request: HttpRequest,
    selection: Selection,
    link: ListLink,
    form: ExportForm,
    status: HTTPStatus = HTTPStatus.OK,
) -> HttpResponse:
    kept = selection.to_json()
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _("Export %s") % table_label(model_admin.model),
        "table": table_label(model_admin.model),
        "link": link,
        "count": count(selection.queryset()),
        "summary": selection_summary(kept),
        "conditions": selection_words(model_admin, kept),
        "form": form,
    }
    return TemplateResponse(request, "core/export.html", context, status=status)
