"""Setting and getting a dictionary of 1 kB, beside few and many live entries.

`python -m bench.caches PROGRAM ENTRIES PLACE`, in a process of its own, prints figures
as JSON; PLACE is an empty folder, or the address of a Redis.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from django.conf import settings
from django.core.cache import CacheHandler

from bench.library import say
from bench.place import DATA, worker
from bench.table import NONE, Figures, table

ENTRIES = (1_000, 100_000)
VALUE = {f"field_{number:02}": "x" * 40 for number in range(20)}
MOST_CALLS, PATIENCE = 5_000, 5.0
"""Calls measured at most, and seconds after which there are enough."""
STEP = 7919
"""Keys are visited in this stride, so that neighbours are not."""
LIVE = 24 * 60 * 60
PROGRAMS = {
    "ours": "mpadmin, file",
    "redis": "mpadmin, Redis",
    "diskcache": "diskcache",
    "django": "Django's FileBasedCache",
}


def measure() -> Iterator[str]:
    """The table of all programs."""
    rows = [[label, *_cells(program)] for program, label in PROGRAMS.items()]
    head = ["cache"]
    for number in ENTRIES:
        head += [f"set, {number:,}", f"get, {number:,}"]
    yield "### A dictionary of 1 kB beside live entries: median (99 %), µs"
    yield ""
    yield from table(head, rows)


def _cells(program: str) -> Iterator[str]:
    for number in ENTRIES:
        say(f"Caches: {PROGRAMS[program]}, {number:,} entries ...")
        figures = _measured(program, number)
        for call in ("set", "get"):
            yield _microseconds(figures[call]) if figures else NONE


def _measured(program: str, entries: int) -> Figures | None:
    with _place(program) as place:
        if place is None:
            return None
        figures: Figures = worker("bench.caches", program, str(entries), place)
        return figures


@contextmanager
def _place(program: str) -> Iterator[str | None]:
    if program != "redis":
        with tempfile.TemporaryDirectory(prefix="run-", dir=DATA) as folder:
            yield folder
    elif shutil.which("redis-server"):
        # Not above: it needs what the tests need.
        from core.tests.support.servers import run_redis

        with run_redis() as address:
            yield address
    else:
        say("  redis-server is not installed")
        yield None


def _microseconds(seconds: list[float]) -> str:
    last = sorted(seconds)[int(len(seconds) * 0.99)]
    return f"{median(seconds) * 1e6:,.0f} ({last * 1e6:,.0f})"


# --- In the worker


def main(program: str, entries: int, place: str) -> dict[str, list[float]]:
    """Fill the cache, then measure."""
    settings.configure()
    cache = {"diskcache": _diskcache, "django": _django}.get(program, _ours)(place)
    _fill(cache, entries)
    keys = [f"key-{number * STEP % entries}" for number in range(MOST_CALLS)]
    return {
        "set": _timed(keys, lambda key: cache.set(key, VALUE, LIVE)),
        "get": _timed(keys, cache.get),
    }


def _ours(place: str) -> Any:
    from mpadmin.caches import cache_settings

    address = place if place.startswith("redis:") else ""
    made = cache_settings({"REDIS_URL": address}, Path(place))
    return CacheHandler({"default": made})["default"]


def _diskcache(place: str) -> Any:
    from diskcache import Cache

    return Cache(place)


def _django(place: str) -> Any:
    backend = "django.core.cache.backends.filebased.FileBasedCache"
    options = {"MAX_ENTRIES": 10 * ENTRIES[-1]}
    made = {"BACKEND": backend, "LOCATION": place, "OPTIONS": options}
    return CacheHandler({"default": made})["default"]


def _fill(cache: Any, entries: int) -> None:
    if not hasattr(cache, "set_many"):
        for number in range(entries):
            cache.set(f"key-{number}", VALUE, LIVE)
        return
    # It would list its folder at each write, which is what is measured later.
    cache._cull = lambda: None  # noqa: SLF001
    for first in range(0, entries, 1000):
        some = range(first, min(first + 1000, entries))
        cache.set_many({f"key-{number}": VALUE for number in some}, LIVE)
    del cache._cull  # noqa: SLF001


def _timed(keys: list[str], call: Callable[[str], Any]) -> list[float]:
    taken: list[float] = []
    started = time.perf_counter()
    for key in keys:
        begun = time.perf_counter()
        call(key)
        now = time.perf_counter()
        taken.append(now - begun)
        if now - started > PATIENCE:
            break
    return taken


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], int(sys.argv[2]), sys.argv[3])))
