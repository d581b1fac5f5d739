"""Importing a file, first half: the file is read, and its columns are mapped.

What was read is kept packed with a draft, encrypted where the table has secrets; the
file itself is not kept. `core.admin.importing.preview` shows what would become of it.
"""

from __future__ import annotations

import io
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from core.admin.bulk.edit import own_plan
from core.admin.importing.form import MappingForm
from core.admin.list_link import ListLink
from core.admin.table_state import needs_table
from core.admin.warnings import table_warnings
from core.admin.words import table_label
from core.changes import InvalidValues, Kind, Plan, Selection, draft, plan
from core.exchange import limits
from core.exchange.limits import Unreadable
from core.exchange.packed import PackedTable
from core.exchange.reading import Format, ReadTable, read
from core.exchange.reading_text import DELIMITERS, ENCODINGS
from core.secrets import UnreadableSecret

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import BinaryIO

    from django.http import HttpRequest, HttpResponse
    from django.urls import URLPattern

    from core.admin.base import RecordAdmin
    from core.models.operators import Operator

BODY = limits.MEGABYTE
"""What a request has beside the file."""
DELIMITER_NAMES = {
    ",": gettext_lazy("comma ,"),
    ";": gettext_lazy("semicolon ;"),
    "\t": gettext_lazy("tab"),
    "|": gettext_lazy("bar |"),
}


def urls(model_admin: RecordAdmin) -> list[URLPattern]:
    """The addresses of one table's import."""
    from core.admin.importing import preview

    wrap = model_admin.admin_site.admin_view

    # The request is measured before anything reads it, the check of its token too.
    @csrf_exempt
    @require_http_methods(["GET", "HEAD", "POST"])
    def upload(request: HttpRequest) -> HttpResponse:
        return upload_file(model_admin, request)

    @require_http_methods(["GET", "HEAD", "POST"])
    def mapping(request: HttpRequest, token: str) -> HttpResponse:
        return map_columns(model_admin, request, token)

    return [
        path("import/", wrap(upload), name=model_admin.url_name("import")),
        path(
            "import/<str:token>/",
            wrap(mapping),
            name=model_admin.url_name("import_map"),
        ),
        *preview.urls(model_admin),
    ]


def may_import(model_admin: RecordAdmin, request: HttpRequest) -> bool:
    """Whether this operator may import into the table; new records need the permission
    to add as well.
    """
    return model_admin.has_import_permission(request)


def require_import(model_admin: RecordAdmin, request: HttpRequest) -> None:
    """Raises PermissionDenied."""
    if not may_import(model_admin, request):
        raise PermissionDenied


# --- The file


@needs_table
def upload_file(model_admin: RecordAdmin, request: HttpRequest) -> HttpResponse:
    """The form for a file, or for pasted text; a readable one becomes a draft."""
    require_import(model_admin, request)
    problem = _oversized(request) if request.method == "POST" else ""
    if problem:
        return _upload_page(model_admin, request, problem, too_large=True)
    checked = csrf_protect(lambda request: _upload(model_admin, request))
    return checked(request)


