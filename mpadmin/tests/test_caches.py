"""Both caches, as the settings make them."""

import stat
import uuid

import pytest
import redis
from django.core.cache import CacheHandler
from django.core.cache.backends.base import BaseCache

from core.tests.support.servers import free_port
from mpadmin.caches import cache_settings


def cache(environment: dict[str, str], data_dir) -> BaseCache:
    """The cache of this environment."""
    return CacheHandler({"default": cache_settings(environment, data_dir)})["default"]


@pytest.mark.parametrize("kind", ["files", "redis"])
def test_a_value_is_kept_and_removed(kind, tmp_path, request):
    address = request.getfixturevalue("redis_url") if kind == "redis" else ""
    kept = cache({"REDIS_URL": address}, tmp_path)
    key = uuid.uuid4().hex

    kept.set(key, {"count": 7, "标题": ["订阅"]}, 60)

    assert kept.get(key) == {"count": 7, "标题": ["订阅"]}
    kept.delete(key)
    assert kept.get(key) is None


def test_files_are_for_nobody_else(tmp_path):
    cache({}, tmp_path).set("key", 1)

    assert stat.S_IMODE((tmp_path / "cache").stat().st_mode) == 0o700


def test_redis_holds_json_and_no_pickle(redis_url, tmp_path):
    kept = cache({"REDIS_URL": redis_url}, tmp_path)
    key = uuid.uuid4().hex

    kept.set(key, {"count": 7})

    with redis.Redis.from_url(redis_url) as raw:
        assert raw.get(kept.make_key(key)) == b'{"count": 7}'


def test_clearing_leaves_other_programs_keys(redis_url, tmp_path):
    kept = cache({"REDIS_URL": redis_url}, tmp_path)
    kept.set("ours", 1)
    with redis.Redis.from_url(redis_url) as raw:
        raw.set("region:DEFAULT:key:theirs", "kept")

        kept.clear()

        assert raw.get("region:DEFAULT:key:theirs") == b"kept"
    assert kept.get("ours") is None


def test_a_redis_that_is_down_is_an_empty_cache(tmp_path):
    kept = cache({"REDIS_HOST": "127.0.0.1", "REDIS_PORT": str(free_port())}, tmp_path)

    kept.set("key", 1)

    assert kept.get("key") is None


def test_host_and_companions_make_an_address(tmp_path):
    environment = {
        "REDIS_HOST": "cache.example",
        "REDIS_PASSWORD": "p@ss/1",
        "REDIS_DB": "3",
    }

    found = cache_settings(environment, tmp_path)

    assert found["LOCATION"] == "redis://:p%40ss%2F1@cache.example:6379/3"
