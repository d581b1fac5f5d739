"""A long change in a real browser: watched, left, cancelled, gone on with, undone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connections
from django.urls import reverse
from playwright.sync_api import Page, expect

from core.changes import ChangeSet, Set, State, plan
from core.changes.tests.support import add_messages
from core.models import Message
from core.tests.support import live
from core.tests.test_browser import Watch, sign_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from core.models import Operator
    from core.tests.support.libraries import Library
    from core.tests.support.live import LiveConsole

MANY = 150_000
"""Records that take a worker long enough to look at."""
PATIENCE = 90_000


@contextmanager
def worker(console: LiveConsole) -> Iterator[None]:
    """A worker of the console."""
    with live.worker(console.variables, console.log.with_name("worker.log")):
        yield


def outside(ask: Callable[[], Any]) -> Any:
    """Ask the databases in a thread: in its own, Playwright keeps old connections."""

    def asked() -> Any:
        try:
            return ask()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asked).result()


def planned(library: Library, operator: Operator, count: int = MANY) -> str:
    """The address of a plan for so many messages."""
    add_messages(library, count, text="before")
    made = outside(lambda: plan(Message, {"text": Set("after")}, by=operator))
    return reverse("admin:core_plan_preview", args=[made.token])


def change_sets() -> list[ChangeSet]:
    return outside(lambda: [*ChangeSet.objects.all()])


def texts(library: Library) -> set[str]:
    return {text for (text,) in library.execute("SELECT DISTINCT text FROM message")}


def expect_state(page: Page, state: str) -> None:
    badge = page.locator(".page-heading .badge", has_text=state).first
    expect(badge).to_be_visible(timeout=PATIENCE)


def watch_it_move(page: Page) -> None:
    """The bar goes on by itself, and says so aloud."""
    bar = page.locator("#progress progress[value]")
    expect(bar).to_be_visible(timeout=PATIENCE)
    start = bar.get_attribute("value") or ""
    expect(bar).not_to_have_attribute("value", start, timeout=PATIENCE)
    said = page.locator("#progress-said[role=status]")
    expect(said).to_contain_text("percent done", timeout=PATIENCE)


@pytest.mark.parametrize("library", ["sqlite"], indirect=True)
@pytest.mark.parametrize("width", [1440, 390])
def test_a_long_change_is_watched_left_cancelled_and_gone_on_with(
    library: Library,
    live_console: LiveConsole,
    operator: Operator,
    browser_page: Page,
    width: int,
) -> None:
    page = browser_page
    page.set_viewport_size({"width": width, "height": 900})
    address = planned(library, operator)
    watch = sign_in(page, live_console)

    page.goto(f"{live_console.url}{address}")
    page.get_by_role("button", name=f"Apply to {MANY:,} records").click()
    expect(page.get_by_text("Waiting for a worker.")).to_be_visible()
    watch.check()
    change = page.url
    page.goto(live_console.url)
    page.get_by_role("link", name="1 change is waiting").click()
    expect(page).to_have_url(change)

    with worker(live_console):
        watch_it_move(page)
        watch.check()
        page.goto(live_console.url)
        page.get_by_role("link", name="1 change is running").click()
        page.get_by_role("button", name="Cancel").click()
        expect(page.get_by_text("This change was cancelled.")).to_be_visible(
            timeout=PATIENCE
        )
        watch.check()
        assert texts(library) == {"before", "after"}
        assert 0 < change_sets()[0].changed < MANY

        page.get_by_role("button", name="Go on").click()
        expect(page.locator("#progress")).to_be_visible()
        expect_state(page, "applied")
        assert texts(library) == {"after"}
        watch.check()

        page.get_by_role("button", name="Undo", exact=True).click()
        expect(page.locator("#progress")).to_be_visible()
        expect(page).not_to_have_url(change)
        expect_state(page, "applied")
        watch.check()

    assert texts(library) == {"before"}
    assert [made.state for made in change_sets()] == [State.APPLIED] * 2


@pytest.mark.parametrize("library", ["sqlite"], indirect=True)
def test_without_javascript_the_page_is_loaded_again(
    library: Library,
    live_console: LiveConsole,
    operator: Operator,
    browser_page: Page,
) -> None:
    browser = browser_page.context.browser
    assert browser is not None
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    address = planned(library, operator, 2_001)
    watch = sign_in(page, live_console)
    page.goto(f"{live_console.url}{address}")
    page.get_by_role("button", name="Apply to 2,001 records").click()
    expect(page.get_by_text("Waiting for a worker.")).to_be_visible()

    with worker(live_console):
        reload_until_over(page)

    watch.check()
    expect_state(page, "applied")
    assert texts(library) == {"after"}


def reload_until_over(page: Page) -> None:
    for _ in range(600):
        if not page.locator("#progress").count():
            return
        page.get_by_role("link", name="Reload").click()
        page.wait_for_timeout(100)


@pytest.mark.parametrize("library", ["sqlite"], indirect=True)
def test_a_worker_that_dies_is_noticed_on_the_page(
    library: Library,
    live_console: LiveConsole,
    operator: Operator,
    browser_page: Page,
) -> None:
    address = planned(library, operator)
    watch: Watch = sign_in(browser_page, live_console)
    browser_page.goto(f"{live_console.url}{address}")
    browser_page.get_by_role("button", name=f"Apply to {MANY:,} records").click()

    log = live_console.log.with_name("worker.log")
    with live.worker(live_console.variables, log) as process:
        watch_it_move(browser_page)
        process.kill()
        process.wait()
        stopped = browser_page.get_by_text("This change stopped before its end.")
        expect(stopped).to_be_visible(timeout=PATIENCE)

    watch.check()
    assert 0 < change_sets()[0].changed < MANY
