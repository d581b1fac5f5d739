"""Another program on the same database, as a process of its own.

    python moviepilot_writer.py ADDRESS TIMEOUT COLUMN RECORDS

ADDRESS is a file of SQLite or a connection string of PostgreSQL. Until its standard
input ends it adds messages and transfers of its own, and counts up in a column of the
records that are being edited or deleted, every few milliseconds; then it prints what
came of that as JSON.
"""

import json
import random
import sqlite3
import sys
import threading
import time
from typing import Any

import psycopg

PAUSE = 0.004
ERRORS = (sqlite3.Error, psycopg.Error)


class SQLite:
    """MoviePilot on its file."""

    begin, mark = "BEGIN IMMEDIATE", "?"

    def __init__(self, path: str, timeout: float) -> None:
        self.connection: Any = sqlite3.connect(
            path, timeout=timeout, isolation_level=None
        )


class PostgreSQL:
    """MoviePilot on a server."""

    begin, mark = "BEGIN", "%s"

    def __init__(self, address: str, timeout: float) -> None:
        self.connection: Any = psycopg.connect(address, autocommit=True)
        self.connection.execute(f"SET lock_timeout = '{timeout:.0f}s'")


def main(address: str, timeout: float, column: str, records: int) -> None:
    """Write until nobody wants any more."""
    stop = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), stop.set()), daemon=True).start()
    is_file = address.startswith("/")
    program = (SQLite if is_file else PostgreSQL)(address, timeout)
    done, counted, errors, longest = 0, 0, [], 0.0
    while not stop.is_set():
        started = time.monotonic()
        try:
            counted += write(program, column, random.randint(1, records))  # noqa: S311
            done += 1
        except ERRORS as error:
            errors.append(str(error))
        longest = max(longest, time.monotonic() - started)
        time.sleep(PAUSE)
    report = {"done": done, "counted": counted, "errors": errors, "longest": longest}
    print(json.dumps(report))  # noqa: T201


def write(program: SQLite | PostgreSQL, column: str, pk: int) -> int:
    """One transaction; how many records it has counted up: one, or none if deleted."""
    run, mark = program.connection.execute, program.mark
    run(program.begin)
    run(f"INSERT INTO message (title) VALUES ({mark})", [column])
    run(
        f"INSERT INTO transferhistory (title, category) VALUES ({mark}, 'theirs')",
        [column],
    )
    counted = run(
        f"UPDATE transferhistory SET {column} = {column} + 1 WHERE id = {mark}", [pk]
    ).rowcount
    run("COMMIT")
    return int(counted)


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
