"""Importing a file, second half: what would become of it, and doing that."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from core.admin import consequences
from core.admin.applying import PreviewPage, already, apply_plan
from core.admin.bulk.edit import own_plan
from core.admin.bulk.preview import distribution
from core.admin.entries import EntryRow
from core.admin.importing import errors as row_errors
from core.admin.importing import pages
from core.admin.list_link import ListLink
from core.admin.table_state import needs_table
from core.admin.warnings import warnings
from core.admin.words import field_label, table_label
from core.changes import (
    Does,
    Import,
    InvalidValues,
    Kind,
    Match,
    Plan,
    Selection,
    plan,
)
from core.changes.importing.match import Found
from core.permissions import may_apply
from core.secrets import UnreadableSecret

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpRequest
    from django.urls import URLPattern

    from core.admin.base import RecordAdmin
    from core.changes import ChangeSet, Preview, Sample
    from core.models.operators import Operator

MOST_MOVED = 100


@dataclass(frozen=True)
class NewRecord:
    """A row that becomes a new record."""

    number: int
    label: str
    entry: EntryRow


def urls(model_admin: RecordAdmin) -> list[URLPattern]:
    """The addresses of one table's previews of imports."""
    wrap = model_admin.admin_site.admin_view

    @require_http_methods(["GET", "HEAD", "POST"])
    def preview(request: HttpRequest, token: str) -> HttpResponse:
        return preview_import(model_admin, request, token)

    @require_safe
    def errors(request: HttpRequest, token: str) -> Any:
        return row_errors.download(model_admin, request, token)

    name = model_admin.url_name
    return [
        path("import/<str:token>/preview/", wrap(preview), name=name("import_preview")),
        path("import/<str:token>/errors.csv", wrap(errors), name=name("import_errors")),
    ]


@needs_table
def preview_import(
    model_admin: RecordAdmin, request: HttpRequest, token: str
) -> HttpResponse:
    """Show what an import would do; on POST do it, or look at it anew."""
    pages.require_import(model_admin, request)
    made = _own(model_admin, request, token)
    link = ListLink.of(request, model_admin.list_url())
    if made.change_set_id is not None:
        return already(request, made.change_set, link)
    if made.kind != Kind.IMPORT:
        return redirect(link.carried_by(pages.map_url(model_admin, made)))
    if not may_apply(request.user, made):
        raise PermissionDenied
    if request.method != "POST":
        return _page(model_admin, request, made, link)
    try:
        follow = _again if request.POST.get("do") == "again" else _apply
        return follow(model_admin, request, made, link)
    except (InvalidValues, UnreadableSecret) as problem:
        return _page(model_admin, request, made, link, error=str(problem))


def _own(model_admin: RecordAdmin, request: HttpRequest, token: str) -> Plan:
    return own_plan(request, token, table=model_admin.opts.label_lower)


