"""Reading configuration: from the process's snapshot, and when somebody has written."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from statistics import median
from typing import Any

from bench.table import Figures, table

KEYS = 140
"""Settings in the table: MoviePilot's, and a hundred of plugins."""
CALLS = 20_000
RUNS = 50
PLUGIN = {f"option_{number}": "x" * 10 for number in range(20)}
CLIENTS = [
    {
        "name": f"client {number}",
        "type": "qbittorrent",
        "enabled": True,
        "path_mapping": [["/downloads", "/media/downloads"]],
        "config": {"host": "http://192.0.2.1:8080", "username": "user"},
    }
    for number in range(3)
]


def measure(path: Path) -> Figures:
    """Medians in microseconds. Writes to the file, as MoviePilot would."""
    from core.opers.configuration import SystemConfigOper, settings_snapshot
    from core.systemconfig.keys import SystemConfigKey

    with closing(sqlite3.connect(path, isolation_level=None)) as moviepilot:
        fill(moviepilot)
        oper = SystemConfigOper()
        plugin = SystemConfigKey.plugin("Plugin1")
        return {
            "sites": called(lambda: oper.get(SystemConfigKey.IndexerSites)),
            "downloaders": called(lambda: oper.get(SystemConfigKey.Downloaders)),
            "plugin": called(lambda: oper.get(plugin)),
            "look": timed(settings_snapshot.look),
            "reread": timed(settings_snapshot.look, before=lambda: write(moviepilot)),
        }


def fill(moviepilot: sqlite3.Connection) -> None:
    """As many settings as a library with many plugins has."""
    moviepilot.execute("DELETE FROM systemconfig")
    rows: dict[str, Any] = {"IndexerSites": [*range(30)], "Downloaders": CLIENTS}
    rows |= {f"plugin.Plugin{n}": PLUGIN for n in range(KEYS - len(rows))}
    moviepilot.executemany(
        "INSERT INTO systemconfig (key, value) VALUES (?, ?)",
        [(key, json.dumps(value)) for key, value in rows.items()],
    )


def write(moviepilot: sqlite3.Connection) -> None:
    """Change a setting."""
    value = json.dumps([time.time_ns()])
    moviepilot.execute(
        "UPDATE systemconfig SET value = ? WHERE key = 'IndexerSites'", [value]
    )


def called(read: Callable[[], Any]) -> float:
    """Microseconds of a call, many of which follow each other."""
    times = []
    for _ in range(RUNS):
        started = time.perf_counter()
        for _ in range(CALLS // RUNS):
            read()
        times.append((time.perf_counter() - started) / (CALLS // RUNS))
    return median(times) * 1e6


def timed(look: Callable[[], Any], before: Callable[[], None] | None = None) -> float:
    """Microseconds of one look."""
    times = []
    for _ in range(RUNS):
        if before:
            before()
        started = time.perf_counter()
        look()
        times.append(time.perf_counter() - started)
    return median(times) * 1e6


def lines(figures: Figures) -> Iterator[str]:
    """The figures as a table."""
    labels = {
        "sites": "get(IndexerSites), 30 numbers",
        "downloaders": "get(Downloaders), three clients",
        "plugin": "get(a plugin's settings), 20 texts",
        "look": "looking whether somebody wrote: nobody",
        "reread": f"the same, somebody did: {KEYS} rows read again",
    }
    yield f"### Configuration, {KEYS} rows on SQLite: median µs"
    yield ""
    rows = [[label, f"{figures[name]:,.1f}"] for name, label in labels.items()]
    yield from table(["what", "µs"], rows)
