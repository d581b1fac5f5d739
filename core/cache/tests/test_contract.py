"""Django's documented contract of a cache, on both backends."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest
from django.core.cache import CacheHandler, caches

from mpadmin.caches import cache_settings

if TYPE_CHECKING:
    from django.core.cache.backends.base import BaseCache

AWKWARD = [
    "",
    " ",
    "a/../../b",
    "/etc/passwd",
    "nul\x00inside",
    "换行\n和：冒号:",
    "*?[abc]\\",
    "x" * 5000,
    "\ud800 alone",
    "@region:key",
]


def test_a_value_is_kept_and_forgotten(cache: BaseCache) -> None:
    assert cache.get("key") is None
    assert cache.get("key", "nothing") == "nothing"

    cache.set("key", {"count": 7, "标题": ["订阅", None, 1.5, b"\x00"]}, 60)

    assert cache.get("key") == {"count": 7, "标题": ["订阅", None, 1.5, b"\x00"]}
    assert "key" in cache
    assert cache.has_key("key")
    assert cache.delete("key") is True
    assert cache.delete("key") is False
    assert "key" not in cache


def test_none_is_a_value(cache: BaseCache) -> None:
    cache.set("key", None)

    assert cache.get("key", "nothing") is None
    assert cache.has_key("key")
    assert cache.get_or_set("key", "other") is None


def test_a_value_is_added_once(cache: BaseCache) -> None:
    assert cache.add("key", 1) is True
    assert cache.add("key", 2) is False

    assert cache.get("key") == 1


def test_an_expired_value_may_be_added_again(cache: BaseCache) -> None:
    cache.set("key", 1, 0.05)
    time.sleep(0.1)

    assert cache.add("key", 2) is True
    assert cache.get("key") == 2


def test_values_expire_when_they_are_read(cache: BaseCache) -> None:
    cache.set_many({"brief": 1, "other": 1}, 0.05)
    cache.set("kept", 1, None)
    time.sleep(0.1)

    assert cache.get("brief") is None
    assert not cache.has_key("brief")
    assert cache.get_many(["brief", "kept"]) == {"kept": 1}
    assert cache.touch("brief") is False
    assert cache.delete("brief") is False
    with pytest.raises(ValueError, match="not found"):
        cache.incr("other")


@pytest.mark.parametrize("timeout", [0, -1])
def test_a_timeout_that_is_over_keeps_nothing(cache: BaseCache, timeout: int) -> None:
    cache.set("key", 1)

    cache.set("key", 2, timeout)

    assert cache.get("key") is None
    assert cache.add("new", 1, timeout) is True
    assert cache.get("new") is None


def test_touch_changes_when_a_value_expires(cache: BaseCache) -> None:
    cache.set_many({"longer": 1, "over": 1}, 1)

    assert cache.touch("longer", 60) is True
    assert cache.touch("over", 0) is True
    assert cache.touch("missing", 60) is False

    time.sleep(1.1)
    assert cache.get("longer") == 1
    assert cache.get("over") is None


def test_numbers_are_counted(cache: BaseCache) -> None:
    cache.set("count", 41)

    assert cache.incr("count") == 42
    assert cache.incr("count", 10) == 52
    assert cache.decr("count", 50) == 2
    assert cache.get("count") == 2
    with pytest.raises(ValueError, match="not found"):
        cache.incr("missing")
    with pytest.raises(ValueError, match="not found"):
        cache.decr("missing")


def test_counting_keeps_the_expiry(cache: BaseCache) -> None:
    cache.set("count", 1, 1)

    cache.incr("count")

    time.sleep(1.1)
    assert cache.get("count") is None


def test_counting_in_threads_loses_nothing(cache: BaseCache) -> None:
    cache.set("count", 0)

    def count() -> None:
        for _ in range(50):
            caches["default"].incr("count")

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert cache.get("count") == 200


def test_many_at_once(cache: BaseCache) -> None:
    assert cache.set_many({"a": 1, "b": None, "c": [3]}) == []

    assert cache.get_many(["a", "b", "c", "d"]) == {"a": 1, "b": None, "c": [3]}
    assert cache.get_many(iter(["a", "b"])) == {"a": 1, "b": None}
    cache.delete_many(["a", "b", "d"])
    assert cache.get_many(["a", "b", "c"]) == {"c": [3]}
    assert cache.set_many({}) == []
    assert cache.get_many([]) == {}


def test_of_many_values_all_are_kept_or_none(cache: BaseCache) -> None:
    with pytest.raises(TypeError, match="tuple"):
        cache.set_many({"a": 1, "b": (1, 2)})

    assert cache.get_many(["a", "b"]) == {}


def test_versions_are_apart(cache: BaseCache) -> None:
    cache.set("key", 1)
    cache.set("key", 2, version=2)

    assert cache.get("key") == 1
    assert cache.get("key", version=2) == 2
    cache.delete("key")
    assert cache.get("key", version=2) == 2
    assert cache.decr_version("key", version=2) == 1
    assert cache.get("key") == 2
    assert cache.get("key", version=2) is None
    with pytest.raises(ValueError, match="not found"):
        cache.incr_version("missing")


def test_everything_is_cleared(cache: BaseCache) -> None:
    cache.set_many({"a": 1, "@region:b": 2})
    cache.set("a", 1, version=2)

    cache.clear()

    assert cache.get_many(["a", "@region:b"]) == {}
    assert cache.get("a", version=2) is None
    cache.set("a", 3)
    assert cache.get("a") == 3


def test_get_or_set_asks_once(cache: BaseCache) -> None:
    calls: list[int] = []

    assert cache.get_or_set("key", lambda: calls.append(1) or "made") == "made"
    assert cache.get_or_set("key", lambda: calls.append(1) or "again") == "made"
    assert calls == [1]


@pytest.mark.parametrize("key", AWKWARD)
def test_any_text_is_a_key(cache: BaseCache, key: str) -> None:
    others = {each: f"value {n}" for n, each in enumerate(AWKWARD)}
    cache.set_many(others)

    assert cache.get(key) == others[key]
    assert cache.delete(key)
    assert cache.get_many(AWKWARD) == {k: v for k, v in others.items() if k != key}


def test_prefixes_are_apart(tmp_path, cache: BaseCache) -> None:
    given = cache_settings({}, tmp_path)
    both = CacheHandler({"a": {**given, "KEY_PREFIX": "a"}, "b": given})

    both["a"].set("key", 1)

    assert both["b"].get("key") is None
    assert list(both["b"].region_keys("")) == []
    assert list(both["a"].region_keys("")) == ["key"]


async def asynchronous(cache: BaseCache) -> None:
    await cache.aset("key", 1)
    assert await cache.aget("key") == 1
    assert await cache.aincr("key") == 2
    assert await cache.aget_many(["key"]) == {"key": 2}
    assert await cache.adelete("key")
    await cache.aclose()


def test_it_can_be_awaited(cache: BaseCache) -> None:
    import asyncio

    asyncio.run(asynchronous(cache))
