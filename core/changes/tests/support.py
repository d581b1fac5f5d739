"""Rows as MoviePilot would write them, and what tests ask about changes."""

from __future__ import annotations

import io
from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING, Any

from core.changes import (
    BatchState,
    ChangeBatch,
    ChangeSet,
    Import,
    Match,
    Plan,
    Selection,
    Set,
    apply,
    plan,
    read_stored,
)
from core.exchange.reading import read

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.models.base import Record
    from core.tests.support.libraries import Library


def add(library: Library, table: str, rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Insert rows of the same columns in one transaction; returns their ids."""
    columns = [*rows[0]]
    names = ", ".join(f'"{column}"' for column in columns)
    marks = ", ".join("?" for _ in columns)
    query = library._marked(f'INSERT INTO "{table}" ({names}) VALUES ({marks})')
    with closing(library._connect()) as connection:
        cursor = connection.cursor()
        cursor.execute("BEGIN")
        cursor.executemany(query, [[row[c] for c in columns] for row in rows])
        cursor.execute("COMMIT")
        cursor.execute(f'SELECT id FROM "{table}" ORDER BY id DESC LIMIT {len(rows)}')
        return sorted(pk for (pk,) in cursor.fetchall())


def add_sites(library: Library, count: int = 3, **values: Any) -> list[int]:
    """Sites named s0, s1, …"""
    rows = [
        {
            "name": f"s{number}",
            "url": f"https://s{number}.example/",
            "pri": number,
            "timeout": 15,
            **values,
        }
        for number in range(count)
    ]
    return add(library, "site", rows)


def add_messages(library: Library, count: int, **values: Any) -> list[int]:
    """Messages m0, m1, …; the table has no unique column and no index on `title`."""
    rows = [{"title": f"m{number}", "action": 0, **values} for number in range(count)]
    return add(library, "message", rows)


def add_items(library: Library, count: int, **values: Any) -> list[int]:
    """Media server items i0, i1, … of server A; unique by server and item id."""
    rows = [
        {"server": "A", "item_id": f"i{number}", "title": f"t{number}", **values}
        for number in range(count)
    ]
    return add(library, "mediaserveritem", rows)


def edit(
    model: type[Record], ids: Sequence[int] | None = None, **values: Any
) -> ChangeSet:
    """Set these fields of these records, or of all; those that cannot be are left."""
    operations = {name: Set(value) for name, value in values.items()}
    selection = None if ids is None else Selection(model, ids=[*ids])
    made = plan(model, operations, selection=selection)
    return apply(made, skip_invalid=True)


def plan_import(
    model: type[Record], text: str, *, name: str = "", **settings: Any
) -> Plan:
    """A plan of this file, whose columns are called like the table's."""
    is_sealed = bool(model.secret_fields)
    packed = read(io.BytesIO(text.encode()), name=name, is_sealed=is_sealed).packed
    columns = {each: at for at, each in enumerate(packed.head.names)}
    settings = {"match": Match.ID if "id" in columns else Match.KEY, **settings}
    doing = Import(packed, columns, **settings)
    return plan(model, doing, selection=Selection(model, ids=[]))


def stored(model: type[Record], pk: int, column: str) -> Any:
    """The raw value of a column."""
    return (read_stored(model, pk) or {})[column]


def counts(change_set: ChangeSet) -> dict[str, int]:
    """The counts that are not zero."""
    names = ("changed", "unchanged", "skipped", "failed")
    return {name: n for name in names if (n := getattr(change_set, name))}


def assert_settled(change_set: ChangeSet) -> None:
    """No batch is left pending, and the counts add up to what they stand for."""
    states = Counter(change_set.batches.values_list("state", flat=True))
    assert BatchState.PENDING not in states
    assert change_set.changed == change_set.applied_entries().count()
    if change_set.state == "applied":
        assert sum(counts(change_set).values()) == change_set.total


def nothing_recorded() -> bool:
    """Whether the console knows of no change at all."""
    return not ChangeSet.objects.exists() and not ChangeBatch.objects.exists()
