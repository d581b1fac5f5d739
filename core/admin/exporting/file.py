"""The answer that is a file: streamed, kept nowhere, recorded where it has secrets."""

from __future__ import annotations

import re
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from core.admin.words import table_label
from core.changes import Selection
from core.exchange.sheet_limits import first_too_long
from core.exchange.writing import Export, write
from core.exchange.writing_sheets import MOST_CELL
from core.fields import day_now
from core.models.audit import AuditEvent, AuditKind

if TYPE_CHECKING:
    from array import array
    from collections.abc import Iterator, Sequence

    from django.http import HttpRequest

    from core.admin.exporting.form import ExportForm
    from core.exchange.writing import Format
    from core.models.base import Record
    from core.models.operators import Operator

AT_ONCE = 2
"""Exports that one process writes at a time. Each takes one of its four threads for as
long as the browser takes to receive it; the others answer everybody else.
"""
FEW_IDS = 1000
ODD = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]+')
"""What some system allows in no file name."""
_slots = BoundedSemaphore(AT_ONCE)


class NotExported(Exception):
    """The file cannot be written; the text says why."""


class Busy(NotExported):
    """As many exports as this process takes are running."""


class Pieces:
    """The pieces of a file. Until it is closed, it counts as one that is running."""

    _is_open = False

    def __init__(self) -> None:
        if not _slots.acquire(blocking=False):
            raise Busy(_("Other exports are running. Try again when they are done."))
        self._is_open = True
        self.pieces: Iterator[bytes] = iter(())

    def __iter__(self) -> Iterator[bytes]:
        yield from self.pieces

    def close(self) -> None:
        """Make room for the next one."""
        if self._is_open:
            self._is_open = False
            _slots.release()

    def __del__(self) -> None:
        self.close()


def respond(
    request: HttpRequest,
    selection: Selection,
    ordering: Sequence[str],
    form: ExportForm,
) -> StreamingHttpResponse:
    """The file. Raises NotExported."""
    pieces = Pieces()
    try:
        ids = ids_of(selection, ordering)
        export = Export(
            selection.model, form.names, ids, with_secrets=form.with_secrets
        )
        if form.format.name == "xlsx":
            _check_lengths(export, selection)
        if form.with_secrets:
            _record(request, selection, form, len(ids))
        pieces.pieces = write(export, form.format, marked=form.is_marked)
    except BaseException:
        pieces.close()
        raise
    return _response(pieces, form.format, file_name(selection.model, form.format))


def ids_of(selection: Selection, ordering: Sequence[str]) -> array[int] | list[int]:
    """The selected ids, in the order of the list. Raises FilterError."""
    if selection.ids is None or len(selection.ids) <= FEW_IDS:
        return selection.queryset().ids_in(ordering)
    chosen = {*selection.ids}
    everything = Selection(selection.model).queryset()
    return [pk for pk in everything.ids_in(ordering) if pk in chosen]


def file_name(model: type[Record], format_: Format) -> str:
    """The table and the day."""
    return f"{ODD.sub(' ', table_label(model)).strip()} {day_now()}.{format_.name}"


def _check_lengths(export: Export, selection: Selection) -> None:
    if selection.ids is None or len(selection.ids) <= FEW_IDS:
        found = first_too_long(export, selection.queryset())
    else:
        everything = Selection(selection.model).queryset()
        found = first_too_long(export, everything, among={*selection.ids})
    if found:
        raise NotExported(
            _(
                "Record %(id)s has %(count)s characters in “%(column)s”, and a cell of "
                "XLSX takes %(most)s. Leave the column out, or choose another format."
            )
            % {
                "id": found.record_id,
                "count": f"{found.length:,}",
                "column": found.column,
                "most": f"{MOST_CELL:,}",
            }
        )


def _record(
    request: HttpRequest, selection: Selection, form: ExportForm, count: int
) -> None:
    operator: Operator = request.user  # type: ignore[assignment]
    AuditEvent.objects.record(
        AuditKind.EXPORT,
        selection.model._meta.db_table,
        by=operator,
        selection=selection.to_json(),
        columns=form.names,
        secrets=form.secret_names,
        format=form.format.name,
        count=count,
    )


def _response(pieces: Pieces, format_: Format, name: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(pieces, content_type=format_.content_type)
    disposition = content_disposition_header(as_attachment=True, filename=name)
    response["Content-Disposition"] = disposition or "attachment"
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    # nginx would gather up to a gigabyte of it on its disk.
    response["X-Accel-Buffering"] = "no"
    return response
