"""Many records as the database holds them, to be read page by page."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.db import OperationalError

from core.changes.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from core.models.base import Record

StoredRow = tuple[Any, ...]


class StoredRecords:
    """Raw values of the same columns of any number of records of one table."""

    def __init__(self, model: type[Record], columns: Sequence[str]) -> None:
        self.rows = Rows(model)
        self.columns = [column for column in columns if column != "id"]
        """Without the id, which always comes first."""

    def read(self, ids: Sequence[int]) -> list[StoredRow]:
        """(id, *columns) of those of the records that exist, in the order of `ids`.

        One query, and no transaction is left open behind it. Text that is not UTF-8
        comes as bytes.
        """
        try:
            found = self.rows.read(ids, self.columns)
        except OperationalError as error:
            if not self.rows.is_sqlite or "UTF-8" not in str(error):
                raise
            with self._lenient():
                found = self.rows.read(ids, self.columns)
        by_id = {row[0]: row for row in found}
        return [by_id[pk] for pk in ids if pk in by_id]

    @contextmanager
    def _lenient(self) -> Iterator[None]:
        connection: sqlite3.Connection = self.rows.connection.connection
        connection.text_factory = _text_or_bytes
        try:
            yield
        finally:
            connection.text_factory = str


def _text_or_bytes(raw: bytes) -> str | bytes:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw
