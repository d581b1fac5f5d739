"""Both backends behind caches["default"], as the settings make them."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest
from django.core.cache import caches
from django.test import override_settings

from core.cache import usage
from mpadmin.caches import cache_settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from django.core.cache.backends.base import BaseCache


def bound(environment: dict[str, str], data_dir: Path) -> override_settings:
    """The cache of this environment, as the default one."""
    made = cache_settings(environment, data_dir)
    return override_settings(CACHES={"default": made})


@pytest.fixture
def sqlite_cache(tmp_path: Path) -> Iterator[BaseCache]:
    """The file."""
    with bound({}, tmp_path):
        yield caches["default"]
        usage.flush()


@pytest.fixture
def redis_cache(redis_url: str, tmp_path: Path) -> Iterator[BaseCache]:
    """Redis, empty of our keys."""
    with bound({"REDIS_URL": redis_url}, tmp_path):
        caches["default"].clear()
        yield caches["default"]
        usage.flush()


@pytest.fixture(params=["sqlite", "redis"])
def cache(request: pytest.FixtureRequest) -> BaseCache:
    """Each of the two."""
    found: BaseCache = request.getfixturevalue(f"{request.param}_cache")
    return found


@pytest.fixture
def region(cache: BaseCache) -> str:
    """A region of the test's own."""
    return f"test-{uuid.uuid4().hex}"
