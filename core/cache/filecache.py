"""Caches with a name: a region of Django's cache, in a file or in Redis.

    cache = FileCache(cache_name="tmdb", ttl=3600)
    cache.set("movie_550", {"title": "Fight Club"})
    cache.get("movie_550")

Keys are any text. Values are what JSON has, and bytes; anything else is refused. None
is a value. Whether entries are in a file or in Redis is a matter of settings alone.
"""

from __future__ import annotations

import asyncio
from itertools import islice
from typing import TYPE_CHECKING, Any, overload

from django.core.cache import caches

from core.cache import usage
from core.cache.regions import RegionCache, inside

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping
    from typing import ParamSpec, TypeVar

    from django.core.cache.backends.base import BaseCache

    P = ParamSpec("P")
    R = TypeVar("R")

MISSING: Any = object()
"""Says that there is no value, where None may be one."""
OWN: Any = object()
"""The ttl of the cache itself."""
MANY = 500
"""Values fetched at a time."""


class FileCache:
    """A cache with a name; `ttl` in seconds, None for entries that do not expire."""

    def __init__(self, cache_name: str = "default", ttl: float | None = None) -> None:
        if not cache_name or cache_name.startswith("_"):
            raise ValueError(f"{cache_name!r} is no name for a cache")
        self.cache_name = cache_name
        self.ttl = ttl

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.cache_name!r}, ttl={self.ttl!r})"

    def get(self, key: str, default: Any = None) -> Any:
        """The value, or `default` where there is none or it has expired."""
        found = self._store.get(self._at(key), MISSING)
        is_hit = found is not MISSING
        usage.count(self.cache_name, hits=is_hit, misses=not is_hit)
        return found if is_hit else default

    def set(self, key: str, value: Any, ttl: float | None = OWN) -> None:
        """Keep a value; `ttl` in seconds, None for ever.

        Raises TypeError for a type that would come back as another one, and ValueError
        for an integer of more than 64 bits or text that is none.
        """
        self._store.set(self._at(key), value, self._timeout(ttl))

    def exists(self, key: str) -> bool:
        """Whether there is a value."""
        return self._store.has_key(self._at(key))

    def delete(self, key: str) -> None:
        """Forget a value, if there is one."""
        self._store.delete(self._at(key))

    def clear(self) -> None:
        """Forget all values of this cache; others keep theirs."""
        self._regions.clear_region(self.cache_name)
        usage.forget(self.cache_name)

    def keys(self) -> list[str]:
        """The keys, in no order."""
        return list(self._regions.region_keys(self.cache_name))

    def items(self) -> Iterator[tuple[str, Any]]:
        """Keys and values; what expires meanwhile is left out."""
        keys = iter(self.keys())
        while some := list(islice(keys, MANY)):
            found = self._store.get_many([self._at(key) for key in some])
            for key in some:
                value = found.get(self._at(key), MISSING)
                if value is not MISSING:
                    yield key, value

    def values(self) -> Iterator[Any]:
        """The values."""
        return (value for _key, value in self.items())

    def update(self, values: Mapping[str, Any], ttl: float | None = OWN) -> None:
        """Keep several values."""
        given = {self._at(key): value for key, value in values.items()}
        self._store.set_many(given, self._timeout(ttl))

    @overload
    def pop(self, key: str) -> Any: ...

    @overload
    def pop(self, key: str, default: Any) -> Any: ...

    def pop(self, key: str, default: Any = MISSING) -> Any:
        """Take a value out: of several callers, one gets it.

        Raises KeyError where there is none and no default.
        """
        found = self._taken(key)
        if found is not MISSING:
            return found
        if default is MISSING:
            raise KeyError(key)
        return default

    def popitem(self) -> tuple[str, Any]:
        """Take any value out, with its key. Raises KeyError where there is none."""
        for key in self._regions.region_keys(self.cache_name):
            found = self._taken(key)
            if found is not MISSING:
                return key, found
        raise KeyError(f"{self.cache_name} is empty")

    def _taken(self, key: str) -> Any:
        at = self._at(key)
        found = self._store.get(at, MISSING)
        # Who deletes it has it.
        is_ours = found is not MISSING and self._store.delete(at)
        return found if is_ours else MISSING

    def setdefault(self, key: str, default: Any = None, ttl: float | None = OWN) -> Any:
        """The value; `default`, which is kept, where there is none."""
        at = self._at(key)
        if self._store.add(at, default, self._timeout(ttl)):
            return default
        return self._store.get(at, default)

    def close(self) -> None:
        """Nothing is lost, and it may be used again: for callers that close things."""
        self._store.close()

    def __getitem__(self, key: str) -> Any:
        found = self.get(key, MISSING)
        if found is MISSING:
            raise KeyError(key)
        return found

    def __setitem__(self, key: str, value: Any) -> None:
        self.set(key, value)

    def __delitem__(self, key: str) -> None:
        if not self._store.delete(self._at(key)):
            raise KeyError(key)

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self.exists(key)

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def __len__(self) -> int:
        return len(self.keys())

    def __bool__(self) -> bool:
        # An empty cache is a cache.
        return True

    @property
    def _store(self) -> BaseCache:
        # Looked up each time: it belongs to the thread.
        return caches["default"]

    @property
    def _regions(self) -> RegionCache:
        store = self._store
        if not isinstance(store, RegionCache):
            raise NotImplementedError(f"{type(store).__name__} has no regions")
        return store

    def _at(self, key: str) -> str:
        if not isinstance(key, str):
            # A number would come back from keys() as text.
            raise TypeError(f"A key is a str, not {type(key).__name__}: {key!r}")
        return inside(self.cache_name, key)

    def _timeout(self, ttl: float | None) -> float | None:
        return self.ttl if ttl is OWN else ttl


