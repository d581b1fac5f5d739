"""Another program on the same SQLite file, as a process of its own.

    python moviepilot_writer.py FILE TIMEOUT

Until its standard input ends it adds messages and counts up in the table that is being
edited, every few milliseconds; then it prints what came of that as JSON.
"""

import json
import sqlite3
import sys
import threading
import time


def main(path: str, timeout: float) -> None:
    """Write until nobody wants any more."""
    stop = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), stop.set()), daemon=True).start()
    connection = sqlite3.connect(path, timeout=timeout, isolation_level=None)
    done, errors, longest = 0, [], 0.0
    while not stop.is_set():
        started = time.monotonic()
        try:
            write(connection, timeout)
            done += 1
        except sqlite3.OperationalError as error:
            errors.append(str(error))
        longest = max(longest, time.monotonic() - started)
        time.sleep(0.004)
    print(json.dumps({"done": done, "errors": errors, "longest": longest}))  # noqa: T201


def write(connection: sqlite3.Connection, timeout: float) -> None:
    """One transaction: a message, and a count in a record that is being edited."""
    column = "tmdbid" if timeout > 10 else "tvdbid"
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("INSERT INTO message (title) VALUES (?)", [column])
    connection.execute(
        f"UPDATE transferhistory SET {column} = {column} + 1 "
        f"WHERE id = 1 + abs(random()) % 30000"
    )
    connection.execute("COMMIT")


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