def _oversized(request: HttpRequest) -> str:
    """Why the request is not even read; '' where it is."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > limits.MOST_BYTES + BODY:
        most = limits.MOST_BYTES // limits.MEGABYTE
        return _("The file is larger than %s MB.") % most
    try:
        request.POST  # noqa: B018  is read now
    except RequestDataTooBig:
        return _("The pasted text is too long. Upload it as a file.")
    return ""


def _upload(model_admin: RecordAdmin, request: HttpRequest) -> HttpResponse:
    link = ListLink.of(request, model_admin.list_url())
    if request.method != "POST":
        return _upload_page(model_admin, request, "")
    try:
        made = _read(model_admin, request)
    except Unreadable as problem:
        return _upload_page(model_admin, request, str(problem))
    return redirect(link.carried_by(map_url(model_admin, made)))


def _read(model_admin: RecordAdmin, request: HttpRequest) -> Plan:
    """A draft with the posted table. Raises Unreadable."""
    upload = request.FILES.get("file")
    if upload is not None:
        stream, name = cast("BinaryIO", upload.file), upload.name or ""
    else:
        text = request.POST.get("text", "").replace("\r\n", "\n")
        if not text.strip():
            raise Unreadable(_("Choose a file, or paste a table."))
        stream, name = io.BytesIO(text.encode("utf-8", "replace")), ""
    format_ = request.POST.get("format", "")
    encoding = request.POST.get("encoding", "") if upload is not None else "utf-8-sig"
    delimiter = request.POST.get("delimiter", "")
    found = read(
        stream,
        name=name,
        is_sealed=bool(model_admin.model.secret_fields),
        format_=format_ if format_ in Format else "",
        encoding=encoding if encoding in ENCODINGS else "",
        delimiter=delimiter if delimiter in DELIMITERS else "",
    )
    selection = Selection(model_admin.model, ids=[])
    made = draft(selection, by=cast("Operator", request.user))
    made.payload = found.packed.payload
    made.operations = {"name": _described(name[:200], found)}
    made.save(update_fields=["payload", "operations"])
    return made


def _described(name: str, found: ReadTable) -> str:
    """What was read, and as what."""
    parts = [str(found.format.label)]
    if found.encoding:
        parts.append(ENCODINGS.get(found.encoding, found.encoding))
    if found.delimiter:
        parts.append(str(DELIMITER_NAMES.get(found.delimiter, found.delimiter)))
    return f"{name} ({' · '.join(parts)})" if name else " · ".join(parts)


def _upload_page(
    model_admin: RecordAdmin,
    request: HttpRequest,
    problem: str,
    *,
    too_large: bool = False,
) -> HttpResponse:
    context = {
        **_context(model_admin, request),
        "title": _("Import %s") % table_label(model_admin.model),
        "problem": problem,
        # After a request that is too large, there is nothing posted to show again.
        "posted": {} if too_large or request.method != "POST" else request.POST,
        "formats": Format.choices,
        "encodings": ENCODINGS.items(),
        "delimiters": DELIMITER_NAMES.items(),
        "most": limits.MOST_BYTES // limits.MEGABYTE,
        "most_rows": limits.MOST_ROWS,
        "warnings": table_warnings(model_admin.opts.label_lower),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK
    if too_large:
        status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    return TemplateResponse(request, "core/import.html", context, status=status)


def _context(model_admin: RecordAdmin, request: HttpRequest) -> dict[str, Any]:
    """What every page of an import shows."""
    return {
        **model_admin.admin_site.each_context(request),
        "table": table_label(model_admin.model),
        "link": ListLink.of(request, model_admin.list_url()),
        "upload_url": model_admin.url("import"),
    }


# --- The columns


@needs_table
def map_columns(
    model_admin: RecordAdmin, request: HttpRequest, token: str
) -> HttpResponse:
    """Which column of the file goes where; a valid answer becomes a plan of its own."""
    require_import(model_admin, request)
    made = own_plan(request, token, table=model_admin.opts.label_lower)
    link = ListLink.of(request, model_admin.list_url())
    if made.kind not in ("", Kind.IMPORT) or not made.payload:
        return redirect(link.carried_by(model_admin.url("import")))
    data = request.POST if request.method == "POST" else None
    try:
        form = MappingForm(
            model_admin.model,
            PackedTable(bytes(made.payload)),
            data,
            kept=made.operations,
            may_add=model_admin.has_add_permission(request),
        )
        planned = _planned(model_admin, request, form) if data is not None else None
    except UnreadableSecret as problem:
        return _upload_page(model_admin, request, str(problem))
    if planned is not None:
        return redirect(link.carried_by(preview_url(model_admin, planned)))
    context = {
        **_context(model_admin, request),
        "title": _("Import %s") % table_label(model_admin.model),
        "name": made.operations.get("name", ""),
        "form": form,
    }
    status = HTTPStatus.OK if data is None else HTTPStatus.UNPROCESSABLE_ENTITY
    return TemplateResponse(request, "core/import_map.html", context, status=status)


def _planned(
    model_admin: RecordAdmin, request: HttpRequest, form: MappingForm
) -> Plan | None:
    """A plan of what the form says, previewed; None where it cannot be made."""
    doing = form.action()
    if doing is None:
        return None
    try:
        return plan(
            model_admin.model,
            doing,
            selection=Selection(model_admin.model, ids=[]),
            by=cast("Operator", request.user),
        )
    except InvalidValues as problem:
        form.refuse(problem.errors)
        return None


def map_url(model_admin: RecordAdmin, made: Plan) -> str:
    """Where the columns of an import are mapped."""
    return model_admin.url("import_map", made.token)


def preview_url(model_admin: RecordAdmin, made: Plan) -> str:
    """Where the plan of an import is looked at."""
    return model_admin.url("import_preview", made.token)


def buttons(model_admin: RecordAdmin, request: HttpRequest) -> Sequence[Any]:
    """The way to the import, above a list."""
    from core.admin.base import PageButton

    if not may_import(model_admin, request):
        return ()
    return [PageButton(_("Import"), model_admin.url("import"), "upload")]
