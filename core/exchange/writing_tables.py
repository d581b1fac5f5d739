"""CSV and TSV, as RFC 4180 has it: CRLF behind each row, quotes where needed."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any, ClassVar

from core.exchange.cells import LEFT_OUT, cell_writer
from core.exchange.left_out import holds_secret
from core.fields import JSONColumn

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.changes.reading import StoredRow
    from core.exchange.cells import Field


class TableWriter:
    """A header, and a row of texts for each record."""

    delimiter: ClassVar[str]

    def __init__(self, fields: Sequence[Field], *, with_secrets: bool) -> None:
        self.names = [field.attname for field in fields]
        self.cells = cell_writers(fields, with_secrets=with_secrets)

    def head(self) -> bytes:
        """The names of the columns."""
        return self._written([self.names])

    def rows(self, rows: Sequence[StoredRow]) -> bytes:
        """The records of one page."""
        return self._written(table_rows(self.cells, rows))

    def tail(self) -> bytes:
        """Nothing."""
        return b""

    def _written(self, rows: Sequence[Sequence[str]]) -> bytes:
        text = io.StringIO(newline="")
        csv.writer(text, delimiter=self.delimiter).writerows(rows)
        return text.getvalue().encode()


class CSVWriter(TableWriter):
    """Cells apart by commas."""

    delimiter = ","


class TSVWriter(TableWriter):
    """Cells apart by tabs."""

    delimiter = "\t"


def cell_writers(
    fields: Sequence[Field], *, with_secrets: bool
) -> list[Callable[[Any], str]]:
    """For each column, what makes a cell of a raw value."""
    return [
        cell_writer(field)
        if with_secrets or not isinstance(field, JSONColumn)
        else _without_secrets(cell_writer(field))
        for field in fields
    ]


def table_rows(
    cells: Sequence[Callable[[Any], str]], rows: Sequence[StoredRow]
) -> list[tuple[str, ...]]:
    """The texts of the rows; worked through column by column, which is quicker."""
    columns = zip(*rows, strict=True)
    written = [map(cell, column) for cell, column in zip(cells, columns, strict=False)]
    return [*zip(*written, strict=True)]


def _without_secrets(cell: Callable[[Any], str]) -> Callable[[Any], str]:
    return lambda raw: LEFT_OUT if holds_secret(raw) else cell(raw)
