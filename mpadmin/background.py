"""Where long work is queued: Redis where one is given, else the console's database."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from mpadmin.caches import redis_address

QUEUE = "mpadmin"
"""A name of our own: others may use the same Redis for their queues."""


def task_settings(environment: Mapping[str, str]) -> dict[str, Any]:
    """Settings of django-tasks."""
    backend = (
        "django_tasks_rq.RQBackend"
        if redis_address(environment)
        else "django_tasks_db.DatabaseBackend"
    )
    return {"default": {"BACKEND": backend, "QUEUES": [QUEUE]}}


def queue_settings(environment: Mapping[str, str]) -> dict[str, Any]:
    """Settings of the queue in Redis; none without one."""
    address = redis_address(environment)
    if not address:
        return {}
    # A page must not wait long for a Redis that is down.
    mark = "&" if urlsplit(address).query else "?"
    return {
        QUEUE: {
            "URL": f"{address}{mark}socket_connect_timeout=2",
            # Never pickled: what others write into that Redis must not be run.
            "SERIALIZER": "rq.serializers.JSONSerializer",
            # As long as it takes.
            "DEFAULT_TIMEOUT": -1,
        }
    }
