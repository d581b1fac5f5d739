"""The rows of a file that cannot be imported: some of them on a page, all in a file."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from core.admin.bulk.edit import own_plan
from core.admin.importing import pages
from core.admin.list_link import ListLink
from core.changes import Import, Kind, Problem
from core.changes.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpRequest

    from core.admin.base import RecordAdmin
    from core.changes import Plan, Preview

ERRORS = 100
"""Rows with errors on one page."""
BATCH = 5000


@dataclass(frozen=True)
class ErrorPage:
    """Some of the rows with errors: (number, reasons) each."""

    rows: list[tuple[int, list[str]]]
    previous: int
    following: int


def page(request: HttpRequest, preview: Preview) -> ErrorPage:
    """The rows with errors from the one on that the address asks for."""
    asked = request.GET.get("errors", "")
    kept = len(preview.invalid)
    start = int(asked[:9]) if asked.isascii() and asked.isdecimal() else 0
    start = start - start % ERRORS if start < kept else 0
    rows = [
        (number, _reasons(why))
        for number, why in preview.invalid[start : start + ERRORS]
    ]
    end = start + ERRORS
    return ErrorPage(rows, start - ERRORS, end if end < kept else -1)


def _reasons(why: str) -> list[str]:
    return [str(dict(Problem.choices).get(line, line)) for line in why.split("\n")]


def download(
    model_admin: RecordAdmin, request: HttpRequest, token: str
) -> HttpResponse | StreamingHttpResponse:
    """Every error of every row, as a CSV file."""
    pages.require_import(model_admin, request)
    made = own_plan(request, token, table=model_admin.opts.label_lower)
    if made.kind != Kind.IMPORT or not made.payload:
        link = ListLink.of(request, model_admin.list_url())
        return redirect(link.carried_by(model_admin.url("import")))
    response = StreamingHttpResponse(
        _error_lines(made, get_language() or "en"), content_type="text/csv"
    )
    response["Content-Disposition"] = 'attachment; filename="errors.csv"'
    return response


def _error_lines(made: Plan, language: str) -> Iterator[str]:
    out = io.StringIO()
    writer = csv.writer(out)
    out.write("\ufeff")  # for Excel
    with override(language):
        writer.writerow([_("Row"), _("Error")])
        work = Import.of(made).work(made.model, made.record_ids())
        for batch in work.batches(0, lambda: BATCH):
            decision = work.decide(Rows(made.model), batch, lock=False)
            writer.writerows(
                [number, reason]
                for number, why in sorted(decision.problems)
                for reason in _reasons(why)
            )
            yield out.getvalue()
            out.seek(0)
            out.truncate()
