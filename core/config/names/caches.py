"""What MoviePilot keeps for later."""

from core.config.setting import setting


class CacheNames:
    """What MoviePilot keeps for later."""

    CACHE_BACKEND_TYPE: str = setting(
        "cachetools", "Where cached values are kept: cachetools (memory) or redis"
    )
    CACHE_BACKEND_URL: str | None = setting(
        "redis://localhost:6379",
        "Address of Redis, which may hold its password",
        secret=True,
    )
    CACHE_REDIS_MAXMEMORY: str | None = setting(
        None, "Memory that Redis may use, such as 512mb"
    )
    CACHE_REDIS_MAX_CONNECTIONS: int = setting(256, "Connections to Redis at most")
    CACHE_REDIS_POOL_TIMEOUT: int = setting(
        3, "Seconds to wait for a free connection to Redis"
    )
    META_CACHE_EXPIRE: int = setting(
        0, "Hours to keep what was recognised; 0 lets MoviePilot decide"
    )
    GLOBAL_IMAGE_CACHE: bool = setting(False, "Keep pictures on disk")
    GLOBAL_IMAGE_CACHE_DAYS: int = setting(7, "Days to keep pictures")
    TEMP_FILE_DAYS: int = setting(3, "Days to keep temporary files")
    PACKAGE_CACHE_DAYS: int = setting(90, "Days to keep downloaded packages")
    PACKAGE_CACHE_ROOT: str | None = setting(None, "Folder of downloaded packages")
