"""`fresh`: a function whose results are kept, each computed once for all who ask.

@fresh(cache=cache, key_func=lambda tmdb_id: f"movie_{tmdb_id}")
def get_movie_detail(tmdb_id: int) -> dict: ...

get_movie_detail(550)               # computed, then from the cache
get_movie_detail.refresh(550)       # computed again, and kept
get_movie_detail.invalidate(550)    # forgotten
"""

from __future__ import annotations

import asyncio
import copy
import inspect
import time
from functools import update_wrapper
from threading import get_ident
from types import MethodType
from typing import (
    TYPE_CHECKING,
    Any,
    Concatenate,
    Generic,
    ParamSpec,
    Protocol,
    Self,
    TypeVar,
    cast,
    overload,
)

from asgiref.sync import markcoroutinefunction
from django.core.cache import caches

from core.cache import leases
from core.cache.filecache import MISSING, OWN, AsyncFileCache, FileCache, in_thread
from core.cache.flights import Abandoned, Flight, flights
from core.cache.regions import inside

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Iterator

    from core.cache.leases import Lease

P = ParamSpec("P")
Q = ParamSpec("Q")
R = TypeVar("R")
T = TypeVar("T")

FIRST_PAUSE, LONGEST_PAUSE = 0.005, 0.1
"""Seconds between two looks at what another process computes."""
TRIES = 3
"""A cache that takes no lease although nobody holds one is done without."""


class _Decorator(Protocol):
    @overload
    def __call__(  # type: ignore[overload-overlap]  # the first is the narrower one
        self, func: Callable[P, Coroutine[Any, Any, R]]
    ) -> AsyncFresh[P, R]: ...

    @overload
    def __call__(self, func: Callable[P, R]) -> Fresh[P, R]: ...


def fresh(
    *,
    cache: FileCache | AsyncFileCache,
    key_func: Callable[..., str],
    ttl: float | None = None,
) -> _Decorator:
    """Keep what a function returns, under the key that `key_func` makes of arguments.

    For functions, methods (whose instances share the results: `key_func` does not get
    `self`) and coroutine functions. `ttl` in seconds; without it, the cache's. None is
    kept, exceptions are not. However many threads, tasks and processes ask at the same
    moment, one computes; should its process die, another does, seconds later.
    """
    plain = cache.plain if isinstance(cache, AsyncFileCache) else cache

    def decorate(func: Callable[..., Any]) -> Any:
        kind = AsyncFresh if inspect.iscoroutinefunction(func) else Fresh
        return kind(func, plain, key_func, OWN if ttl is None else ttl)

    return cast("_Decorator", decorate)


