"""Redis as Django's cache: only our own keys, only msgpack, and it may be down.

A page never fails or waits because of Redis: whatever goes wrong is a miss, and a
server that does not answer is left alone for some seconds (core.cache.outage).
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import redis
from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django_redis.cache import RedisCache as DjangoRedisCache
from django_redis.cache import omit_exception
from django_redis.client import DefaultClient
from django_redis.exceptions import ConnectionInterrupted
from redis.client import Pipeline

from core.cache import values
from core.cache.outage import Outage
from core.cache.redis_regions import RegionsOfRedis

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from core.cache.regions import Region

GONE = (redis.ConnectionError, redis.TimeoutError, OSError)
REFUSALS = (
    redis.exceptions.OutOfMemoryError,
    redis.exceptions.ReadOnlyError,
    redis.exceptions.NoPermissionError,
)
NUMBER = re.compile(rb"-?[0-9]{1,20}")
"""An integer is kept as Redis counts with it; msgpack of other values begins higher."""


class RedisCache(DjangoRedisCache):
    """django-redis's cache, with Django's contract also while Redis is down."""

    kind = "Redis"

    def add(self, *args: Any, **kwargs: Any) -> bool:
        """Keep a value where there is none; whether it was kept."""
        return bool(super().add(*args, **kwargs))

    def has_key(self, *args: Any, **kwargs: Any) -> bool:
        """Whether there is a value."""
        return bool(super().has_key(*args, **kwargs))

    def touch(self, *args: Any, **kwargs: Any) -> bool:
        """Let a value expire at another time; whether there is one."""
        return bool(super().touch(*args, **kwargs))

    def delete(self, *args: Any, **kwargs: Any) -> bool:
        """Forget a value; whether there was one."""
        return bool(super().delete(*args, **kwargs))

    def get_many(
        self, keys: Iterable[str], *args: Any, **kwargs: Any
    ) -> dict[str, Any]:
        """The values of those keys that have one."""
        return dict(super().get_many(list(keys), *args, **kwargs))

    def set_many(self, data: dict[str, Any], *args: Any, **kwargs: Any) -> list[str]:
        """Keep all values; the keys of those that were not kept."""
        return [] if self._set_many(data, *args, **kwargs) else list(data)

    @omit_exception
    def _set_many(self, *args: Any, **kwargs: Any) -> bool:
        self.client.set_many(*args, **kwargs)
        return True

    def incr(self, key: str, *args: Any, **kwargs: Any) -> int:
        """Add to a value. Raises ValueError where there is none."""
        found = super().incr(key, *args, **kwargs)
        if found is None:
            raise ValueError(f"Key {key!r} not found")
        return int(found)

    def decr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        """Subtract from a value. Raises ValueError where there is none."""
        return self.incr(key, -delta, version=version)

    @property
    def place(self) -> str:
        """The server and its database."""
        return str(self.client.pool.place)

    @property
    def problem(self) -> str:
        """Why Redis cannot be used; asked now."""
        self._ping()
        return str(self.client.pool.outage.reason)

    @omit_exception
    def _ping(self) -> None:
        self.client.ping()

    @omit_exception(return_value=[])
    def regions(self) -> list[Region]:
        """Every region with entries."""
        found: list[Region] = self.client.regions.all()
        return found

    def region_keys(self, name: str) -> Iterator[str]:
        """The keys of a region. What is kept or forgotten meanwhile may be missing."""
        yield from self._region_keys(name)

    @omit_exception(return_value=())
    def _region_keys(self, name: str) -> Iterable[str]:
        found: set[str] = self.client.regions.keys(name)
        return found

    @omit_exception
    def clear_region(self, name: str) -> None:
        """Remove all entries of a region."""
        self.client.regions.clear(name)


class OwnKeysClient(DefaultClient):
    """django-redis's client, whose `clear` would empty the whole Redis database."""

    @property
    def pool(self) -> Pool:
        """The connections to the server."""
        pool: Pool = self.get_client().connection_pool
        return pool

    @property
    def regions(self) -> RegionsOfRedis:
        """What is listed and cleared by name."""
        start = str(self.make_key(""))
        return RegionsOfRedis(self.get_client(), start, self._backend.key_prefix)

    def ping(self) -> None:
        """Raise ConnectionInterrupted where there is no Redis."""
        with _interrupted(self.get_client()) as client:
            client.ping()

    def clear(self, client: Any = None) -> None:
        """Remove the keys with our prefix; MoviePilot's may be beside them."""
        self.regions.clear_all()

    def touch(
        self,
        key: str,
        timeout: float | None = DEFAULT_TIMEOUT,
        version: int | None = None,
        client: Any = None,
    ) -> bool:
        """As django-redis does it, whose own tells nobody that Redis is down."""
        with _interrupted(client or self.get_client()) as client:
            return bool(super().touch(key, timeout, version=version, client=client))

    def get(
        self,
        key: str,
        default: Any = None,
        version: int | None = None,
        client: Any = None,
    ) -> Any:
        """The value, or `default`; also for what is not ours."""
        try:
            return super().get(key, default, version=version, client=client)
        except values.Unreadable:
            return default

    def get_many(
        self, keys: Iterable[str], version: int | None = None, client: Any = None
    ) -> dict[str, Any]:
        """The values of those keys that have one of ours."""
        made = {self.make_key(key, version=version): key for key in keys}
        if not made:
            return {}
        with _interrupted(client or self.get_client(write=False)) as client:
            stored = client.mget(*made)
        found = {}
        for key, value in zip(made.values(), stored, strict=True):
            try:
                if value is not None:
                    found[key] = self.decode(value)
            except values.Unreadable:
                continue
        return found

    def _incr(self, key: str, delta: int = 1, *args: Any, **kwargs: Any) -> int:
        try:
            return int(super()._incr(key, delta, *args, **kwargs))
        except TypeError:
            if self.get(key, version=kwargs.get("version")) is None:
                raise ValueError(f"Key {key!r} not found") from None
            raise

    def encode(self, value: Any, *, allow_int: bool = True) -> bytes | int:
        """The value as bytes, or as the number that Redis can count with."""
        packed = values.dumps(value)
        return value if allow_int and type(value) is int else packed

    def decode(self, value: bytes) -> Any:
        """The value. Raises Unreadable."""
        return int(value) if NUMBER.fullmatch(value) else values.loads(value)


