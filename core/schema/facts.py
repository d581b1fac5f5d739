"""MoviePilot's schema as facts (facts.json): tables, columns, indexes, versions."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Column:
    """A column, its declared type on each database, and the version that added it."""

    name: str
    sqlite: str
    postgresql: str
    null: bool
    since: str | None = None
    """None: it is as old as its table, or nobody knows."""


@dataclass(frozen=True)
class Index:
    """An index."""

    name: str
    columns: tuple[str, ...]
    unique: bool


@dataclass(frozen=True)
class ForeignKey:
    """A foreign key: column → table, column. `name` is PostgreSQL's."""

    name: str
    column: str
    references: tuple[str, str]


@dataclass(frozen=True)
class Table:
    """A table of MoviePilot."""

    name: str
    columns: dict[str, Column]
    indexes: tuple[Index, ...]
    unique: tuple[tuple[str, ...], ...]
    foreign_keys: tuple[ForeignKey, ...]


@dataclass(frozen=True)
class Facts:
    """The schema at one version, and the versions by Alembic revision."""

    schema: str
    revisions: dict[str, str]
    tables: dict[str, Table]


@cache
def facts() -> Facts:
    """Return the facts of facts.json."""
    raw = json.loads(Path(__file__).with_name("facts.json").read_text())
    tables = {name: _table(name, table) for name, table in raw["tables"].items()}
    return Facts(raw["schema"], raw["revisions"], tables)


def _table(name: str, raw: dict[str, Any]) -> Table:
    return Table(
        name,
        {key: Column(key, **column) for key, column in raw["columns"].items()},
        tuple(
            Index(key, tuple(index["columns"]), index["unique"])
            for key, index in raw["indexes"].items()
        ),
        tuple(tuple(columns) for columns in raw["unique"]),
        tuple(
            ForeignKey(key["name"], key["column"], tuple(key["references"]))
            for key in raw["foreign_keys"]
        ),
    )
