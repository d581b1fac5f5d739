"""The databases that are measured: made once, kept under bench/data."""

from __future__ import annotations

import shutil
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path

from bench.place import DATA, python
from bench.raw import connect
from bench.rows import COLUMNS, rows

VERSION = 1
"""To be raised when other rows or tables are to be made."""
KEY = "synthetic-key-of-the-benchmark-only-0123456789"


def library(size: int) -> Path:
    """MoviePilot's database with this many transfers; made where it is missing."""
    path = DATA / f"transfers-{size}-v{VERSION}.sqlite3"
    if not path.exists():
        started = time.perf_counter()
        say(f"Making {size:,} records, once ...")
        part = path.with_suffix(".part")
        try:
            _make(part, size)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        say(f"  {time.perf_counter() - started:.0f} s")
    return path


def console(folder: Path) -> Path:
    """A data folder of the console: migrated, with static files; its database."""
    database = folder / "mpadmin.sqlite3"
    values: dict[str, str | Path] = {"MPADMIN_DATA_DIR": folder, "SECRET_KEY": KEY}
    python("manage.py", "migrate", "--verbosity", "0", **values)
    python("manage.py", "collectstatic", "--no-input", "--verbosity", "0", **values)
    return database


def say(text: str) -> None:
    """Tell how far we are, apart from the tables."""
    print(text, file=sys.stderr, flush=True)


def _make(path: Path, size: int) -> None:
    path.unlink(missing_ok=True)
    path.touch()
    _make_tables(path)
    with closing(connect(path)) as file:
        file.execute("PRAGMA journal_mode=OFF")
        file.execute("PRAGMA synchronous=OFF")
        file.execute("BEGIN")
        _fill(file, size)
        file.execute("COMMIT")
        # As MoviePilot has it; the mode is kept in the file.
        file.execute("PRAGMA journal_mode=WAL")


def _make_tables(path: Path) -> None:
    """The tables and indexes our own migrations make, which are MoviePilot's."""
    folder = path.with_suffix(".console")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    values: dict[str, str | Path] = {
        "MPADMIN_DATA_DIR": folder,
        "SECRET_KEY": KEY,
        "MOVIEPILOT_DATABASE_URL": f"sqlite:///{path}",
    }
    try:
        for alias in ("default", "moviepilot"):
            command = ["migrate", "--database", alias, "--verbosity", "0"]
            python("manage.py", *command, **values)
    finally:
        shutil.rmtree(folder)


def _fill(file: sqlite3.Connection, size: int) -> None:
    """Insert the rows; the indexes are made afterwards, which is quicker."""
    indexes = file.execute(
        "SELECT name, sql FROM sqlite_master "
        "WHERE type = 'index' AND tbl_name = 'transferhistory' AND sql IS NOT NULL"
    ).fetchall()
    for name, _sql in indexes:
        file.execute(f'DROP INDEX "{name}"')
    marks = ", ".join("?" * len(COLUMNS))
    names = ", ".join(COLUMNS)
    file.executemany(
        f"INSERT INTO transferhistory ({names}) VALUES ({marks})",  # noqa: S608  COLUMNS
        rows(size),
    )
    for _name, sql in indexes:
        file.execute(sql)