class Pool(redis.ConnectionPool):
    """Connections to one server, and whether it answers."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.place = _place(self.connection_kwargs)
        self.outage = Outage(self.place)


class WatchedRedis(redis.Redis):
    """Redis, not asked while it is known to be down."""

    def execute_command(self, *args: Any, **options: Any) -> Any:
        """Ask it."""
        with _watched(self.connection_pool):
            return super().execute_command(*args, **options)

    def pipeline(self, transaction: bool = True, shard_hint: Any = None) -> Pipeline:  # noqa: FBT001, FBT002  redis-py's
        """Many commands at once."""
        return WatchedPipeline(
            self.connection_pool, self.response_callbacks, transaction, shard_hint
        )


class WatchedPipeline(Pipeline):
    """The same for many commands."""

    def execute(self, raise_on_error: bool = True) -> list[Any]:  # noqa: FBT001, FBT002  redis-py's
        """Ask it."""
        with _watched(self.connection_pool):
            return super().execute(raise_on_error)


@contextmanager
def _watched(pool: redis.ConnectionPool) -> Iterator[None]:
    outage: Outage = pool.outage  # type: ignore[attr-defined]  # see Pool
    if outage.is_resting():
        raise redis.ConnectionError(outage.reason)
    try:
        yield
    except GONE as error:
        outage.begin(error)
        raise
    except REFUSALS as error:
        outage.mention(error)
        raise
    outage.end()


@contextmanager
def _interrupted(client: Any) -> Iterator[Any]:
    """Say in django-redis's way what it is to ignore."""
    try:
        yield client
    except (*GONE, redis.ResponseError) as error:
        raise ConnectionInterrupted(connection=client) from error


def _place(login: dict[str, Any]) -> str:
    """Where the server is, without name and password."""
    server = login.get("path") or "{}:{}".format(
        login.get("host", "localhost"), login.get("port", 6379)
    )
    return f"{server}/{login.get('db') or 0}"
