"""An export: which records and columns, read page by page and written in one format.

    made = Export(Site, ["id", "name", "note"], ids)
    for piece in write(made, FORMATS["csv"]): ...

The ids are found once, in the order of the list; then the records are read in pages of
bounded size. So each record is written at most once, none is missed that was there all
along, and MoviePilot's database is never held by a reader that waits for a browser.
"""

from __future__ import annotations

from codecs import BOM_UTF8
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from core.changes.reading import StoredRecords
from core.exchange.writing_documents import JSONLinesWriter, YAMLWriter
from core.exchange.writing_sheets import SheetWriter
from core.exchange.writing_tables import CSVWriter, TSVWriter

if TYPE_CHECKING:
    from array import array
    from collections.abc import Iterator, Sequence

    from core.changes.reading import StoredRow
    from core.exchange.cells import Field
    from core.models.base import Record

MOST_ROWS = 1000
SAMPLE = 50
PIECE = 2**20
"""About how many bytes a page of records becomes: records differ a thousandfold."""


class Writer(Protocol):
    """Turns rows of raw values into the bytes of a file, piece by piece."""

    def __init__(self, fields: Sequence[Field], *, with_secrets: bool) -> None: ...

    def head(self) -> bytes:
        """What stands before the records."""

    def rows(self, rows: Sequence[StoredRow]) -> bytes:
        """The records of one page."""

    def tail(self) -> bytes:
        """What stands behind the records."""


@dataclass(frozen=True)
class Format:
    """What a file may be written in."""

    name: str
    """What a file's name ends in as well."""
    label: str
    content_type: str
    writer: type[Writer]
    can_be_marked: bool = False
    """Whether the sign of UTF-8 may stand in front."""


WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TABS = "text/tab-separated-values; charset=utf-8"
COMMAS = "text/csv; charset=utf-8"
FORMATS = {
    each.name: each
    for each in (
        Format("csv", "CSV", COMMAS, CSVWriter, can_be_marked=True),
        Format("tsv", "TSV", TABS, TSVWriter, can_be_marked=True),
        Format("xlsx", "XLSX", WORKBOOK, SheetWriter),
        Format("jsonl", "JSON Lines", "application/jsonl", JSONLinesWriter),
        Format("yaml", "YAML", "application/yaml", YAMLWriter),
    )
}


@dataclass(frozen=True)
class Export:
    """Records of one table and their columns, both in order."""

    model: type[Record]
    columns: Sequence[str]
    ids: array[int] | Sequence[int]
    with_secrets: bool = False
    """Whether secret columns may be among the columns, and JSON keeps its secrets."""

    @property
    def fields(self) -> list[Field]:
        """The columns' fields. Raises ValueError for secrets nobody asked for."""
        secret = {*self.columns} & self.model.secret_fields
        if secret and not self.with_secrets:
            raise ValueError(f"Secret columns: {', '.join(sorted(secret))}")
        return [self.model.column(name) for name in self.columns]

    def pages(self) -> Iterator[list[StoredRow]]:
        """The raw values of the columns, page by page; one query each."""
        stored = StoredRecords(self.model, self.columns)
        place = [stored.columns.index(n) + 1 if n != "id" else 0 for n in self.columns]
        at, size = 0, MOST_ROWS // 20
        while at < len(self.ids):
            rows = stored.read(self.ids[at : at + size])
            yield [tuple([row[n] for n in place]) for row in rows]
            at += size
            size = next_size(rows, size)


def next_size(rows: Sequence[StoredRow], size: int) -> int:
    """How many records to read next, so that a page stays about as long as a piece."""
    sample = rows[:: max(1, len(rows) // SAMPLE)]
    texts = [v for row in sample for v in row if isinstance(v, str | bytes)]
    length = sum(map(len, texts)) // max(1, len(sample))
    most = min(size * 2, MOST_ROWS)
    return max(1, min(most, PIECE // length)) if length else most


def write(export: Export, format_: Format, *, marked: bool = False) -> Iterator[bytes]:
    """The file's bytes. `marked` puts the sign of UTF-8 in front, as Excel wants it, of
    a format that can be marked so.
    """
    writer = format_.writer(export.fields, with_secrets=export.with_secrets)
    mark = BOM_UTF8 if marked and format_.can_be_marked else b""
    yield mark + writer.head()
    for rows in export.pages():
        yield writer.rows(rows)
    yield writer.tail()
