"""Redis: only our own keys, nothing unpickled, and it may go and come back."""

from __future__ import annotations

import logging
import os
import shutil
import signal
import socket
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
import redis
from django.core.cache import CacheHandler, caches

from core.cache import FileCache, fresh
from core.cache.redis import Pool
from core.cache.tests.bomb import bomb
from core.cache.tests.conftest import bound
from core.tests.support.servers import free_port, unavailable, wait_until
from mpadmin.caches import cache_settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from django.core.cache.backends.base import BaseCache

SECRET = "synthetic-password-1"


@contextmanager
def running(port: int) -> Iterator[subprocess.Popen[bytes]]:
    """A Redis on this port, until the block is left."""
    program = shutil.which("redis-server")
    if program is None:
        unavailable("redis-server is not installed")
    options = f"--port {port} --bind 127.0.0.1 --appendonly no --requirepass {SECRET}"
    process = subprocess.Popen(
        [str(program), *options.split(), "--save", ""], stdout=subprocess.DEVNULL
    )
    with redis.Redis(port=port, password=SECRET) as client:
        assert wait_until(client.ping, lambda: process.poll() is None)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGCONT)
        process.terminate()
        process.wait(15)


def settings_of(port: int, folder: Path) -> dict[str, str]:
    """The environment for a Redis on this port."""
    given = {"REDIS_HOST": "127.0.0.1", "REDIS_PORT": str(port)}
    return {**given, "REDIS_PASSWORD": SECRET}


def pool_of(cache: Any) -> Pool:
    pool: Pool = cache.client.pool
    return pool


@pytest.fixture
def raw(redis_url: str) -> Iterator[redis.Redis]:
    """Redis as another program sees it."""
    with redis.Redis.from_url(redis_url) as client:
        yield client


def everything(cache: BaseCache) -> None:
    """Every operation, none of which may raise or find anything."""
    cache.set("key", 1)
    assert cache.get("key", 7) == 7
    assert cache.add("key", 1) is False
    assert cache.has_key("key") is False
    assert cache.touch("key") is False
    assert cache.delete("key") is False
    assert cache.get_many(["key"]) == {}
    assert cache.set_many({"key": 1}) == ["key"]
    assert cache.get_or_set("key", 3) == 3
    cache.delete_many(["key"])
    cache.clear()
    cache.clear_region("region")  # type: ignore[attr-defined]
    assert list(cache.region_keys("region")) == cache.regions() == []  # type: ignore[attr-defined]
    for count in (cache.incr, cache.decr):
        with pytest.raises(ValueError, match="not found"):
            count("key")


def test_it_goes_and_comes_back(tmp_path: Path, caplog: Any) -> None:
    port = free_port()
    with bound(settings_of(port, tmp_path), tmp_path):
        kept = caches["default"]
        outage = pool_of(kept).outage
        outage.pause = 0.3
        with caplog.at_level(logging.WARNING):
            with running(port):
                kept.set("key", 1)
                assert kept.get("key") == 1
            everything(kept)
            assert kept.problem  # type: ignore[attr-defined]
            with running(port):
                time.sleep(0.4)
                kept.set("key", 2)
                assert kept.get("key") == 2
                assert not kept.problem  # type: ignore[attr-defined]

    gone, back = [each.getMessage() for each in caplog.records]
    assert "cannot be used" in gone
    assert "can be used again" in back
    assert f"127.0.0.1:{port}/0" in gone
    assert SECRET not in caplog.text


