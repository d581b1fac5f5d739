"""Where cached values are kept: Redis where one is given, else files."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote


def cache_settings(environment: Mapping[str, str], data_dir: Path) -> dict[str, Any]:
    """Settings of the cache: REDIS_URL, else REDIS_HOST and its kin, else files."""
    address = environment.get("REDIS_URL") or _redis_address(environment)
    if not address:
        return {
            "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
            # Django makes the folder for nobody else to read or write.
            "LOCATION": data_dir / "cache",
            "OPTIONS": {"MAX_ENTRIES": 10_000},
        }
    return {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": address,
        # MoviePilot may use the same Redis database.
        "KEY_PREFIX": "mpadmin",
        "OPTIONS": {
            "CLIENT_CLASS": "mpadmin.redis.OwnKeysClient",
            # Never pickle: whoever can write to Redis could run code here.
            "SERIALIZER": "django_redis.serializers.json.JSONSerializer",
            "SOCKET_CONNECT_TIMEOUT": 2,
            "SOCKET_TIMEOUT": 2,
            "IGNORE_EXCEPTIONS": True,
        },
    }


def _redis_address(environment: Mapping[str, str]) -> str:
    host = environment.get("REDIS_HOST", "")
    if not host:
        return ""
    password = quote(environment.get("REDIS_PASSWORD", ""), safe="")
    login = f":{password}@" if password else ""
    port = environment.get("REDIS_PORT") or "6379"
    return f"redis://{login}{host}:{port}/{environment.get('REDIS_DB') or '0'}"
