"""Where cached values are kept: Redis where one is given, else one file."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from core.errors import SettingsError

SIZE = re.compile(r"(\d+)\s*([kmg]?)b?", re.IGNORECASE)
UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9}
LEAST = 10**6


def cache_settings(environment: Mapping[str, str], data_dir: Path) -> dict[str, Any]:
    """Settings of the cache: REDIS_URL, else REDIS_HOST and its kin, else a file."""
    address = redis_address(environment)
    if not address:
        return {
            "BACKEND": "core.cache.sqlite.SQLiteCache",
            "LOCATION": data_dir / "cache",
            "OPTIONS": {"MAX_BYTES": cache_size(environment)},
        }
    return {
        "BACKEND": "core.cache.redis.RedisCache",
        "LOCATION": address,
        # MoviePilot may use the same Redis database.
        "KEY_PREFIX": "mpadmin",
        "OPTIONS": {
            "CLIENT_CLASS": "core.cache.redis.OwnKeysClient",
            "REDIS_CLIENT_CLASS": "core.cache.redis.WatchedRedis",
            "CONNECTION_POOL_CLASS": "core.cache.redis.Pool",
            # Any text is a key, also what is no valid Unicode.
            "CONNECTION_POOL_KWARGS": {"encoding_errors": "surrogatepass"},
            # Asked for at most once in core.cache.outage.PAUSE, when it is down.
            "SOCKET_CONNECT_TIMEOUT": 0.5,
            "SOCKET_TIMEOUT": 1,
            "IGNORE_EXCEPTIONS": True,
        },
    }


def cache_size(environment: Mapping[str, str]) -> int:
    """The size of the file in bytes: MPADMIN_CACHE_SIZE, such as 256M."""
    text = environment.get("MPADMIN_CACHE_SIZE") or "256M"
    found = SIZE.fullmatch(text.strip())
    size = int(found[1]) * UNITS[found[2].lower()] if found else 0
    if size < LEAST:
        raise SettingsError(
            f"MPADMIN_CACHE_SIZE={text} is no size from 1M on — write it like 256M."
        )
    return size


def redis_address(environment: Mapping[str, str]) -> str:
    """The address of the Redis that is given; '' where none is."""
    if environment.get("REDIS_URL"):
        return environment["REDIS_URL"]
    host = environment.get("REDIS_HOST", "")
    if not host:
        return ""
    password = quote(environment.get("REDIS_PASSWORD", ""), safe="")
    login = f":{password}@" if password else ""
    port = environment.get("REDIS_PORT") or "6379"
    return f"redis://{login}{host}:{port}/{environment.get('REDIS_DB') or '0'}"
