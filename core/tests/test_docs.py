"""The examples of docs/data-layer.md, and those of MoviePilot's own rules, run."""

import doctest
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings as django_settings
from django.test import override_settings

from mpadmin.caches import cache_settings

FENCE = re.compile(r"^```.*$", re.MULTILINE)


@pytest.fixture(params=["file", "redis"])
def either_cache(request, tmp_path):
    """The default cache, as the settings make it of a process environment."""
    is_redis = request.param == "redis"
    environment = {}
    if is_redis:
        environment["REDIS_URL"] = request.getfixturevalue("redis_url")
    made = cache_settings(environment, tmp_path / "data")
    with override_settings(CACHES={"default": made}):
        yield


@pytest.fixture
def ada(library):
    """An otherwise empty library with one user."""
    return library.insert("user", name="ada", hashed_password="synthetic")


def test_the_examples_of_the_data_layer_hold(library, ada, either_cache):
    text = Path(django_settings.BASE_DIR, "docs", "data-layer.md").read_text()
    parser, runner = doctest.DocTestParser(), doctest.DocTestRunner(verbose=False)
    report: list[str] = []

    examples = parser.get_doctest(
        FENCE.sub("", text), {"__name__": "__main__"}, "data-layer", None, 0
    )
    result = runner.run(examples, out=report.append)

    assert result.failed == 0, "".join(report)
    assert result.attempted > 30


# MoviePilot's document "Data and Persistent Management" has these, but for the imports.


def test_the_conventions_of_opers(library):
    from core.models import Subscribe
    from core.opers.subscriptions import SubscribeOper

    library.insert("subscribe", name="Old Name", state="N")

    oper = SubscribeOper()
    subscribe = oper.get(sid=1)
    subscribes = oper.list()
    oper.add(Subscribe(name="Another", type="电影"))
    oper.update(sid=1, name="New Name")
    renamed = oper.get(sid=1).name
    oper.delete(sid=1)

    assert subscribe.name == "Old Name"
    assert [each.pk for each in subscribes] == [1]
    assert renamed == "New Name"
    assert [each.name for each in oper.list()] == ["Another"]


def test_system_configuration(library):
    from core.opers.configuration import SystemConfigOper
    from core.systemconfig.keys import SystemConfigKey

    oper = SystemConfigOper()
    rss_urls = oper.get(SystemConfigKey.RssUrls)
    oper.set(SystemConfigKey.RssUrls, ["https://example.com/rss"])

    assert rss_urls is None
    assert oper.get(SystemConfigKey.RssUrls) == ["https://example.com/rss"]


def test_user_configuration(library, ada):
    from core.opers.configuration import UserConfigOper

    oper = UserConfigOper()
    value = oper.get(user_id=1, key="notification_enabled")
    oper.set(user_id=1, key="notification_enabled", value=True)

    assert value is None
    assert oper.get(user_id=1, key="notification_enabled") is True


def test_settings():
    from core.config import settings

    host = settings.QB_HOST
    port = settings.QB_PORT

    assert host is None or isinstance(host, str)
    assert port is None or isinstance(port, int)


def test_a_cached_method(either_cache):
    from core.cache import FileCache, fresh

    cache = FileCache(cache_name="tmdb", ttl=3600)
    asked = []

    class Chain:
        _tmdb_client = SimpleNamespace(get_movie=lambda n: asked.append(n) or {"id": n})

        @fresh(cache=cache, key_func=lambda tmdb_id: f"movie_{tmdb_id}")
        def get_movie_detail(self, tmdb_id: int) -> dict:
            return self._tmdb_client.get_movie(tmdb_id)

    found = [Chain().get_movie_detail(550) for _ in range(2)]

    assert found == [{"id": 550}] * 2
    assert asked == [550]