class AsyncFileCache:
    """The same for callers that await: nothing here blocks the event loop."""

    def __init__(self, cache_name: str = "default", ttl: float | None = None) -> None:
        self.plain = FileCache(cache_name, ttl)
        self.cache_name, self.ttl = cache_name, ttl

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.cache_name!r}, ttl={self.ttl!r})"

    async def get(self, key: str, default: Any = None) -> Any:
        """See FileCache, as with all others."""
        return await in_thread(self.plain.get, key, default)

    async def set(self, key: str, value: Any, ttl: float | None = OWN) -> None:
        await in_thread(self.plain.set, key, value, ttl)

    async def exists(self, key: str) -> bool:
        return await in_thread(self.plain.exists, key)

    async def delete(self, key: str) -> None:
        await in_thread(self.plain.delete, key)

    async def clear(self) -> None:
        await in_thread(self.plain.clear)

    async def keys(self) -> list[str]:
        return await in_thread(self.plain.keys)

    async def items(self) -> list[tuple[str, Any]]:
        return await in_thread(lambda: list(self.plain.items()))

    async def values(self) -> list[Any]:
        return await in_thread(lambda: list(self.plain.values()))

    async def update(self, values: Mapping[str, Any], ttl: float | None = OWN) -> None:
        await in_thread(self.plain.update, values, ttl)

    async def pop(self, key: str, default: Any = MISSING) -> Any:
        return await in_thread(self.plain.pop, key, default)

    async def popitem(self) -> tuple[str, Any]:
        return await in_thread(self.plain.popitem)

    async def setdefault(
        self, key: str, default: Any = None, ttl: float | None = OWN
    ) -> Any:
        return await in_thread(self.plain.setdefault, key, default, ttl)

    async def close(self) -> None:
        await in_thread(self.plain.close)

    async def __aiter__(self) -> AsyncIterator[str]:
        for key in await self.keys():
            yield key


async def in_thread(call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Call in a thread of its own, with this task's context."""
    return await asyncio.to_thread(call, *args, **kwargs)
