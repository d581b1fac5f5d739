"""The first sheet of an XLSX workbook.

A workbook is a zip of XML, whose directory may lie about sizes. So every part is
unpacked once, piece by piece, and measured, before openpyxl may see it. What openpyxl
parses it parses with defusedxml.
"""

from __future__ import annotations

import datetime as dt
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from defusedxml.ElementTree import fromstring  # type: ignore[import-untyped]
from django.utils.translation import gettext as _
from openpyxl import load_workbook

from core.exchange.cells import from_sheet
from core.exchange.faults import ERROR_VALUE, FORMULA, fault
from core.exchange.limits import (
    MEGABYTE,
    MOST_ROWS,
    Unreadable,
    check_columns,
    refuse,
)

if TYPE_CHECKING:
    from core.exchange.packed import Row

BLOCK = MEGABYTE // 4
MOST_PARTS = 2000
MOST_PART = 4 * MEGABYTE
"""Of a part that is read as a whole."""
MOST_SHEET = 128 * MEGABYTE
MOST_STRINGS = 32 * MEGABYTE
MOST_SHARED = 500_000
MOST_TAGS = 400_000
"""In one row of a sheet, or after the last one: a parser keeps them in memory."""
MOST_RUN = 16 * MEGABYTE
"""Bytes between two tags."""
MOST_UNPACKED = 256 * MEGABYTE
ROW = re.compile(rb"<(?:\w+:)?row[\s/>]")
TYPES = "[Content_Types].xml"
JUNK = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    BadZipFile,
    EOFError,
    LookupError,
    MemoryError,
    NotImplementedError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    zlib.error,
)
"""What a broken workbook makes zipfile, the parser or openpyxl raise."""


def xlsx_rows(stream: BinaryIO) -> Iterator[Row]:
    """(number, cells) of the rows that are not empty. Raises Unreadable."""
    with _told():
        _measure(stream)
        stream.seek(0)
        book = load_workbook(stream, read_only=True, keep_links=False)
        if not book.worksheets:
            refuse(_("The workbook has no sheet."))
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # which may be a lie as well
        for number, row in enumerate(sheet.rows, 1):
            check_columns(len(row))
            cells = [_cell(cell) for cell in row]
            while cells and cells[-1] == "":
                cells.pop()
            if cells:
                yield number, cells


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except JUNK as error:
        raise Unreadable(
            _("This is no XLSX workbook, or a broken one (%s).") % type(error).__name__
        ) from None


def _cell(cell: Any) -> Any:
    """The cell's text, or what is wrong with it."""
    value = cell.value
    if cell.data_type == "f":
        return fault(FORMULA)
    if cell.data_type == "e":
        return fault(ERROR_VALUE)
    if value is None:
        return ""
    return from_sheet(value) if isinstance(value, str) else _text(value)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, dt.timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}"
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    return repr(value) if isinstance(value, int | float) else str(value)


# --- Measuring


def _measure(stream: BinaryIO) -> None:
    """Raises Unreadable for a workbook that would take too much memory."""
    stream.seek(0)
    with ZipFile(stream) as archive:
        parts = archive.infolist()
        if len(parts) > MOST_PARTS:
            refuse(_("The workbook has too many parts."))
        sizes: dict[str, int] = {}
        for part in parts:
            if part.filename.endswith((".xml", ".rels")) or "." not in part.filename:
                sizes[part.filename] = _measure_part(
                    archive, part, MOST_UNPACKED - sum(sizes.values())
                )
        for element in fromstring(archive.read(TYPES)):
            # openpyxl reads whatever is said to be the workbook as a whole.
            name = element.get("PartName", "").lstrip("/")
            is_sheet = element.get("ContentType", "").endswith(
                ("worksheet+xml", "sharedStrings+xml")
            )
            if not is_sheet and sizes.get(name, 0) > MOST_PART:
                _too_large(name)


def _measure_part(archive: ZipFile, part: ZipInfo, left: int) -> int:
    if part.compress_type not in (ZIP_STORED, ZIP_DEFLATED) or part.flag_bits & 1:
        refuse(_("The workbook is packed in a way that is not read."))
    gauge = _gauge(part.filename, left)
    if part.file_size > gauge.most:
        _too_large(part.filename)
    with archive.open(part) as data:
        while block := data.read(BLOCK):
            gauge.add(block)
    return gauge.size


def _gauge(name: str, left: int) -> _Gauge:
    if name.startswith("xl/worksheets/") and name.endswith(".xml"):
        return _Gauge(name, min(MOST_SHEET, left), MOST_TAGS, counts_rows=True)
    if name.lower() == "xl/sharedstrings.xml":
        return _Gauge(name, min(MOST_STRINGS, left), MOST_SHARED * 4)
    return _Gauge(name, min(MOST_PART, left), MOST_TAGS)


class _Gauge:
    """Watches a part go by."""

    def __init__(
        self, name: str, most: int, most_tags: int, *, counts_rows: bool = False
    ) -> None:
        self.name, self.most, self.most_tags = name, most, most_tags
        self.counts_rows = counts_rows
        self.size = self.tags = self.run = self.rows = 0

    def add(self, block: bytes) -> None:
        """Raises Unreadable once it is too much."""
        self.size += len(block)
        first, last = block.find(b"<"), block.rfind(b"<")
        longest = self.run + (first if first >= 0 else len(block))
        self.run = len(block) - last if last >= 0 else longest
        starts = [r.start() for r in ROW.finditer(block)] if self.counts_rows else []
        self.tags += block.count(b"<", 0, starts[0] if starts else len(block))
        self.rows += len(starts)
        is_large = self.size > self.most or self.rows > MOST_ROWS + 1
        if is_large or longest > MOST_RUN or self.tags > self.most_tags:
            _too_large(self.name)
        if starts:
            self.tags = block.count(b"<", starts[-1])


def _too_large(name: str) -> None:
    refuse(_("The workbook is too large to read: see its part “%s”.") % name)
