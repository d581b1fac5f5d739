"""Text out of bytes, and CSV and TSV out of text."""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING, BinaryIO, TextIO

from django.utils.translation import gettext as _

from core.exchange.limits import (
    MEGABYTE,
    MOST_CELL,
    MOST_COLUMNS,
    MOST_LINE,
    Unreadable,
    refuse,
    too_long_cell,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

ENCODINGS = {"utf-8-sig": "UTF-8", "utf-16": "UTF-16", "gb18030": "GB18030"}
DELIMITERS = (",", ";", "\t", "|")
SAMPLE = 2**16
SAMPLE_ROWS = 20
MOST_DELIMITERS = 1_000_000
"""In one row: JSON in a cell has many commas, but so has a row of a million cells."""

csv.field_size_limit(MOST_CELL)  # of the process; what csv allows is 128 kB


def open_text(stream: BinaryIO, encoding: str = "") -> tuple[io.TextIOWrapper, str]:
    """The stream's text, and its encoding: the one given, else the one found.

    Raises Unreadable where it is not in that, or has NUL in it.
    """
    known, problem = encoding or _marked(stream), 0
    for name in [known] if known else ["utf-8-sig", "gb18030"]:
        misread = _misread(stream, name)
        if misread is None:
            stream.seek(0)
            return io.TextIOWrapper(stream, encoding=name, newline=""), name
        problem = misread
    raise Unreadable(_told(known, problem))


def _marked(stream: BinaryIO) -> str:
    """The encoding that the first bytes name."""
    stream.seek(0)
    start = stream.read(4)
    if start in (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE):
        refuse(_("The text is in UTF-32, which is not read. Save it as UTF-8."))
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return "utf-8-sig" if start.startswith(codecs.BOM_UTF8) else ""


def _misread(stream: BinaryIO, encoding: str) -> int | None:
    """The first byte, from 0, that is not in the encoding; None for a text."""
    decoder, at, line = codecs.getincrementaldecoder(encoding)("strict"), 0, 1
    stream.seek(0)
    while True:
        data = stream.read(MEGABYTE)
        try:
            text = decoder.decode(data, final=not data)
        except UnicodeDecodeError as error:
            return at + error.start
        if "\0" in text:
            line += text[: text.index("\0")].count("\n")
            refuse(
                _("Line %s holds NUL, which is in no text. Is it a text file?")
                % f"{line:,}"
            )
        if not data:
            return None
        at, line = at + len(data), line + text.count("\n")


def _told(encoding: str, at: int) -> str:
    if encoding:
        return _("The text is not in %(encoding)s: see byte %(at)s.") % {
            "encoding": ENCODINGS.get(encoding, encoding),
            "at": f"{at + 1:,}",
        }
    return _(
        "The text is in no encoding that is read: UTF-8, UTF-16 with a byte order mark,"
        " GB18030."
    )


def csv_rows(text: TextIO, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """(number, cells) of the rows that are not empty, the header being number 1.

    Raises Unreadable.
    """
    lines = _Lines(text, delimiter)
    number = 0
    try:
        for number, cells in enumerate(
            csv.reader(lines, delimiter=delimiter, strict=True), 1
        ):
            lines.start_row()
            if cells:
                yield number, cells
    except csv.Error as error:
        if "larger than" in str(error):
            too_long_cell(number + 1)
        refuse(_problem(str(error), number + 1))
    except UnicodeDecodeError:
        refuse(_("The file changed while it was read."))


def _problem(message: str, row: int) -> str:
    known = {
        "unexpected end": _("Row %s: a quotation mark is opened and never closed."),
        "expected after": _("Row %s: text follows a closing quotation mark."),
    }
    text = next((told for part, told in known.items() if part in message), "")
    return (text or _("Row %s cannot be read.")) % f"{row:,}"


class _Lines:
    """The lines of a text, none of which is longer than memory is for."""

    def __init__(self, text: TextIO, delimiter: str) -> None:
        self.text, self.delimiter = text, delimiter
        self.delimiters = self.row = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self.text.readline(MOST_LINE)
        if not line:
            raise StopIteration
        self.delimiters += line.count(self.delimiter)
        if self.delimiters > MOST_DELIMITERS:
            refuse(
                _("Row %(row)s has too many cells; up to %(most)s columns are read.")
                % {"row": f"{self.row + 1:,}", "most": f"{MOST_COLUMNS:,}"}
            )
        if len(line) == MOST_LINE:
            refuse(
                _("Row %(row)s is longer than %(most)s characters.")
                % {"row": f"{self.row + 1:,}", "most": f"{MOST_LINE:,}"}
            )
        return line

    def start_row(self) -> None:
        """The row that the lines belonged to is complete."""
        self.delimiters, self.row = 0, self.row + 1


def sniff(text: TextIO) -> str:
    """The delimiter: the one that makes the most even rows of more than one cell."""
    sample = text.read(SAMPLE)
    text.seek(0)
    found = {each: _evenness(sample, each) for each in DELIMITERS}
    best = max(DELIMITERS, key=lambda each: found[each])
    return best if found[best] > (0.0, 0) else ","


def _evenness(sample: str, delimiter: str) -> tuple[float, int]:
    """The share of rows of the most frequent width, and that width."""
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
    try:
        rows = [row for row in islice(reader, SAMPLE_ROWS) if row]
    except csv.Error:
        return (0.0, 0)
    if len(rows) > 1 and len(sample) == SAMPLE:
        rows.pop()  # may be cut off
    widths = Counter(map(len, rows))
    width, count = max(
        widths.items(), key=lambda each: (each[1], each[0]), default=(1, 0)
    )
    return (count / len(rows), width) if width > 1 else (0.0, 0)
