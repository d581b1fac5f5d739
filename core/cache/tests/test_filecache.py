"""Caches with a name, on both backends."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import TYPE_CHECKING

import pytest
from django.core.cache import caches
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.cache import AsyncFileCache, FileCache, usage

if TYPE_CHECKING:
    from django.core.cache.backends.base import BaseCache


def test_it_works_like_a_dictionary(cache: BaseCache, region: str) -> None:
    named = FileCache(cache_name=region, ttl=3600)

    named["a"] = 1
    named.set("b", None)
    named.update({"c": [3], "d": 4})

    assert (named["a"], named["b"], named.get("c")) == (1, None, [3])
    assert ("a" in named, "z" in named, named.exists("b")) == (True, False, True)
    assert sorted(named) == sorted(named.keys()) == ["a", "b", "c", "d"]
    assert dict(named.items()) == {"a": 1, "b": None, "c": [3], "d": 4}
    assert len(list(named.values())) == len(named) == 4
    del named["a"]
    named.delete("a")
    assert "a" not in named
    with pytest.raises(KeyError):
        del named["a"]
    with pytest.raises(KeyError):
        named["a"]


def test_a_missing_key_gives_the_default_and_none_is_a_value(
    cache: BaseCache, region: str
) -> None:
    named = FileCache(region)
    named.set("none", None)

    assert named.get("missing") is None
    assert named.get("missing", 7) == 7
    assert named.get("none", 7) is None
    assert named.setdefault("none", 7) is None
    assert named.setdefault("made", 7) == 7
    assert named["made"] == 7


def test_values_are_taken_out(cache: BaseCache, region: str) -> None:
    named = FileCache(region)
    named.update({"a": None, "b": 2})

    assert named.pop("a") is None
    assert named.pop("a", "gone") == "gone"
    with pytest.raises(KeyError):
        named.pop("a")
    assert named.popitem() == ("b", 2)
    with pytest.raises(KeyError):
        named.popitem()


def test_of_several_callers_one_gets_an_item(cache: BaseCache, region: str) -> None:
    named = FileCache(region)
    named.update({str(number): number for number in range(20)})
    taken: list[int] = []

    def take() -> None:
        for _ in range(5):
            taken.append(named.popitem()[1])  # noqa: PERF401  one at a time

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(taken) == list(range(20))


def test_the_ttl_holds_when_a_value_is_read(cache: BaseCache, region: str) -> None:
    named = FileCache(region, ttl=0.2)
    named.set("own", 1)
    named.set("longer", 1, ttl=60)
    named.set("ever", 1, ttl=None)
    named.set("over", 1, ttl=0)

    assert "over" not in named
    time.sleep(0.3)

    assert named.get("own") is None
    assert "own" not in named
    assert sorted(named) == ["ever", "longer"]
    assert len(named) == 2


def test_names_are_apart(cache: BaseCache, region: str) -> None:
    names = [region, f"{region}:a", f"{region}/../x", f"{region}%", "订阅\ud800"]
    named = [FileCache(name) for name in names]
    for number, each in enumerate(named):
        each.set("key", number)
        each.set("a:key", number)
    cache.set("plain", 1)

    named[0].clear()

    assert [each.get("key") for each in named] == [None, 1, 2, 3, 4]
    assert all(sorted(each) == ["a:key", "key"] for each in named[1:])
    assert cache.get("plain") == 1
    for each in named:
        each.clear()


@given(st.dictionaries(st.text(st.characters()), st.integers(0, 9), max_size=5))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_keys_come_back(cache: BaseCache, given: dict[str, int]) -> None:
    named = FileCache("any keys")
    named.clear()

    named.update(given)

    assert dict(named.items()) == given


def test_a_key_is_text_and_a_name_is_needed(cache: BaseCache) -> None:
    named = FileCache("a")

    with pytest.raises(TypeError, match="int"):
        named.set(1, 2)  # type: ignore[arg-type]
    assert 1 not in named
    for name in ("", "_leases"):
        with pytest.raises(ValueError, match="no name"):
            FileCache(name)


def test_it_can_be_closed_and_used_again(cache: BaseCache, region: str) -> None:
    named = FileCache(region)
    named.set("key", 1)

    named.close()

    assert named.get("key") == 1
    assert bool(FileCache("empty"))


def test_lookups_are_counted_until_it_is_cleared(cache: BaseCache, region: str) -> None:
    named = FileCache(region)
    named.set("key", 1)
    for key in ("key", "key", "key", "missing"):
        named.get(key)

    usage.flush()

    counted = usage.usage_of([region])[region]
    assert (counted.hits, counted.misses, counted.rate) == (3, 1, 0.75)
    named.get("key")
    usage.flush()
    assert usage.usage_of([region])[region].hits == 4
    named.clear()
    usage.flush()
    assert usage.usage_of([region])[region].rate is None


def test_regions_are_listed(cache: BaseCache, region: str) -> None:
    FileCache(region, ttl=60).update({"a": "x" * 100, "b": 1})
    FileCache(f"{region}2", ttl=None).set("a", 1)
    FileCache(region, ttl=0.01).set("gone", 1)
    time.sleep(0.05)

    found = {each.name: each for each in cache.regions()}

    first, second = found[region], found[f"{region}2"]
    assert (first.entries, second.entries) == (2, 1)
    assert first.size > 100
    assert first.first_expiry == pytest.approx(time.time() + 60, abs=30)
    assert first.last_expiry == pytest.approx(time.time() + 60, abs=30)
    assert second.first_expiry is second.last_expiry is None


async def awaited(region: str) -> None:
    named = AsyncFileCache(cache_name=region, ttl=60)
    await named.set("a", None)
    await named.update({"b": 2, "c": 3})
    assert await named.get("a", 1) is None
    assert await named.get("z", 1) == 1
    assert await named.exists("b")
    assert sorted(await named.keys()) == ["a", "b", "c"]
    assert sorted([key async for key in named]) == ["a", "b", "c"]
    assert dict(await named.items()) == {"a": None, "b": 2, "c": 3}
    assert 3 in await named.values()
    assert await named.pop("b") == 2
    assert await named.pop("b", 0) == 0
    with pytest.raises(KeyError):
        await named.pop("b")
    assert await named.setdefault("d", 4) == 4
    await named.delete("d")
    await named.popitem()
    await named.clear()
    assert await named.keys() == []
    await named.close()


def test_the_same_can_be_awaited(cache: BaseCache, region: str) -> None:
    asyncio.run(awaited(region))
    assert "AsyncFileCache" in repr(AsyncFileCache(region))
    assert region in repr(FileCache(region))


def test_they_belong_to_the_backend_of_the_settings(cache: BaseCache) -> None:
    FileCache("tmdb").set("key", 1)

    assert caches["default"].get("@tmdb:key") == 1


@pytest.mark.parametrize("key", ["@%FF:key", "@:key", "@a", "@a%zz:key"])
def test_what_only_looks_like_a_region_is_a_key_like_any_other(
    cache: BaseCache, key: str
) -> None:
    cache.set(key, 1)

    assert cache.get(key) == 1
    assert cache.get("key") is None
    assert len(cache.regions()) == 1  # type: ignore[attr-defined]
    cache.clear()
