"""How often look-ups in a region find something, over all processes.

Each process counts for itself and adds its numbers to those in the cache now and then.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from django.core.cache import caches

from core.cache.regions import USAGE, RegionCache, inside

if TYPE_CHECKING:
    from django.core.cache.backends.base import BaseCache

FLUSH_SECONDS = 10.0
FLUSH_LOOKUPS = 1000
KINDS = ("hits", "misses")


@dataclass(frozen=True)
class Usage:
    """Look-ups since the region was last cleared."""

    hits: int = 0
    misses: int = 0

    @property
    def rate(self) -> float | None:
        """The part that found something; None where nothing was looked up."""
        return self.hits / self.lookups if self.lookups else None

    @property
    def lookups(self) -> int:
        """All of them."""
        return self.hits + self.misses


class _Counter:
    """What this process has counted and not yet told."""

    def __init__(self) -> None:
        self.counts: dict[str, list[int]] = {}
        self._lock = Lock()
        self._flushed_at = time.monotonic()

    def count(self, region: str, hits: int, misses: int) -> None:
        with self._lock:
            counts = self.counts.setdefault(region, [0, 0])
            counts[0] += hits
            counts[1] += misses
            is_late = time.monotonic() - self._flushed_at > FLUSH_SECONDS
            is_enough = sum(counts) >= FLUSH_LOOKUPS
        if is_late or is_enough:
            self.flush()

    def flush(self) -> None:
        with self._lock:
            counts, self.counts = self.counts, {}
            self._flushed_at = time.monotonic()
        store = caches["default"]
        for region, numbers in counts.items():
            for kind, number in zip(KINDS, numbers, strict=True):
                _add(store, f"{kind}:{region}", number)

    def forget(self, region: str) -> None:
        with self._lock:
            self.counts.pop(region, None)


_counter = _Counter()


def count(region: str, *, hits: int = 0, misses: int = 0) -> None:
    """Count look-ups."""
    _counter.count(region, hits, misses)


def flush() -> None:
    """Add what this process counted to what the cache keeps."""
    _counter.flush()


def forget(region: str) -> None:
    """Begin counting anew."""
    _counter.forget(region)
    caches["default"].delete_many([_key(kind, region) for kind in KINDS])


def regions() -> set[str]:
    """The regions in which something was looked up, with entries or without."""
    store = caches["default"]
    keys = store.region_keys(USAGE) if isinstance(store, RegionCache) else ()
    return {key.partition(":")[2] for key in keys}


def usage_of(names: list[str]) -> dict[str, Usage]:
    """The look-ups in these regions."""
    keys = {(name, kind): _key(kind, name) for name in names for kind in KINDS}
    found = caches["default"].get_many(list(keys.values()))
    return {
        name: Usage(*(_number(found.get(keys[name, kind])) for kind in KINDS))
        for name in names
    }


def _key(kind: str, region: str) -> str:
    return inside(USAGE, f"{kind}:{region}")


def _number(stored: object) -> int:
    return stored if isinstance(stored, int) else 0


def _add(store: BaseCache, name: str, number: int) -> None:
    key = inside(USAGE, name)
    if not number or store.add(key, number, timeout=None):
        return
    try:
        store.incr(key, number)
    except (ValueError, TypeError):
        # Gone meanwhile, or the cache is: these few are not worth more.
        return


def _forget_parent() -> None:
    # What the process this one was forked from has counted, it tells itself.
    global _counter
    _counter = _Counter()


os.register_at_fork(after_in_child=_forget_parent)
