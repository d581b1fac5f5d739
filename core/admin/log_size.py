"""How large the log of changes is, asked at most once a minute."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connections
from django.db.models import Max, Min

from core.cache import FileCache, fresh
from core.changes import ChangeEntry
from core.schema import place

CONSOLE = "default"
KEPT_SECONDS = 60.0
MOST_COUNTED = 2_000_000
"""Beyond, the number is told from the ids: counting would take too long."""


@dataclass(frozen=True)
class LogSize:
    """What the home page says of it."""

    entries: int
    is_estimate: bool
    bytes: int
    """Of the file, or of the table of entries in PostgreSQL."""
    since: dt.datetime | None
    kept_days: int
    """After how many days entries are pruned; 0 for never."""


def log_size() -> LogSize:
    """The size, at most a minute old."""
    found = _asked(place(connections[CONSOLE]))
    since = found["since"]
    return LogSize(
        found["entries"],
        found["is_estimate"],
        found["bytes"],
        dt.datetime.fromisoformat(since) if since else None,
        settings.KEEP_CHANGES_DAYS,
    )


@fresh(cache=FileCache("log-size", ttl=KEPT_SECONDS), key_func=lambda place: place)
def _asked(_place: str) -> dict[str, Any]:
    entries = ChangeEntry.objects
    # Two questions: asked for both at once, SQLite reads the whole table.
    first = entries.aggregate(pk=Min("pk"))["pk"]
    last = entries.aggregate(pk=Max("pk"))["pk"]
    span = last - first + 1 if first else 0
    is_estimate = span > MOST_COUNTED
    oldest = entries.filter(pk=first).select_related("change_set").first()
    return {
        "entries": span if is_estimate else entries.count(),
        "is_estimate": is_estimate,
        "bytes": _bytes(),
        "since": oldest.change_set.created_at.isoformat() if oldest else "",
    }


def _bytes() -> int:
    connection = connections[CONSOLE]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            pages = cursor.execute("PRAGMA page_count").fetchone()[0]
            return int(pages * cursor.execute("PRAGMA page_size").fetchone()[0])
        table = ChangeEntry._meta.db_table
        cursor.execute("SELECT pg_total_relation_size(to_regclass(%s))", [table])
        return int(cursor.fetchone()[0])
