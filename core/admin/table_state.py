"""Whether a table can be worked with, and what to say where it cannot."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.db import Error as DatabaseError
from django.db import connections
from django.shortcuts import render
from django.utils.translation import gettext as _

from core.redaction import error_line
from core.schema import TableReport, inspect_table

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from core.admin.base import RecordAdmin
    from core.models.base import Record

View = TypeVar("View", bound=Callable[..., Any])


def report(model: type[Record]) -> TableReport:
    """What the attached database has of the model's table."""
    return inspect_table(connections["moviepilot"], model._meta.db_table)


def needs_table(view: View) -> View:
    """Explain, in place of the page, a table that lacks columns or cannot be read.

    Raises PermissionDenied for those who may not see the table, whatever the page is.
    """

    @wraps(view)
    def guarded(
        model_admin: RecordAdmin, request: HttpRequest, *args: Any
    ) -> HttpResponse:
        if not model_admin.has_view_permission(request):
            raise PermissionDenied
        try:
            found = report(model_admin.model)
            if not found.is_usable:
                return _explain(model_admin, request, found)
            response: HttpResponse = view(model_admin, request, *args)
        except DatabaseError as error:
            return _unreadable(model_admin, request, error)
        return response

    return guarded  # type: ignore[return-value]  # the same signature


def _explain(
    model_admin: RecordAdmin, request: HttpRequest, found: TableReport
) -> HttpResponse:
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "report": found,
        "missing": [(column.name, column.since) for column in found.missing],
    }
    return render(request, "core/unusable.html", context, status=503)


def _unreadable(
    model_admin: RecordAdmin, request: HttpRequest, error: DatabaseError
) -> HttpResponse:
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "problem": error_line(error) or _("The database gave no reason."),
    }
    return render(request, "core/unreadable.html", context, status=503)
