"""XLSX, written as a stream: a zip of XML whose sheets are as long as they may be.

Nothing is kept: openpyxl would write a million records into a temporary file for
minutes, and nobody would see the download begin. Texts are texts, whatever they look
like: no cell is a formula.
"""

from __future__ import annotations

import io
from math import isfinite
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

from core.exchange import workbook
from core.exchange.cells import is_flag, is_number, to_sheet
from core.exchange.writing_tables import cell_writers

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import IO

    from core.changes.reading import StoredRow
    from core.exchange.cells import Field

MOST_ROWS = 2**20
"""Rows of a sheet, the header included."""
MOST_CELL = 2**15 - 1
"""Characters of a cell, as UTF-16 counts them."""
MOST_BYTES = 1_900_000_000
"""Of a sheet: Excel opens no zip whose parts are longer than 2 GB."""
MOST_DIGITS = 15
"""Of a number; Excel rounds the others."""
QUICK = 1
"""zlib's level: the others take three times as long for a file a fifth smaller."""


class CellTooLong(Exception):
    """A text has more characters than a cell of a sheet may."""


class SheetWriter:
    """A workbook; a table that is longer than a sheet goes on in the next one."""

    def __init__(self, fields: Sequence[Field], *, with_secrets: bool) -> None:
        texts = cell_writers(fields, with_secrets=with_secrets)
        self.cells = [
            _cell(field, text) for field, text in zip(fields, texts, strict=True)
        ]
        names = "".join(_text_cell(field.attname) for field in fields)
        self.header = f"<row>{names}</row>"
        self.sink = _Sink()
        self.archive = ZipFile(self.sink, "w", ZIP_DEFLATED, compresslevel=QUICK)
        self.sheets = self.left = self.length = 0
        self.sheet: IO[bytes] | None = None

    def head(self) -> bytes:
        """The beginning of the first sheet."""
        self._next_sheet()
        return self.sink.taken()

    def rows(self, rows: Sequence[StoredRow]) -> bytes:
        """The records of one page. Raises CellTooLong."""
        columns = zip(*rows, strict=True)
        cells = [map(cell, col) for cell, col in zip(self.cells, columns, strict=False)]
        lines = [f"<row>{''.join(row)}</row>" for row in zip(*cells, strict=True)]
        while lines:
            if not self.left or self.length > MOST_BYTES:
                self._next_sheet()
            now, lines = lines[: self.left], lines[self.left :]
            self._add("".join(now))
            self.left -= len(now)
        return self.sink.taken()

    def tail(self) -> bytes:
        """The end of the last sheet, and what says that this is a workbook."""
        self._end_sheet()
        for name, text in workbook.parts(self.sheets):
            self.archive.writestr(name, text)
        self.archive.close()
        return self.sink.taken()

    def _next_sheet(self) -> None:
        self._end_sheet()
        self.sheets += 1
        self.sheet = self.archive.open(f"xl/worksheets/sheet{self.sheets}.xml", "w")
        self.left, self.length = MOST_ROWS - 1, 0
        self._add(workbook.SHEET_HEAD + self.header)

    def _end_sheet(self) -> None:
        if self.sheet:
            self._add(workbook.SHEET_TAIL)
            self.sheet.close()

    def _add(self, text: str) -> None:
        data = text.encode()
        self.length += len(data)
        if self.sheet:
            self.sheet.write(data)


class _Sink(io.RawIOBase):
    """Where the zip is written to: a place without a way back."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.pieces.append(bytes(data))
        return len(data)

    def taken(self) -> bytes:
        """What was written since the last time."""
        pieces, self.pieces = self.pieces, []
        return b"".join(pieces)


def width_of(text: str) -> int:
    """How many characters Excel counts."""
    return len(text) + sum(char > "\uffff" for char in text)


def _cell(field: Field, text: Callable[[Any], str]) -> Callable[[Any], str]:
    """What makes a cell of a raw value of this column."""
    if is_flag(field):
        return lambda raw: FLAGS.get(text(raw)) or _text_cell(text(raw))
    if is_number(field):
        return lambda raw: _number_cell(raw) or _text_cell(text(raw))
    return lambda raw: _text_cell(text(raw))


FLAGS = {
    "true": '<c t="b"><v>1</v></c>',
    "false": '<c t="b"><v>0</v></c>',
}


def _number_cell(raw: Any) -> str:
    """Empty for what a spreadsheet would not keep as it is."""
    if type(raw) is int:
        is_kept = abs(raw) < 10**MOST_DIGITS
    else:
        is_kept = type(raw) is float and isfinite(raw) and repr(raw) != "-0.0"
    return f"<c><v>{raw!r}</v></c>" if is_kept else ""


def _text_cell(text: str) -> str:
    if not text:
        return "<c/>"
    if len(text) > MOST_CELL // 2 and width_of(text) > MOST_CELL:
        raise CellTooLong
    inner = escape(to_sheet(text))
    return f'<c t="inlineStr"><is><t xml:space="preserve">{inner}</t></is></c>'
