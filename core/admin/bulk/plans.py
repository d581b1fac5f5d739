"""The preview of a plan, and applying it to exactly what was previewed."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.admin import consequences
from core.admin.applying import PreviewPage, already, apply_plan
from core.admin.bulk.edit import edit_url, own_plan, plan_context, plan_url
from core.admin.bulk.preview import distribution, invalid_page, sample_groups
from core.admin.list_link import ListLink
from core.admin.table_state import needs_table
from core.admin.words import operations_words
from core.changes import (
    Delete,
    InvalidValues,
    Kind,
    Plan,
    Selection,
    SelectionMoved,
    draft,
    plan,
)
from core.changes.actions import action_of
from core.opers.filters import FilterError
from core.permissions import may_apply

if TYPE_CHECKING:
    from django.contrib.admin import AdminSite
    from django.http import HttpRequest

    from core.admin.base import RecordAdmin
    from core.changes import ChangeSet
    from core.models.operators import Operator

TYPED_FROM = 500
"""Deletions of more records than this want their number typed."""
MOST_IDS = 100
"""Ids that the page about a moved selection lists."""


def preview_plan(site: AdminSite, request: HttpRequest, token: str) -> HttpResponse:
    """Show the plan; on POST apply it, or preview its selection anew."""
    made = own_plan(request, token)
    return _show(record_admin(site, made), request, made)


@needs_table
def _show(model_admin: RecordAdmin, request: HttpRequest, made: Plan) -> HttpResponse:
    link = ListLink.of(request, model_admin.list_url())
    if made.change_set_id is not None:
        return already(request, made.change_set, link)
    if made.kind == Kind.REMAP:  # has a page of its own, and asks for several tables
        return redirect("admin:remap_plan", made.token)
    if made.kind == Kind.IMPORT:
        page = model_admin.url("import_preview", made.token)
        return redirect(link.carried_by(page))
    if not made.kind:
        return redirect(link.carried_by(edit_url(model_admin, made)))
    if not may_apply(request.user, made):
        raise PermissionDenied
    if request.method != "POST":
        return _page(model_admin, request, made, link)
    follow = FOLLOWED.get(request.POST.get("do", ""), _apply)
    return follow(model_admin, request, made, link)


def record_admin(site: AdminSite, made: Plan | ChangeSet) -> RecordAdmin:
    """The page class of the plan's table."""
    try:
        return cast("RecordAdmin", site.get_model_admin(made.model))
    except LookupError:  # a table of a later version of the console
        raise Http404 from None


def _page(
    model_admin: RecordAdmin,
    request: HttpRequest,
    made: Plan,
    link: ListLink,
    *,
    error: str = "",
) -> HttpResponse:
    preview, is_delete = made.preview, made.kind == Kind.DELETE
    context = {
        **model_admin.admin_site.each_context(request),
        **plan_context(model_admin, request, made, link),
        "title": _("Delete records") if is_delete else _("Preview"),
        "preview": preview,
        "operations": operations_words(made),
        "distribution": distribution(made.model, preview),
        "samples": sample_groups(model_admin, request, preview),
        "invalid": invalid_page(model_admin, request, made, link),
        "reason": request.POST.get("reason", made.reason),
        "is_typed": is_delete and preview.changed > TYPED_FROM,
        "back_url": "" if is_delete else link.carried_by(edit_url(model_admin, made)),
        "error": error,
    }
    template = "core/bulk_delete.html" if is_delete else "core/bulk_preview.html"
    status = 422 if error else 200
    return TemplateResponse(request, template, context, status=status)


def _along(request: HttpRequest, made: Plan) -> list[str]:
    """What is to go with deleted records: as the page says, else as the plan does."""
    if "along-shown" in request.POST:
        return consequences.posted(request, made.model)
    return [*made.operations.get("along", ())]


