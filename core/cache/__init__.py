"""Caches for the console's own use: in one file, or in Redis where one is given.

    cache = FileCache(cache_name="tmdb", ttl=3600)

    @fresh(cache=cache, key_func=lambda tmdb_id: f"movie_{tmdb_id}")
    def get_movie_detail(tmdb_id: int) -> dict: ...

Both backends are Django caches, core.cache.sqlite and core.cache.redis; the settings
choose.
"""

from core.cache.filecache import AsyncFileCache, FileCache
from core.cache.single import fresh

__all__ = ["AsyncFileCache", "FileCache", "fresh"]
