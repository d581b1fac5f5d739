"""The page of the cache, on both backends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.contrib.auth.models import Permission
from django.core.cache import caches
from django.test import Client
from playwright.sync_api import Page, expect

from core.cache import FileCache
from core.cache.tests.conftest import bound
from core.models import Operator
from core.tests.support.live import PASSWORD
from core.tests.support.servers import free_port

if TYPE_CHECKING:
    from pathlib import Path

    from django.core.cache.backends.base import BaseCache

    from core.tests.support.libraries import SQLiteLibrary
    from core.tests.support.live import LiveConsole

HOSTILE = "<script>a</script> & \ud800/../订阅"


def fill() -> None:
    """Two regions and a key in none."""
    tmdb = FileCache("tmdb", ttl=3600)
    tmdb.update({"a": 1, "b": 2})
    tmdb.get("a")
    FileCache(HOSTILE, ttl=None).set("a", 1)
    caches["default"].set("plain", 1)


def test_regions_are_shown(
    cache: BaseCache, operator_client: Client, sqlite_library: SQLiteLibrary
) -> None:
    fill()

    page = operator_client.get("/cache/").content.decode()

    assert cache.place in page
    assert ">tmdb<" in page
    assert "100% of 1 look-up" in page
    assert "&lt;script&gt;a&lt;/script&gt; &amp; \\ud800/../订阅" in page
    assert "in no region" in page
    assert "_usage" not in page
    assert 'href="/cache/" aria-current="page"' in page
    assert 'href="/cache/"' in operator_client.get("/").content.decode()


def test_a_region_that_has_run_empty_still_tells_its_hit_rate(
    cache: BaseCache, operator_client: Client, sqlite_library: SQLiteLibrary
) -> None:
    FileCache("gone").set("a", 1, ttl=0.01)
    FileCache("gone").get("b")

    page = operator_client.get("/cache/").content.decode()

    assert ">gone<" in page
    assert "0% of 1 look-up" in page


@pytest.mark.parametrize("name", ["tmdb", HOSTILE])
def test_one_region_is_cleared_after_asking(
    cache: BaseCache, operator_client: Client, sqlite_library: SQLiteLibrary, name: str
) -> None:
    fill()
    rows = operator_client.get("/cache/").context["rows"]
    url = next(each.clear_url for each in rows if each.region.name == name)

    asked = operator_client.get(url)
    assert b"Clear this region?" in asked.content
    assert len(FileCache(name)) > 0
    done = operator_client.post(url, follow=True)

    assert "Cleared the region" in done.content.decode()
    left = {each.region.name for each in done.context["rows"]}
    assert left == {"tmdb", HOSTILE, ""} - {name}


def test_everything_is_cleared_after_asking(
    cache: BaseCache, operator_client: Client, sqlite_library: SQLiteLibrary
) -> None:
    fill()

    assert b"Clear the whole cache?" in operator_client.get("/cache/clear/").content
    assert len(FileCache("tmdb")) == 2
    done = operator_client.post("/cache/clear/", follow=True)

    assert "Cleared the cache." in done.content.decode()
    assert "The cache is empty" in done.content.decode()
    assert cache.get("plain") is None


def test_the_page_and_clearing_are_for_those_who_may_clear(
    sqlite_cache: BaseCache, sqlite_library: SQLiteLibrary, client: Client
) -> None:
    fill()
    assert client.get("/cache/").status_code == 302
    staff = Operator.objects.create_user("ned", password=PASSWORD, is_staff=True)
    client.force_login(staff, backend="django.contrib.auth.backends.ModelBackend")

    assert client.get("/cache/").status_code == 403
    assert client.get("/cache/clear/").status_code == 403
    assert client.post("/cache/clear/").status_code == 403
    assert len(FileCache("tmdb")) == 2
    staff.user_permissions.add(Permission.objects.get(codename="clear_caches"))
    page = client.get("/cache/")
    assert ">tmdb<" in page.content.decode()
    assert "/cache/clear/" in page.content.decode()
    assert client.post("/cache/").status_code == 405


def test_clearing_needs_the_forms_token(
    sqlite_cache: BaseCache, sqlite_library: SQLiteLibrary, operator: Operator
) -> None:
    fill()
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(operator, backend="django.contrib.auth.backends.ModelBackend")

    assert strict.post("/cache/clear/").status_code == 403
    assert len(FileCache("tmdb")) == 2


def test_a_redis_that_is_down_is_said(
    operator_client: Client, sqlite_library: SQLiteLibrary, tmp_path: Path
) -> None:
    given = {
        "REDIS_HOST": "127.0.0.1",
        "REDIS_PORT": str(free_port()),
        "REDIS_PASSWORD": "synthetic-password-1",
    }
    with bound(given, tmp_path):
        page = operator_client.get("/cache/")
        done = operator_client.post("/cache/clear/", follow=True)

    text = page.content.decode()
    assert "The cache cannot be used at the moment" in text
    assert "refused" in text
    assert "synthetic-password-1" not in text
    assert "Clear everything" not in text
    assert "nothing was cleared" in done.content.decode()


@pytest.mark.parametrize("url", ["/", "/core/subscribe/", "/core/changeset/"])
def test_pages_work_while_redis_is_down(
    operator_client: Client, sqlite_library: SQLiteLibrary, tmp_path: Path, url: str
) -> None:
    given = {"REDIS_HOST": "127.0.0.1", "REDIS_PORT": str(free_port())}

    with bound(given, tmp_path):
        assert operator_client.get(url).status_code == 200


def test_home_takes_its_counts_from_the_cache(
    cache: BaseCache, operator_client: Client, sqlite_library: SQLiteLibrary
) -> None:
    operator_client.get("/")

    page = operator_client.get("/cache/").content.decode()

    assert ">counts<" in page


def test_another_backend_is_named(
    operator_client: Client, sqlite_library: SQLiteLibrary
) -> None:
    page = operator_client.get("/cache/").content.decode()

    assert "LocMemCache" in page
    assert "does not tell what it holds" in page


@pytest.mark.parametrize("width", [1440, 390])
def test_it_works_in_a_browser(
    width: int, live_console: LiveConsole, operator: Operator, browser_page: Page
) -> None:
    # The server's own cache: its data folder is beside its log.
    with bound({}, live_console.log.parent):
        fill()
    problems: list[str] = []
    browser_page.on("console", lambda message: problems.append(message.text))
    browser_page.set_viewport_size({"width": width, "height": 844})
    browser_page.goto(f"{live_console.url}/cache/")
    browser_page.fill("[name=username]", operator.username)
    browser_page.fill("[name=password]", PASSWORD)
    browser_page.press("[name=password]", "Enter")

    expect(browser_page.locator("h1")).to_have_text("Cache")
    overhang = "document.documentElement.scrollWidth - window.innerWidth"
    assert browser_page.evaluate(overhang) <= 0
    browser_page.get_by_role("link", name="Clear the region tmdb").click()
    browser_page.get_by_role("button", name="Clear").click()

    expect(browser_page.locator("#messages")).to_contain_text("Cleared the region tmdb")
    expect(browser_page.get_by_role("rowheader")).to_have_count(2)
    assert problems == []


def test_entries_that_outlive_the_calendar_are_shown(
    sqlite_cache: BaseCache, operator_client: Client, sqlite_library: SQLiteLibrary
) -> None:
    FileCache("late", ttl=1e15).set("a", 1)

    page = operator_client.get("/cache/")

    assert ">late<" in page.content.decode()
    assert operator_client.get("/cache/clear/?region=%25FF").status_code == 200
