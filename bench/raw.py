"""The same work in SQL alone, on connections of their own."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from bench.measure import repeated, stopwatch
from bench.pages import PER_PAGE, SEARCHES, Place

PICK = (
    "SELECT id, title, status, type, category, seasons, episodes, mode, src, dest, "
    "errmsg, date, image FROM transferhistory"
)
COUNT = "SELECT count(*) FROM transferhistory"
NEWEST = f"ORDER BY date DESC, id DESC LIMIT {PER_PAGE}"
FOUND = "WHERE title LIKE ? OR src LIKE ? OR dest LIKE ?"


def connect(path: Path) -> sqlite3.Connection:
    """A connection like MoviePilot's."""
    return sqlite3.connect(path, timeout=60, isolation_level=None)


def find_place(path: Path) -> Place:
    """Where the middle of the list is."""
    with closing(connect(path)) as file:
        (count,) = file.execute(COUNT).fetchone()
        sql = f"{PICK} ORDER BY date DESC, id DESC LIMIT 1 OFFSET ?"
        row = file.execute(sql, [count // 2 - 1]).fetchone()
    return Place(count, date=row[-2], record_id=row[0])


def measure_lists(path: Path) -> dict[str, dict[str, float]]:
    """The query behind each page."""
    place = find_place(path)
    with closing(connect(path)) as file:
        return {
            name: _measure(file, sql, params)
            for name, (sql, params) in _queries(place).items()
        }


def _measure(file: sqlite3.Connection, sql: str, params: list[Any]) -> dict[str, float]:
    found = file.execute(sql, params).fetchall()
    times = repeated(lambda: file.execute(sql, params).fetchall())
    return {**times, "records": len(found)}


def _queries(place: Place) -> dict[str, tuple[str, list[Any]]]:
    middle, end = place.count // 2, place.count - PER_PAGE
    cursor = [place.date, place.record_id]
    queries: dict[str, tuple[str, list[Any]]] = {
        "first": (f"{PICK} {NEWEST}", []),
        "deep": (f"{PICK} WHERE (date, id) < (?, ?) {NEWEST}", [*cursor]),
        "offset": (f"{PICK} {NEWEST} OFFSET ?", [middle]),
        "status": (f"{PICK} WHERE status = 0 {NEWEST}", []),
        "last": (f"{PICK} ORDER BY date, id LIMIT {PER_PAGE} OFFSET ?", [end]),
        "status count": (f"{COUNT} WHERE status = 0", []),
        "home": (COUNT, []),
        "record": ("SELECT * FROM transferhistory WHERE id = ?", cursor[1:]),
    }
    for name, text in SEARCHES.items():
        queries[name] = (f"{PICK} {FOUND} {NEWEST}", [f"%{text}%"] * 3)
    text = SEARCHES["chinese"]
    queries["chinese count"] = (f"{COUNT} {FOUND}", [f"%{text}%"] * 3)
    return queries


class Bare:
    """Bare statements on the newest records, each taken back before the next."""

    def __init__(self, file: sqlite3.Connection, records: int) -> None:
        self.file = file
        self.since = since(file, records)

    def update(self) -> dict[str, float]:
        """Seconds of an UPDATE of one column, with its commit, as `bare`."""
        self.keep_categories()
        taken = self._run("UPDATE transferhistory SET category = 'x' WHERE date >= ?")
        self.put_back()
        return taken

    def keep_categories(self) -> None:
        """Remember the categories for `put_back`."""
        self._keep(
            "CREATE TEMP TABLE kept AS SELECT id, category FROM transferhistory "
            "WHERE date >= ?"
        )
        self.file.execute("CREATE UNIQUE INDEX temp.kept_id ON kept (id)")
        checkpoint(self.file)

    def put_back(self) -> None:
        """Restore the categories that `keep_categories` has remembered."""
        self.file.execute(
            "UPDATE transferhistory SET category = kept.category FROM kept "
            "WHERE kept.id = transferhistory.id"
        )
        checkpoint(self.file)

    def delete(self) -> dict[str, float]:
        """Seconds of a DELETE, with its commit, as `bare`."""
        self._keep(
            "CREATE TEMP TABLE kept AS SELECT * FROM transferhistory WHERE date >= ?"
        )
        taken = self._run("DELETE FROM transferhistory WHERE date >= ?")
        self.file.execute("INSERT INTO transferhistory SELECT * FROM kept")
        checkpoint(self.file)
        return taken

    def count(self, category: str = "") -> int:
        """How many of the records there are, of this category if one is named."""
        sql = f"{COUNT} WHERE date >= ? AND ? IN ('', category)"
        return int(self.file.execute(sql, [self.since, category]).fetchone()[0])

    def _keep(self, sql: str) -> None:
        self.file.execute("DROP TABLE IF EXISTS temp.kept")
        self.file.execute(sql, [self.since])

    def _run(self, sql: str) -> dict[str, float]:
        checkpoint(self.file)
        taken: dict[str, float] = {}
        with stopwatch(taken, "bare"):
            self.file.execute("BEGIN IMMEDIATE")
            self.file.execute(sql, [self.since])
            self.file.execute("COMMIT")
        return taken


def since(file: sqlite3.Connection, records: int) -> str:
    """The stamp from which on there are this many records."""
    sql = "SELECT date FROM transferhistory ORDER BY date DESC LIMIT 1 OFFSET ?"
    return str(file.execute(sql, [records - 1]).fetchone()[0])


def checkpoint(file: sqlite3.Connection) -> None:
    """Empty the write-ahead log, so that no measurement pays for the one before."""
    file.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
