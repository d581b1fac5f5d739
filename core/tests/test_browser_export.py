"""An export in a real browser: from the list to the file."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from core.tests.support.live import PASSWORD
from core.tests.test_browser import Watch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Download, Page

    from core.models import Operator
    from core.tests.support.libraries import Library
    from core.tests.support.live import LiveConsole

ROWS = 5000


@pytest.fixture(params=["desktop", "phone", "without-script"])
def window(request: pytest.FixtureRequest, browser_page: Page) -> Iterator[Page]:
    """A wide window, a narrow one, and a browser without JavaScript."""
    if request.param == "without-script":
        browser = browser_page.context.browser
        assert browser is not None
        context = browser.new_context(java_script_enabled=False)
        context.set_default_timeout(15_000)
        yield context.new_page()
        return
    if request.param == "phone":
        browser_page.set_viewport_size({"width": 390, "height": 844})
    yield browser_page


@pytest.fixture
def transfers(sqlite_library: Library) -> Library:
    with sqlite_library.moviepilot_connect() as connection:
        connection.executemany(
            "INSERT INTO transferhistory (title, category, status, date) "
            "VALUES (?, ?, 1, ?)",
            [
                (f"=流浪地球 {n}", "电影" if n % 2 else "剧集", f"2025-01-01 {n:08}")
                for n in range(ROWS)
            ],
        )
    return sqlite_library


def sign_in(page: Page, live: LiveConsole) -> None:
    page.goto(f"{live.url}/login/?next=/history/transferhistory/")
    page.fill("#id_username", "olivia")
    page.fill("#id_password", PASSWORD)
    page.click(".plain-box button")


def rows(download: Download) -> list[list[str]]:
    text = Path(download.path()).read_bytes().decode("utf-8-sig")
    return [*csv.reader(io.StringIO(text, newline=""))]


def test_what_the_list_shows_becomes_a_file(
    transfers: Library, live_console: LiveConsole, operator: Operator, window: Page
) -> None:
    watch = Watch(window, live_console.url)
    sign_in(window, live_console)
    window.goto(f"{live_console.url}/history/transferhistory/?category=电影")
    window.click(".page-actions a:has-text('Export')")
    expect(window.locator(".count")).to_contain_text("2,500 records")
    watch.check()

    window.click("button[value=none]")
    window.check("[name=columns][value=title]")
    window.check("[name=columns][value=category]")
    window.click("button[value='category:up']")
    window.check("text=Mark CSV and TSV as UTF-8, for Excel")
    watch.check()
    with window.expect_download() as started:
        window.click(".form-bar button.is-primary")

    head, *found = rows(started.value)
    assert started.value.suggested_filename.endswith(".csv")
    assert sorted(head) == ["category", "title"]
    assert len(found) == ROWS // 2
    title = head.index("title")
    assert found[0][title] == f"'=流浪地球 {ROWS - 1}"
    assert {row[1 - title] for row in found} == {"电影"}


def test_a_selection_becomes_a_file(
    transfers: Library,
    live_console: LiveConsole,
    operator: Operator,
    browser_page: Page,
) -> None:
    watch = Watch(browser_page, live_console.url)
    sign_in(browser_page, live_console)
    for number in range(3):
        browser_page.locator("[data-check]").nth(number).check()
    browser_page.click(".selection-bar button[value=export]")
    expect(browser_page.locator(".count")).to_contain_text("3 records")
    browser_page.check("input[name=format][value=jsonl]")
    with browser_page.expect_download() as started:
        browser_page.click(".form-bar button.is-primary")

    lines = Path(started.value.path()).read_text().splitlines()
    assert len(lines) == 3
    assert f'"=流浪地球 {ROWS - 1}"' in lines[0]
    watch.check()
