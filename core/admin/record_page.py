"""The page of one record: what it holds, and the form to edit it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.admin import notices, record_access, record_history, record_view, values
from core.admin.list_link import ListLink
from core.admin.record_form import REFUSALS
from core.admin.shown import StaleForm
from core.admin.table_state import needs_table
from core.changes import RecordGone, RecordMoved, save_record

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from core.admin.base import RecordAdmin
    from core.admin.record_form import RecordForm
    from core.changes import ChangeSet
    from core.models.base import Record


@needs_table
def edit(model_admin: RecordAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """A record with its form; a POST saves what the operator edited."""
    is_save = request.method == "POST"
    record_access.require(
        model_admin.has_change_permission(request)
        if is_save
        else model_admin.has_view_permission(request)
    )
    form = record_access.load(model_admin, pk)
    if form is None:
        return record_access.gone(model_admin, request)
    return (_save if is_save else _show)(model_admin, request, form)


def _save(
    model_admin: RecordAdmin, request: HttpRequest, form: RecordForm
) -> HttpResponse:
    try:
        edited = form.read(request.POST)
    except StaleForm:
        text = _("This form was not of this record. Nothing was saved.")
        messages.error(request, text)
        return redirect(request.get_full_path())
    if form.has_errors:
        return _show(model_admin, request, form)
    try:
        change_set = _write(request, form, edited)
    except RecordGone:
        return record_access.gone(model_admin, request)
    except RecordMoved as error:
        return _show_moved(model_admin, request, form, error)
    except REFUSALS as error:
        form.refuse(error)
        return _show(model_admin, request, form)
    _tell(request, change_set, len(edited))
    return redirect(request.get_full_path())


def _write(
    request: HttpRequest, form: RecordForm, edited: dict[str, Any]
) -> ChangeSet | None:
    return save_record(
        form.model,
        form.record.pk,
        edited,
        shown={name: form.shown.stored[name] for name in edited},
        by=record_access.operator(request),
        reason=request.POST.get("reason", "").strip(),
    )


def _tell(request: HttpRequest, change_set: ChangeSet | None, fields: int) -> None:
    if change_set is None:
        messages.info(request, _("Nothing was changed, so nothing was saved."))
        return
    text = ngettext("Saved %d field.", "Saved %d fields.", fields) % fields
    others = change_set.written - 1
    if others:
        more = ngettext(
            "%s other record has been changed with it.",
            "%s other records have been changed with it.",
            others,
        )
        text = f"{text} {more % f'{others:,}'}"
    notices.changed(request, change_set, text)


def _show(
    model_admin: RecordAdmin, request: HttpRequest, form: RecordForm
) -> HttpResponse:
    link = ListLink.of(request, model_admin.list_url())
    form.withhold()
    record = form.record
    may_change = model_admin.has_change_permission(request, record)
    may_reveal = model_admin.has_reveal_permission(request)
    reveal_url = model_admin.url("reveal", record.pk)
    shown = {
        **record_access.context(model_admin, request, link),
        "record": record,
        "about": model_admin.about(record),
        "beside": model_admin.beside(request, record),
        "buttons": model_admin.record_buttons(request, record),
        "form": form,
        "groups": record_view.groups(model_admin, form, may_reveal=may_reveal),
        "reveal_url": link.carried_by(reveal_url) if may_reveal else "",
        "poster": poster(model_admin, record),
        "history": record_history.latest(model_admin, request, record),
        "has_history": record_history.may_see(model_admin, request),
        "history_url": link.carried_by(model_admin.url("history", record.pk)),
        "delete_url": link.carried_by(model_admin.url("delete", record.pk)),
        "can_change": may_change,
        "is_reader": not may_change,
        "can_delete": model_admin.has_delete_permission(request, record),
        "reason": request.POST.get("reason", ""),
    }
    return render(request, "core/record.html", shown)


def _show_moved(
    model_admin: RecordAdmin, request: HttpRequest, form: RecordForm, error: RecordMoved
) -> HttpResponse:
    """The form again, with what the operator typed and what MoviePilot wrote."""
    now = record_access.load(model_admin, form.record.pk)
    if now is None:
        return record_access.gone(model_admin, request)
    now.read(request.POST)
    now.move(error.fields)
    return _show(model_admin, request, now)


def poster(model_admin: RecordAdmin, record: Record) -> str:
    """The address of the record's picture, or ''."""
    name = model_admin.list_poster
    return values.picture(getattr(record, name)) if name else ""