def test_a_dead_host_is_asked_once_in_a_while(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with bound(settings_of(port, tmp_path), tmp_path):
            kept = caches["default"]
            # It takes connections and never says a word.
            for _ in range(20):
                everything(kept)
        server.settimeout(0)
        server.accept()[0].close()
        with pytest.raises(BlockingIOError):
            server.accept()


def test_a_server_that_hangs_is_left_alone(tmp_path: Path, caplog: Any) -> None:
    port = free_port()
    with (
        running(port) as process,
        bound(settings_of(port, tmp_path), tmp_path),
        caplog.at_level(logging.WARNING),
    ):
        kept = caches["default"]
        kept.set("key", 1)
        process.send_signal(signal.SIGSTOP)

        assert kept.get("key") is None
        everything(kept)

        assert len(caplog.records) == 1


def test_a_wrong_password_is_an_outage(tmp_path: Path, caplog: Any) -> None:
    port = free_port()
    wrong = {**settings_of(port, tmp_path), "REDIS_PASSWORD": "synthetic-wrong-1"}
    with (
        running(port),
        bound(wrong, tmp_path),
        caplog.at_level(logging.WARNING),
    ):
        everything(caches["default"])

    assert len(caplog.records) == 1
    assert "synthetic" not in caplog.text


def test_results_are_computed_once_without_redis(tmp_path: Path) -> None:
    calls = []
    with bound(settings_of(free_port(), tmp_path), tmp_path):

        @fresh(cache=FileCache("tmdb", ttl=60), key_func=str)
        def ask(number: int) -> int:
            calls.append(number)
            return number

        assert [ask(1), ask(1), ask.refresh(1)] == [1, 1, 1]
        ask.invalidate(1)

    assert calls == [1, 1, 1]


def test_threads_wait_for_one_another_without_redis(tmp_path: Path) -> None:
    calls = []
    with bound(settings_of(free_port(), tmp_path), tmp_path):

        @fresh(cache=FileCache("tmdb", ttl=60), key_func=str)
        def ask(number: int) -> int:
            calls.append(number)
            time.sleep(0.5)
            return number

        with ThreadPoolExecutor(4) as pool:
            assert list(pool.map(ask, [1] * 4)) == [1] * 4

    assert calls == [1]


def test_a_redis_that_refuses_to_write_is_said_once(
    tmp_path: Path, caplog: Any
) -> None:
    port = free_port()
    with (
        running(port),
        bound(settings_of(port, tmp_path), tmp_path),
        redis.Redis(port=port, password=SECRET) as client,
        caplog.at_level(logging.WARNING),
    ):
        kept = caches["default"]
        kept.set("before", 1)
        client.config_set("maxmemory", "1")
        for _ in range(3):
            kept.set("key", "x" * 1000)
            assert kept.get("key") is None
        assert kept.get("before") == 1

    assert len(caplog.records) == 1
    assert "refuses" in caplog.text


def test_clearing_leaves_other_programs_keys(
    redis_cache: BaseCache, raw: redis.Redis
) -> None:
    others = {
        b"region:DEFAULT:key:theirs": b"kept",
        b"mpadmin2:1:a": b"kept",
        b"mpadmi": b"kept",
    }
    raw.mset(others)
    many = {f"@big:{number}": number for number in range(2500)}
    redis_cache.set_many({**many, "plain": 1, "@other*:1": 1})

    redis_cache.clear_region("big")  # type: ignore[attr-defined]
    assert redis_cache.get_many(["plain", "@big:1"]) == {"plain": 1}
    redis_cache.clear()

    assert list(raw.scan_iter("mpadmin:*")) == []
    assert raw.mget(list(others)) == list(others.values())
    raw.delete(*others)


def test_no_command_touches_the_whole_server(
    redis_cache: BaseCache, raw: redis.Redis
) -> None:
    raw.config_resetstat()

    redis_cache.set("@a:key", 1)
    redis_cache.regions()  # type: ignore[attr-defined]
    redis_cache.clear_region("a")  # type: ignore[attr-defined]
    redis_cache.clear()

    commands = {name.removeprefix("cmdstat_") for name in raw.info("commandstats")}
    assert not {each for each in commands if each.startswith(("flush", "config|set"))}
    assert "keys" not in commands


def test_a_pickle_in_redis_is_never_loaded(
    redis_cache: BaseCache, raw: redis.Redis, tmp_path: Path
) -> None:
    stored = redis_cache.make_key("key")
    for packed in (bomb(tmp_path / "exploded"), b"PICKLE\x00...", b"{'a': 1}", b""):
        raw.set(stored, packed)

        assert redis_cache.get("key", "nothing") == "nothing"
        assert redis_cache.get_many(["key"]) == {}
        with pytest.raises(ValueError, match="not found"):
            redis_cache.incr("key")

    assert not (tmp_path / "exploded").exists()
    redis_cache.set("key", 2)
    assert redis_cache.get("key") == 2


def test_a_key_of_another_kind_is_a_miss(
    redis_cache: BaseCache, raw: redis.Redis
) -> None:
    raw.lpush(redis_cache.make_key("@a:list"), "1")

    assert redis_cache.get("@a:list") is None
    assert redis_cache.get_many(["@a:list"]) == {}
    assert [each.entries for each in redis_cache.regions()] == [1]  # type: ignore[attr-defined]
    redis_cache.set("@a:list", 1)
    assert redis_cache.get("@a:list") == 1


def test_a_large_region_is_estimated(redis_cache: BaseCache) -> None:
    redis_cache.set_many({f"@big:{number:05}": "x" * 99 for number in range(3000)}, 60)

    (found,) = redis_cache.regions()  # type: ignore[attr-defined]

    assert (found.entries, found.is_estimate) == (3000, True)
    assert found.size == 3000 * (len("mpadmin:1:@big:00000") + 101)


def test_the_place_has_no_password(redis_url: str, tmp_path: Path) -> None:
    login = redis_url.replace("redis://", f"redis://:{SECRET}@")
    made = cache_settings({"REDIS_URL": login}, tmp_path)

    place = CacheHandler({"default": made})["default"].place

    assert place == redis_url.removeprefix("redis://")


def test_a_forked_process_has_connections_of_its_own(redis_cache: BaseCache) -> None:
    redis_cache.set("count", 0)

    children = []
    for _ in range(3):
        child = os.fork()
        if not child:
            for _ in range(20):
                redis_cache.incr("count")
            os._exit(0)
        children.append(child)
    for each in children:
        os.waitpid(each, 0)

    assert redis_cache.get("count") == 60


def test_keys_that_are_no_text_are_listed_too(
    redis_cache: BaseCache, raw: redis.Redis
) -> None:
    raw.set(b"mpadmin:1:@a:\xff", "1")

    assert [each.name for each in redis_cache.regions()] == ["a"]  # type: ignore[attr-defined]
    assert list(redis_cache.region_keys("a")) == ["\ufffd"]  # type: ignore[attr-defined]
