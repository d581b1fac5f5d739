"""Showing one secret of a record to somebody who may see it.

That it is about to be shown is kept before the value is read. It stands in that one
answer only: in no address, no message, no session and no log.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.core.exceptions import FieldDoesNotExist, PermissionDenied
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.safestring import SafeString
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from core.admin import record_access, secret_values
from core.admin.list_link import ListLink
from core.admin.record_access import INT64
from core.admin.table_state import needs_table
from core.admin.words import field_label
from core.changes.reading import StoredRecords
from core.changes.rows import label_text
from core.models.audit import AuditEvent, AuditKind

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.urls import URLPattern

    from core.admin.base import RecordAdmin
    from core.models.base import Record

PART = "core/includes/secret.html"


def urls(model_admin: RecordAdmin) -> list[URLPattern]:
    """The address where one table's secrets are shown."""
    view = model_admin.admin_site.admin_view(_view(model_admin))

    def reveal(request: HttpRequest, object_id: int) -> HttpResponse:
        response: HttpResponse = view(request, object_id)
        if _is_part(request) and response.status_code == HTTPStatus.FOUND:
            # To sign in, or to where something is said: not into the record's page.
            return HttpResponseClientRedirect(response["Location"])
        return response

    name = model_admin.url_name("reveal")
    return [path("<int:object_id>/reveal/", reveal, name=name)]


def _view(model_admin: RecordAdmin) -> Callable[[HttpRequest, int], HttpResponse]:
    @require_http_methods(["GET", "HEAD", "POST"])
    def view(request: HttpRequest, pk: int) -> HttpResponse:
        record_access.require(model_admin.has_view_permission(request))
        if request.method != "POST":
            return hide(model_admin, request, pk)
        record_access.require(model_admin.has_reveal_permission(request))
        return show(model_admin, request, pk)

    return view


@needs_table
def show(model_admin: RecordAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """The value of `field`: in place of its mask, or on a page of its own."""
    secret = _Secret(model_admin, request, pk, request.POST.get("field", ""))
    label = _label(model_admin.model, pk)
    if label is None:
        return record_access.gone(model_admin, request)
    column = f"{model_admin.model._meta.db_table}.{secret.column}"
    AuditEvent.objects.record(
        AuditKind.REVEAL,
        f"{column} {pk}",
        by=record_access.operator(request),
        record=label,
    )
    found = StoredRecords(model_admin.model, [secret.column]).read([pk])
    if not found:
        return record_access.gone(model_admin, request)
    text = secret_values.text_of(model_admin.model, secret.column, found[0][1])
    shown = secret_values.as_html(text) if text else SafeString("")
    if _is_part(request):
        return secret.respond(PART, shown=shown, is_revealed=True)
    more = record_access.context(model_admin, request, secret.link)
    return secret.respond(
        "core/reveal.html", **more, shown=shown, record_label=label or pk
    )


@needs_table
def hide(model_admin: RecordAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """The mask again, or the record's page for whoever comes by the address."""
    if not _is_part(request):
        link = ListLink.of(request, model_admin.list_url())
        return redirect(link.carried_by(model_admin.record_url(pk)))
    secret = _Secret(model_admin, request, pk, request.GET.get("field", ""))
    form = record_access.load(model_admin, pk)
    if form is None:
        return record_access.gone(model_admin, request)
    state = form.states[secret.column]
    may = model_admin.has_reveal_permission(request)
    return secret.respond(
        PART,
        shown=state.input.show(state.value, state.secret_name),
        can_reveal=may and secret_values.hides_something(state),
    )


@dataclass
class _Secret:
    """One column of one record. Raises Http404, PermissionDenied."""

    model_admin: RecordAdmin
    request: HttpRequest
    pk: int
    column: str

    def __post_init__(self) -> None:
        self.column = _column(self.model_admin.model, self.column)
        self.link = ListLink.of(self.request, self.model_admin.list_url())

    def respond(self, template: str, **more: Any) -> HttpResponse:
        carried = self.link.carried_by
        context = {
            "name": self.column,
            "label": field_label(self.model_admin.model, self.column),
            "reveal_url": carried(self.model_admin.url("reveal", self.pk)),
            "record_url": carried(self.model_admin.record_url(self.pk)),
            **more,
        }
        response = render(self.request, template, context)
        response["Cache-Control"] = "no-store"
        return response


def _column(model: type[Record], name: str) -> str:
    try:
        column = model.column(name).attname
    except FieldDoesNotExist:
        raise Http404 from None
    if column in model.never_revealed:
        raise PermissionDenied
    if not secret_values.can_be_revealed(model, column):
        raise Http404
    return column


def _label(model: type[Record], pk: int) -> str | None:
    """What people know the record by; None where there is no such record."""
    if not 0 <= pk < INT64:
        return None
    column = StoredRecords(model, []).rows.label_column
    found = StoredRecords(model, [column]).read([pk])
    return label_text(found[0][-1]) if found else None


def _is_part(request: HttpRequest) -> bool:
    return "HX-Request" in request.headers
