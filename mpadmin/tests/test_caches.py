"""The settings of both caches; what they do is tested in core/cache/tests."""

import pytest
from django.core.cache import CacheHandler

from core.errors import SettingsError
from mpadmin.caches import cache_settings


def test_without_redis_it_is_a_file_in_the_data_folder(tmp_path):
    found = cache_settings({}, tmp_path)

    assert found["BACKEND"] == "core.cache.sqlite.SQLiteCache"
    assert found["LOCATION"] == tmp_path / "cache"
    assert found["OPTIONS"] == {"MAX_BYTES": 256_000_000}


@pytest.mark.parametrize(
    "environment",
    [{"REDIS_HOST": "cache.example"}, {"REDIS_URL": "redis://cache.example:6379/0"}],
)
def test_one_variable_makes_it_redis(tmp_path, environment):
    found = cache_settings(environment, tmp_path)

    assert found["BACKEND"] == "core.cache.redis.RedisCache"
    assert found["LOCATION"] == "redis://cache.example:6379/0"
    assert found["KEY_PREFIX"] == "mpadmin"
    kept = CacheHandler({"default": found})["default"]
    assert kept.place == "cache.example:6379/0"


def test_host_and_companions_make_an_address(tmp_path):
    environment = {
        "REDIS_HOST": "cache.example",
        "REDIS_PASSWORD": "p@ss/1",
        "REDIS_DB": "3",
    }

    found = cache_settings(environment, tmp_path)

    assert found["LOCATION"] == "redis://:p%40ss%2F1@cache.example:6379/3"


@pytest.mark.parametrize(
    ("text", "size"),
    [("1000000", 10**6), ("64M", 64 * 10**6), ("2 gb", 2 * 10**9), ("", 256 * 10**6)],
)
def test_the_size_is_given_in_bytes_or_larger(tmp_path, text, size):
    found = cache_settings({"MPADMIN_CACHE_SIZE": text}, tmp_path)

    assert found["OPTIONS"]["MAX_BYTES"] == size


@pytest.mark.parametrize("text", ["much", "0", "-1M", "10k", "1.5G", "M"])
def test_another_size_ends_the_start(tmp_path, text):
    with pytest.raises(SettingsError, match="MPADMIN_CACHE_SIZE"):
        cache_settings({"MPADMIN_CACHE_SIZE": text}, tmp_path)
