"""What an XLSX file cannot hold, found before it is begun."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from core.changes.reading import StoredRecords
from core.exchange.cells import is_flag, is_number
from core.exchange.writing_sheets import MOST_CELL, width_of
from core.exchange.writing_tables import cell_writers

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from core.exchange.writing import Export
    from core.opers.base import RecordQuerySet

LOOKED_AT = 50_000
"""Records whose lengths are asked for at once: the database is not held longer."""
READ = 50


class TooLong(NamedTuple):
    """A value with more characters than a cell may have."""

    record_id: int
    column: str
    length: int


def first_too_long(
    export: Export, records: RecordQuerySet[Any], *, among: Collection[int] = ()
) -> TooLong | None:
    """The first value that no cell can hold, in the order of the ids; None for none.

    `records` are those of the export, or more; then `among` has the ids of its own.
    """
    fields = [f for f in export.fields if not is_flag(f) and not is_number(f)]
    if not fields:
        return None
    cells = cell_writers(fields, with_secrets=export.with_secrets)
    stored = StoredRecords(export.model, [field.attname for field in fields])
    for found in _long_ones(records, stored.columns):
        ids = [pk for pk in found if pk in among] if among else found
        for pk, *values in stored.read(ids):
            for column, cell, raw in zip(stored.columns, cells, values, strict=True):
                if (length := width_of(cell(raw))) > MOST_CELL:
                    return TooLong(pk, column, length)
    return None


def _long_ones(records: RecordQuerySet[Any], columns: list[str]) -> Iterator[list[int]]:
    """The ids of records worth measuring, few at a time."""
    # Twice as long by Excel's count is a text of nothing but rare characters.
    most = MOST_CELL // 2 - 1
    ids = records.ids_in(("id",))
    for at in range(0, len(ids), LOOKED_AT):
        chosen = ids[at : at + LOOKED_AT]
        found = records.between(chosen[0], chosen[-1]).longer_than(columns, most).ids()
        for start in range(0, len(found), READ):
            yield found[start : start + READ]
