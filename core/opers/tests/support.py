"""Rows as MoviePilot writes them, and taking back what an Oper wrote."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from core.changes import ChangeSet, undo

if TYPE_CHECKING:
    from core.tests.support.libraries import Library


def insert(library: Library, table: str, **values: Any) -> int:
    """Add a row; objects and arrays are written as JSON. Returns its id."""
    texts = {
        name: json.dumps(value) if isinstance(value, dict | list) else value
        for name, value in values.items()
    }
    return library.insert(table, **texts)


def ids(records: list[Any]) -> list[int]:
    """The ids of the records, in their order."""
    return [record.pk for record in records]


def undo_last() -> None:
    """Take back the latest change set, whole."""
    result = undo(ChangeSet.objects.latest("pk"))
    assert not result.conflicts


def stored(library: Library, table: str, pk: int, *columns: str) -> tuple[Any, ...]:
    """What the database holds in these columns; JSON as text."""
    names = ", ".join(f'"{column}"' for column in columns)
    [row] = library.execute(f'SELECT {names} FROM "{table}" WHERE id = ?', pk)
    return tuple(
        json.dumps(value) if isinstance(value, dict | list) else value for value in row
    )
