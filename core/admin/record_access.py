"""The record a request is about, and what each of its pages needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from core.admin.list_link import ListLink
from core.admin.record_form import RecordForm
from core.admin.warnings import table_warnings
from core.changes import read_stored
from core.opers.base import oper_of

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from core.admin.base import RecordAdmin
    from core.models.operators import Operator

INT64 = 2**63


def load(model_admin: RecordAdmin, pk: int) -> RecordForm | None:
    """The form of a record as it is stored now; None when there is no such record."""
    if not 0 <= pk < INT64:
        return None
    model = model_admin.model
    # In this order: a value that moves between the two is then a conflict at worst.
    raw = read_stored(model, pk)
    record = oper_of(model).find(pk)
    return None if raw is None or record is None else RecordForm(record, raw)


def gone(model_admin: RecordAdmin, request: HttpRequest) -> HttpResponse:
    """Back to the list, with the reason."""
    messages.warning(request, _("This record does not exist, or not any more."))
    return redirect(ListLink.of(request, model_admin.list_url()).url)


def context(
    model_admin: RecordAdmin, request: HttpRequest, link: ListLink
) -> dict[str, Any]:
    """What every page of a record shows."""
    return {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "list_url": link.url,
        "warnings": table_warnings(model_admin.model._meta.label_lower),
        "search_url": model_admin.list_url() if model_admin.search_fields else "",
    }


def require(is_allowed: bool) -> None:  # noqa: FBT001
    """Raise PermissionDenied where something is not allowed."""
    if not is_allowed:
        raise PermissionDenied


def operator(request: HttpRequest) -> Operator:
    """Who sent the request."""
    return cast("Operator", request.user)
