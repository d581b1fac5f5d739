"""Putting a record, or one field of it, back as it was before or after a change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.contrib import messages
from django.core import signing
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from core.admin import entry_part, notices, record_access
from core.admin.entries import sides, whole
from core.admin.list_link import ListLink
from core.admin.record_form import REFUSALS
from core.admin.table_state import needs_table
from core.admin.words import field_label
from core.changes import RecordGone, RecordMoved
from core.changes.history import entries_of
from core.changes.restore import NotKnown, Target, carried_by, find_target, restore
from core.changes.snapshot import mask
from core.permissions import may, may_take_back
from core.secrets import UnreadableSecret

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest, HttpResponse

    from core.admin.base import RecordAdmin
    from core.changes import ChangeEntry, ChangeSet
    from core.changes.restore import When
    from core.permissions import Action

SALT = "core.admin.restore"
ACTIONS: tuple[Action, ...] = ("change", "add")
"""What a record is restored by: an edit, or making it anew."""


@needs_table
def show(model_admin: RecordAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """What the record holds now and what it is to hold; a POST makes it so.

    The address names an `entry` of the record, `when` (before or after it), and
    perhaps one `field`.
    """
    mine = [may(request.user, action, model_admin.model) for action in ACTIONS]
    record_access.require(any(mine))
    entry = _entry(model_admin, request, pk)
    record_access.require(may_take_back(request.user, entry.change_set))
    try:
        target = find_target(entry, _when(request), request.GET.get("field", ""))
    except NotKnown:
        text = _("What the record held then is not known, or it did not exist.")
        messages.warning(request, text)
        return redirect(model_admin.url("history", pk))
    except UnreadableSecret as error:
        messages.error(request, str(error))
        return redirect(model_admin.url("history", pk))
    action: Action = "add" if target.now is None else "change"
    record_access.require(may(request.user, action, model_admin.model))
    if request.method == "POST":
        return _restore(model_admin, request, target)
    return _page(model_admin, request, target)


def _when(request: HttpRequest) -> When:
    return "after" if request.GET.get("when") == "after" else "before"


def _entry(model_admin: RecordAdmin, request: HttpRequest, pk: int) -> ChangeEntry:
    number = entry_part.whole_number(request.GET.get("entry", ""))
    if number is None or pk >= record_access.INT64:
        raise Http404
    found = entries_of(model_admin.model, pk).select_related("change_set")
    entry = found.filter(pk=number).first()
    if entry is None:
        raise Http404
    return entry


def _restore(
    model_admin: RecordAdmin, request: HttpRequest, target: Target
) -> HttpResponse:
    try:
        change_set = restore(
            target,
            shown=_shown(request, target),
            along=_along(request, target),
            by=record_access.operator(request),
            reason=request.POST.get("reason", "").strip(),
        )
    except RecordMoved:
        text = _("The record was changed meanwhile. This is what it holds now.")
        messages.warning(request, text)
        return redirect(request.get_full_path())
    except RecordGone:
        return record_access.gone(model_admin, request)
    except REFUSALS as error:
        messages.error(request, _refusal(target, error))
        return redirect(request.get_full_path())
    return _done(model_admin, request, target, change_set)


def _done(
    model_admin: RecordAdmin,
    request: HttpRequest,
    target: Target,
    change_set: ChangeSet | None,
) -> HttpResponse:
    if change_set is None:
        messages.info(request, _("The record holds that already."))
    elif change_set.written:
        notices.changed(request, change_set, _("Restored “%s”.") % target.entry.label)
    if change_set is not None and target.now is None:
        [pk, *_others] = change_set.record_ids() or [target.entry.record_id]
        return redirect(model_admin.url("history", pk))
    return redirect(model_admin.url("history", target.entry.record_id))


def _refusal(target: Target, error: Exception) -> str:
    """Why it cannot be, with the names of the fields."""
    errors: Mapping[str, list[str]] = getattr(error, "errors", {})
    if not errors:
        return str(error)
    return " ".join(
        f"{field_label(target.model, name)}: {' '.join(why)}" if name else " ".join(why)
        for name, why in errors.items()
    )


def _sign(target: Target) -> str:
    """What the page shows, for its form to say again."""
    content = [target.entry.pk, target.when, target.fingerprints()]
    return signing.dumps(content, salt=SALT, compress=True)


def _shown(request: HttpRequest, target: Target) -> dict[str, str]:
    """Raises RecordMoved where the form is of something else."""
    try:
        pk, when, shown = signing.loads(request.POST.get("shown", ""), salt=SALT)
    except (signing.BadSignature, ValueError):
        raise RecordMoved({}) from None
    if (pk, when) != (target.entry.pk, target.when):
        raise RecordMoved({})
    return cast("dict[str, str]", shown)


def _along(request: HttpRequest, target: Target) -> list[int]:
    """Those of the entries offered that were ticked."""
    ticked = {*map(entry_part.whole_number, request.POST.getlist("along"))}
    return [entry.pk for entry in _offered(request, target) if entry.pk in ticked]


def _offered(request: HttpRequest, target: Target) -> list[ChangeEntry]:
    """What was deleted along with the record and may be put back with it.

    What MoviePilot itself would have deleted along with it needs no right of its own;
    what somebody chose to delete does.
    """
    if not target.undoes_deletion:
        return []
    chosen = {offer.table.lower() for offer in target.model.offers}
    return [
        entry
        for entry in carried_by(target.entry)
        if may(request.user, "add" if entry.table in chosen else "view", entry.table)
    ]


def _page(
    model_admin: RecordAdmin, request: HttpRequest, target: Target
) -> HttpResponse:
    entry, link = target.entry, ListLink.of(request, model_admin.list_url())
    held = {
        name: _masked(target, name, new) for name, (_o, new) in target.moves.items()
    }
    now = {name: _masked(target, name, old) for name, (old, _n) in target.moves.items()}
    context = {
        **record_access.context(model_admin, request, link),
        "target": target,
        "name": entry.label or str(entry.record_id),
        "history_url": model_admin.url("history", entry.record_id),
        "sides": sides(target.model, now, held) if target.now is not None else [],
        "whole": whole(target.model, held) if target.now is None else "",
        "kept": [field_label(target.model, name) for name in target.kept],
        "along": [
            (each.pk, str(each.model._meta.verbose_name), each.label or each.record_id)
            for each in _offered(request, target)
        ],
        "shown": _sign(target),
        "reason": reason(target),
    }
    return render(request, "core/restore.html", context)


def _masked(target: Target, name: str, value: Any) -> Any:
    return mask(target.model, name, value, label=target.entry.label)


def reason(target: Target) -> str:
    """Why, as the form suggests it."""
    if target.when == "before":
        return _("As it was before change #%d") % target.entry.change_set_id
    return _("As it was after change #%d") % target.entry.change_set_id
