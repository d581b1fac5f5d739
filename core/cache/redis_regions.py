"""Regions of a cache in Redis: found by what their keys begin with."""

from __future__ import annotations

import re
import time
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from django_redis.exceptions import ConnectionInterrupted
from redis.exceptions import RedisError

from core.cache.regions import Region, key_text, parted, start_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from redis import Redis

SCANNED = 1000
"""Keys that Redis looks at in one step: it does nothing else meanwhile."""
SAMPLE = 2000
"""Keys of a region that are asked for size and expiry."""


class RegionsOfRedis:
    """The keys that begin with `start` (our prefix and version), by region."""

    def __init__(self, client: Redis, start: str, prefix: str) -> None:
        self._client = client
        self._start = start
        self._prefix = prefix

    def all(self) -> list[Region]:
        """Every region with entries."""
        keys: dict[str, list[bytes]] = defaultdict(list)
        for key in set(self._scan(self._start)):
            keys[parted(self._bare(key))[0]].append(key)
        return [self._region(name, found) for name, found in keys.items()]

    def keys(self, name: str) -> set[str]:
        """The keys of a region."""
        found = set(self._scan(f"{self._start}{start_of(name)}"))
        return {parted(self._bare(key))[1] for key in found}

    def clear(self, name: str) -> None:
        """Remove a region's entries."""
        self._remove(self._scan(f"{self._start}{start_of(name)}"))

    def clear_all(self) -> None:
        """Remove all keys with our prefix."""
        self._remove(self._scan(f"{self._prefix}:"))

    def _scan(self, start: str) -> Iterator[bytes]:
        try:
            yield from self._client.scan_iter(
                match=f"{_escaped(start)}*", count=SCANNED
            )
        except (RedisError, OSError) as error:
            raise ConnectionInterrupted(connection=self._client) from error

    def _remove(self, keys: Iterable[bytes]) -> None:
        many: list[bytes] = []
        for key in keys:
            many.append(key)
            if len(many) == SCANNED:
                self._unlink(many)
                many = []
        self._unlink(many)

    def _unlink(self, keys: list[bytes]) -> None:
        try:
            if keys:
                self._client.unlink(*keys)
        except (RedisError, OSError) as error:
            raise ConnectionInterrupted(connection=self._client) from error

    def _region(self, name: str, keys: list[bytes]) -> Region:
        sample = keys[:SAMPLE]
        sizes, left = self._facts(sample)
        size = sum(sizes) + sum(map(len, sample))
        expiries = [time.time() + each / 1000 for each in left if each >= 0]
        return Region(
            name,
            entries=len(keys),
            size=size * len(keys) // len(sample),
            first_expiry=min(expiries, default=None),
            last_expiry=max(expiries, default=None),
            is_estimate=len(keys) > len(sample),
        )

    def _facts(self, keys: list[bytes]) -> tuple[list[int], list[int]]:
        """Bytes of the values, and the milliseconds they have left."""
        pipeline = self._client.pipeline(transaction=False)
        for key in keys:
            pipeline.strlen(key)
            pipeline.pttl(key)
        try:
            # A key of another type has no length.
            answers = pipeline.execute(raise_on_error=False)
        except (RedisError, OSError) as error:
            raise ConnectionInterrupted(connection=self._client) from error
        known: list[Any] = [each if isinstance(each, int) else 0 for each in answers]
        return known[::2], known[1::2]

    def _bare(self, key: bytes) -> str:
        return key_text(key)[len(self._start) :]


def _escaped(text: str) -> str:
    """The text as a pattern that matches only itself."""
    return re.sub(r"([*?\[\]\\^-])", r"\\\1", text)