class _Kept(Generic[P, R]):
    """What both kinds have in common."""

    _is_async = False

    def __init__(
        self,
        func: Callable[..., Any],
        cache: FileCache,
        key_func: Callable[..., str],
        ttl: Any,
    ) -> None:
        update_wrapper(cast("Callable[..., Any]", self), func)
        self._func = func
        self._cache, self._key_func, self._ttl = cache, key_func, ttl
        first = next(iter(inspect.signature(func).parameters), "")
        self._skipped = int(first in {"self", "cls"})

    def _bound_to(self, instance: object) -> Self:
        bound = copy.copy(self)
        bound._func = MethodType(self._func, instance)  # noqa: SLF001  our own
        bound._skipped = 0  # noqa: SLF001
        return bound

    def _key(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
        return self._key_func(*args[self._skipped :], **kwargs)

    def _at(self, key: str) -> str:
        return inside(self._cache.cache_name, key)

    def _peek(self, key: str) -> Any:
        """What is kept, without counting it as a look-up."""
        return caches["default"].get(self._at(key), MISSING)

    def _flight_name(self, key: str) -> tuple[str, bool]:
        # Apart: a waiting thread must not keep a task of its own event loop from
        # computing what it waits for.
        return self._at(key), self._is_async

    def _keep(self, key: str, value: Any, flight: Flight, lease: Lease | None) -> None:
        if not flight.is_forgotten and (lease is None or lease.is_held()):
            self._cache.set(key, value, self._ttl)

    def _store(self, key: str, value: Any) -> None:
        self._cache.set(key, value, self._ttl)

    def _forget(self, key: str) -> None:
        """Forget the value, and what is being computed at the moment."""
        flights.forget((self._at(key), False), (self._at(key), True))
        leases.revoke(self._at(key))
        self._cache.delete(key)

    def _is_done_without(self, key: str, tried: int) -> bool:
        """Whether no lease can be had, although nobody holds it."""
        if getattr(caches["default"], "problem", ""):
            return True
        return tried >= TRIES and not leases.is_leased(self._at(key))


class Fresh(_Kept[P, R]):
    """A function whose results are kept."""

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """The result, kept or computed."""
        key = self._key(args, kwargs)
        found: R = self._cache.get(key, MISSING)
        if found is not MISSING:
            return found
        return self._once(key, lambda: self._func(*args, **kwargs))

    def refresh(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """The result, computed now and kept."""
        key = self._key(args, kwargs)
        self._forget(key)
        value: R = self._func(*args, **kwargs)
        self._store(key, value)
        return value

    def invalidate(self, *args: P.args, **kwargs: P.kwargs) -> None:
        """Forget the result: the next call computes it."""
        self._forget(self._key(args, kwargs))

    def __get__(
        self: Fresh[Concatenate[T, Q], R], instance: T, owner: object = None
    ) -> Fresh[Q, R]:
        return cast(
            "Fresh[Q, R]", self if instance is None else self._bound_to(instance)
        )

    def _once(self, key: str, compute: Callable[[], R]) -> R:
        name, here = self._flight_name(key), get_ident()
        while True:
            flight, is_ours = flights.join(name, here)
            if is_ours:
                return self._fly(key, flight, compute)
            if flight.owner == here:
                # It asks for itself.
                return compute()
            try:
                return cast("R", flight.wait())
            except Abandoned:
                continue

    def _fly(self, key: str, flight: Flight, compute: Callable[[], R]) -> R:
        name = self._flight_name(key)
        try:
            value = self._under_lease(key, flight, compute)
            flights.land(name, flight, value)
        except BaseException as error:
            flights.fail(name, flight, error)
            raise
        return value

    def _under_lease(self, key: str, flight: Flight, compute: Callable[[], R]) -> R:
        lease = leases.lease_on(self._at(key))
        try:
            for tried, pause in enumerate(_pauses()):
                is_acquired = lease.acquire()
                # Kept since we looked, by the one who had the lease.
                if (found := self._peek(key)) is not MISSING:
                    return cast("R", found)
                if is_acquired or self._is_done_without(key, tried):
                    break
                time.sleep(pause)
            value = compute()
            self._keep(key, value, flight, lease if is_acquired else None)
            return value
        finally:
            lease.release()


class AsyncFresh(_Kept[P, R]):
    """A coroutine function whose results are kept."""

    _is_async = True

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        markcoroutinefunction(self)

    async def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """The result, kept or computed."""
        key = self._key(args, kwargs)
        found: R = await in_thread(self._cache.get, key, MISSING)
        if found is not MISSING:
            return found
        return await self._once(key, lambda: self._func(*args, **kwargs))

    async def refresh(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """The result, computed now and kept."""
        key = self._key(args, kwargs)
        await in_thread(self._forget, key)
        value: R = await self._func(*args, **kwargs)
        await in_thread(self._store, key, value)
        return value

    async def invalidate(self, *args: P.args, **kwargs: P.kwargs) -> None:
        """Forget the result: the next call computes it."""
        await in_thread(self._forget, self._key(args, kwargs))

    def __get__(
        self: AsyncFresh[Concatenate[T, Q], R], instance: T, owner: object = None
    ) -> AsyncFresh[Q, R]:
        found = self if instance is None else self._bound_to(instance)
        return cast("AsyncFresh[Q, R]", found)

    async def _once(self, key: str, compute: Callable[[], Awaitable[R]]) -> R:
        name, here = self._flight_name(key), asyncio.current_task()
        while True:
            flight, is_ours = flights.join(name, here)
            if is_ours:
                return await self._fly(key, flight, compute)
            if flight.owner is here:
                # It asks for itself.
                return await compute()
            try:
                return cast("R", await _landing(flight))
            except Abandoned:
                continue

    async def _fly(
        self, key: str, flight: Flight, compute: Callable[[], Awaitable[R]]
    ) -> R:
        name = self._flight_name(key)
        try:
            value = await self._under_lease(key, flight, compute)
            flights.land(name, flight, value)
        except BaseException as error:
            flights.fail(name, flight, error)
            raise
        return value

    async def _under_lease(
        self, key: str, flight: Flight, compute: Callable[[], Awaitable[R]]
    ) -> R:
        lease = leases.lease_on(self._at(key))
        try:
            for tried, pause in enumerate(_pauses()):
                is_acquired = await in_thread(lease.acquire)
                # Kept since we looked, by the one who had the lease.
                if (found := await in_thread(self._peek, key)) is not MISSING:
                    return cast("R", found)
                if is_acquired or await in_thread(self._is_done_without, key, tried):
                    break
                await asyncio.sleep(pause)
            value = await compute()
            held = lease if is_acquired else None
            await in_thread(self._keep, key, value, flight, held)
            return value
        finally:
            await in_thread(lease.release)


async def _landing(flight: Flight) -> Any:
    """Wait for another task; being cancelled meanwhile is not its affair."""
    future = asyncio.wrap_future(flight.landed)
    # Its exception is known to those who still wait.
    future.add_done_callback(lambda done: done.cancelled() or done.exception())
    await asyncio.shield(future)
    return flight.wait()


def _pauses() -> Iterator[float]:
    pause = FIRST_PAUSE
    while True:
        yield pause
        pause = min(pause * 1.5, LONGEST_PAUSE)