def _apply(
    model_admin: RecordAdmin, request: HttpRequest, made: Plan, link: ListLink
) -> HttpResponse:
    """Apply the plan, and go to what comes of it."""
    is_delete = made.kind == Kind.DELETE
    if is_delete and {*_along(request, made)} != {*made.operations.get("along", ())}:
        # Nothing is deleted that no preview has shown.
        return _again(model_admin, request, made, link)
    error = _unconfirmed(request, made)
    if error:
        return _page(model_admin, request, made, link, error=error)
    page = PreviewPage(
        show=lambda error: _page(model_admin, request, made, link, error=error),
        show_moved=lambda moved: _moved_page(model_admin, request, made, link, moved),
        invalid_words=_invalid_words,
        done_words=_done_words,
        link=link,
    )
    return apply_plan(request, made, page)


def _invalid_words(count: int) -> str:
    return ngettext(
        "%(count)s record cannot be changed so, and nothing was written. Go back and"
        " correct the edit, or tick that it goes on without this record.",
        "%(count)s records cannot be changed so, and nothing was written. Go back and"
        " correct the edit, or tick that it goes on without these records.",
        count,
    ) % {"count": f"{count:,}"}


def _unconfirmed(request: HttpRequest, made: Plan) -> str:
    """Why the plan may not be applied yet."""
    count = made.preview.changed
    if not count:
        return _("There is nothing to change.")
    if made.kind != Kind.DELETE or count <= TYPED_FROM:
        return ""
    typed = "".join(char for char in request.POST.get("count", "") if char.isdigit())
    return "" if typed == str(count) else _("Type the number of records to delete.")


def _done_words(change_set: ChangeSet) -> str:
    """What was done, in one sentence."""
    count = change_set.changed
    if change_set.kind == Kind.DELETE:
        return ngettext(
            "Deleted %(count)s record.", "Deleted %(count)s records.", count
        ) % {"count": f"{count:,}"}
    return ngettext(
        "Updated %(count)s record.", "Updated %(count)s records.", count
    ) % {"count": f"{count:,}"}


def _moved_page(
    model_admin: RecordAdmin,
    request: HttpRequest,
    made: Plan,
    link: ListLink,
    moved: SelectionMoved,
) -> HttpResponse:
    """Nothing was written: say what is new in the selection and what has gone."""
    context = {
        **model_admin.admin_site.each_context(request),
        **plan_context(model_admin, request, made, link),
        "title": _("The selection has changed"),
        "added": _linked(model_admin, moved.added),
        "added_count": len(moved.added),
        "removed": moved.removed[:MOST_IDS],
        "removed_count": len(moved.removed),
        "reason": made.reason,
    }
    return TemplateResponse(request, "core/bulk_moved.html", context, status=409)


def _linked(model_admin: RecordAdmin, ids: list[int]) -> list[tuple[int, str]]:
    return [(pk, model_admin.record_url(pk)) for pk in ids[:MOST_IDS]]


def _again(
    model_admin: RecordAdmin, request: HttpRequest, made: Plan, link: ListLink
) -> HttpResponse:
    """The same for the records that match now, under a token of its own."""
    is_delete = made.kind == Kind.DELETE
    try:
        fresh = plan(
            made.model,
            Delete(_along(request, made)) if is_delete else action_of(made),
            selection=Selection.from_json(made.selection),
            reason=request.POST.get("reason", made.reason).strip(),
            by=cast("Operator", request.user),
        )
    except (InvalidValues, FilterError) as problem:
        return _page(model_admin, request, made, link, error=str(problem))
    return redirect(link.carried_by(plan_url(model_admin, fresh)))


def _invalid_alone(
    model_admin: RecordAdmin, request: HttpRequest, made: Plan, link: ListLink
) -> HttpResponse:
    """Begin a bulk edit of the records that cannot be changed so, by themselves."""
    ids = [pk for pk, _why in made.preview.invalid]
    selection = Selection(made.model, ids=ids)
    fresh = draft(selection, by=cast("Operator", request.user))
    if not fresh.count:
        messages.warning(request, _("None of the selected records exists any more."))
        return redirect(link.carried_by(plan_url(model_admin, made)))
    return redirect(link.carried_by(edit_url(model_admin, fresh)))


FOLLOWED = {"again": _again, "invalid": _invalid_alone}
"""By what a button of the preview is called; the plain one applies."""