def _page(
    model_admin: RecordAdmin,
    request: HttpRequest,
    made: Plan,
    link: ListLink,
    *,
    error: str = "",
) -> HttpResponse:
    preview = made.preview
    context = {
        **_context(model_admin, request, made, link),
        "title": _("Preview of the import"),
        "preview": preview,
        "facts": preview.facts,
        "words": settings_words(made),
        "distribution": [
            each for each in distribution(made.model, preview) if each.is_telling
        ],
        "updates": _updates(model_admin, preview),
        "new_records": _new_records(model_admin, preview),
        "errors": row_errors.page(request, preview),
        "warnings": warnings(made),
        **consequences.of_plan(model_admin.admin_site, request, made),
        "reason": request.POST.get("reason", made.reason),
        "map_url": link.carried_by(pages.map_url(model_admin, made)),
        "errors_url": model_admin.url("import_errors", made.token),
        "error": error,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK
    return TemplateResponse(request, "core/import_preview.html", context, status=status)


def _context(
    model_admin: RecordAdmin, request: HttpRequest, made: Plan, link: ListLink
) -> dict[str, Any]:
    return {
        **model_admin.admin_site.each_context(request),
        "plan": made,
        "name": made.operations.get("name", ""),
        "table": table_label(made.model),
        "link": link,
    }


def settings_words(made: Plan | ChangeSet) -> list[tuple[str, str]]:
    """What an import was told to do: (what, how)."""
    kept = made.operations
    names = [name for name in kept["columns"] if name != "id"]
    labels = [field_label(made.model, name) for name in names]
    return [
        (_("Columns"), _(", ").join(labels)),
        (_("Rows are matched by"), str(Match(kept["match"]).label)),
        (_("What is done"), str(Does(kept["does"]).label)),
        (
            _("Empty cells"),
            _("leave the value as it is")
            if kept["keeps_empty"]
            else _("set the value empty"),
        ),
    ]


def _updates(model_admin: RecordAdmin, preview: Preview) -> list[EntryRow]:
    return [
        _entry(model_admin, each, model_admin.record_url(each.record_id))
        for each in preview.samples
        if each.before is not None
    ]


def _new_records(model_admin: RecordAdmin, preview: Preview) -> list[NewRecord]:
    """Samples of them; before they have an id, the row's number stands in its place."""
    return [
        NewRecord(-each.record_id, each.label, _entry(model_admin, each, ""))
        for each in preview.samples
        if each.before is None
    ]


def _entry(model_admin: RecordAdmin, sample: Sample, url: str) -> EntryRow:
    return EntryRow.of(
        model_admin.model,
        sample.record_id,
        sample.label,
        url,
        before=sample.before,
        after=sample.after,
    )


# --- Doing it


def _apply(
    model_admin: RecordAdmin, request: HttpRequest, made: Plan, link: ListLink
) -> HttpResponse:
    if not made.preview.changed:
        error = _("There is nothing to import.")
        return _page(model_admin, request, made, link, error=error)
    page = PreviewPage(
        show=lambda error: _page(model_admin, request, made, link, error=error),
        show_moved=lambda _moved: _moved_page(model_admin, request, made, link),
        invalid_words=_invalid_words,
        done_words=_done_words,
        link=link,
    )
    return apply_plan(request, made, page)


def _invalid_words(count: int) -> str:
    return ngettext(
        "%(count)s row has an error, and nothing was written. Correct the file or the"
        " mapping, or tick that it goes on without this row.",
        "%(count)s rows have errors, and nothing was written. Correct the file or the"
        " mapping, or tick that it goes on without these rows.",
        count,
    ) % {"count": f"{count:,}"}


def _done_words(change_set: ChangeSet) -> str:
    count = change_set.changed
    return ngettext(
        "Imported %(count)s record.", "Imported %(count)s records.", count
    ) % {"count": f"{count:,}"}


def _again(
    model_admin: RecordAdmin, request: HttpRequest, made: Plan, link: ListLink
) -> HttpResponse:
    """The same for the records that are there now, under a token of its own."""
    fresh = plan(
        made.model,
        Import.of(made),
        selection=Selection.from_json(made.selection),
        reason=request.POST.get("reason", made.reason).strip(),
        by=cast("Operator", request.user),
    )
    return redirect(link.carried_by(pages.preview_url(model_admin, fresh)))


def _moved_page(
    model_admin: RecordAdmin, request: HttpRequest, made: Plan, link: ListLink
) -> HttpResponse:
    """Nothing was written: say which rows are about other records than was shown."""
    doing = Import.of(made)
    pairs = zip(
        made.record_ids(), doing.ids(Selection.from_json(made.selection)), strict=True
    )
    moved = [(at, was, now) for at, (was, now) in enumerate(pairs) if was != now]
    listed = dict(_numbers(doing, [at for at, *_rest in moved[:MOST_MOVED]]))
    context = {
        **_context(model_admin, request, made, link),
        "title": _("The records have changed"),
        "moved": [
            (listed[at], _about(model_admin, was), _about(model_admin, now))
            for at, was, now in moved[:MOST_MOVED]
        ],
        "count": len(moved),
        "reason": made.reason,
    }
    return TemplateResponse(request, "core/import_moved.html", context, status=409)


def _numbers(doing: Import, places: list[int]) -> Iterator[tuple[int, int]]:
    """(place, number) of some rows."""
    wanted = {*places}
    for at, (number, _cells) in enumerate(doing.table.rows()):
        if at in wanted:
            yield at, number
        if places and at >= places[-1]:
            return


def _about(model_admin: RecordAdmin, found: int) -> tuple[str, str]:
    """What a row is about, and where that is shown."""
    if found > 0:
        return _("record %d") % found, model_admin.record_url(found)
    texts = {
        Found.NEW: _("a new record"),
        Found.UNKNOWN: _("no record, left out"),
        Found.EXISTS: _("a known record, left out"),
        Found.MANY: _("several records"),
    }
    return texts.get(Found(found), _("an error")), ""
