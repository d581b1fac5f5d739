"""A Redis client that keeps its hands off other programs' keys."""

from typing import Any

from django_redis.client import DefaultClient


class OwnKeysClient(DefaultClient):
    """django-redis's client, whose `clear` would empty the whole Redis database."""

    def clear(self, client: Any = None) -> None:
        """Remove the keys with our prefix; MoviePilot's may be beside them."""
        self.delete_pattern("*", client=client)
