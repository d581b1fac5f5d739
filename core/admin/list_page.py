"""The list page and the count that follows it."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.shortcuts import render

from core.admin.counts import count
from core.admin.exporting import pages as exporting
from core.admin.importing import pages as importing
from core.admin.listing import ListState, RecordList, matching
from core.admin.table_state import needs_table

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from core.admin.base import RecordAdmin


@needs_table
def show(model_admin: RecordAdmin, request: HttpRequest) -> HttpResponse:
    """One page of the list."""
    can = _can(model_admin, request)
    page = RecordList(model_admin, request, has_boxes=any(can.values()))
    context = {
        **model_admin.admin_site.each_context(request),
        **page.context(),
        "opts": model_admin.opts,
        "list_url": model_admin.list_url(),
        "bulk_url": model_admin.url("bulk"),
        "count_url": model_admin.url("count"),
        "add_url": _add_url(model_admin, request),
        "buttons": [
            *importing.buttons(model_admin, request),
            *exporting.buttons(model_admin, request, page.state),
            *model_admin.list_buttons(request),
        ],
        "notices": model_admin.list_notices(request, page.state),
        "has_search": bool(model_admin.search_fields),
        "can": can,
        "can_select": any(can.values()),
    }
    is_fine = page.state.is_usable
    status = HTTPStatus.OK if is_fine else HTTPStatus.BAD_REQUEST
    return render(request, "core/list.html", context, status=status)


@needs_table
def show_count(model_admin: RecordAdmin, request: HttpRequest) -> HttpResponse:
    """The number of matching records, to be put into the list by htmx."""
    state = ListState.parse(model_admin, request.GET.dict())
    found = count(matching(state)) if state.is_usable else None
    return render(request, "core/includes/count.html", {"count": found})


def _can(model_admin: RecordAdmin, request: HttpRequest) -> dict[str, bool]:
    """What this operator may do with selected records."""
    may_edit = model_admin.has_change_permission(request)
    return {
        "edit": may_edit and bool(model_admin.bulk_fields),
        "export": model_admin.has_export_permission(request),
        "delete": model_admin.has_delete_permission(request),
    }


def _add_url(model_admin: RecordAdmin, request: HttpRequest) -> str:
    return model_admin.url("add") if model_admin.has_add_permission(request) else ""
