"""The bulk edit form in a browser: with and without JavaScript, wide and narrow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from core.tests.test_browser import Watch, filter_by, open_list, sign_in, window

if TYPE_CHECKING:
    from core.models import Operator
    from core.tests.support.libraries import Library
    from core.tests.support.live import LiveConsole

__all__ = ["window"]

NAMELESS = """() => [...document.querySelectorAll("main :is(input, select, textarea)")]
  .filter((each) => each.type !== "hidden" && each.checkVisibility())
  .filter((each) => !each.labels?.length && !each.ariaLabel && !each.title)
  .map((each) => each.name)"""
TWICE = """() => [...document.querySelectorAll("[id]")].map((each) => each.id)
  .filter((id, at, all) => all.indexOf(id) !== at)"""
SMALL = """() => [...document.querySelectorAll("main :is(button, select, summary)")]
  .filter((each) => each.checkVisibility())
  .filter((each) => each.getBoundingClientRect().height < 24)
  .map((each) => each.textContent.trim())"""


def add_sites(library: Library, count: int, **values: object) -> None:
    for number in range(count):
        library.insert(
            "site",
            name=f"s{number}",
            url=f"https://s{number}.example/",
            domain=f"s{number}.example",
            pri=number,
            timeout=15,
            **values,
        )


def check(watch: Watch) -> None:
    """Nothing went wrong, everything has a name and a size to hit."""
    watch.check()
    if watch.page.locator("html.has-script").count():
        for found in (NAMELESS, TWICE, SMALL):
            assert watch.page.evaluate(found) == []


def choose(page: Page, name: str, doing: str, **typed: str) -> None:
    """Choose what to do with a field, and fill in what that asks for."""
    page.locator(f"[name={name}-mode]").select_option(doing)
    for key, text in typed.items():
        box = "value" if doing == "set" else f"{doing}-{key}"
        page.locator(f"[name={name}-{box}]").fill(text)


@pytest.mark.parametrize(
    ("library", "window"),
    [
        ("sqlite", "desktop"),
        ("sqlite", "phone"),
        ("sqlite", "without-script"),
        ("postgresql", "desktop"),
    ],
    indirect=True,
)
def test_fields_are_changed_each_in_its_way_and_what_cannot_be_is_left_out(
    library: Library, live_console: LiveConsole, operator: Operator, window: Page
) -> None:
    add_sites(library, 4, downloader="qb", ua="Mozilla")
    library.insert("site", name="other", url="u", timeout=15)
    before = library.dump()
    watch = sign_in(window, live_console)
    open_list(window, "Sites")
    filter_by(window, "downloader", "qb")
    window.locator("[data-check]").first.check()
    window.get_by_role("link", name="Select all").click()
    window.get_by_role("button", name="Edit").click()
    check(watch)

    expect(window.locator("[name=timeout-add-amount]")).to_be_hidden()
    choose(window, "timeout", "add", amount="45")
    choose(window, "ua", "replace_regex", pattern=r"(Moz)illa", put=r"\1/5")
    choose(window, "domain", "replace", find="s1.example", put="s0.example")
    expect(window.locator("[name=timeout-set-value]")).to_be_hidden()
    check(watch)
    window.get_by_role("button", name="Preview").click()

    expect(window.locator(".big-count")).to_have_text("4 records match")
    expect(window.locator(".operation-list li")).to_have_count(3)
    expect(window.locator(".bulk-invalid")).to_contain_text(
        "1 record cannot be changed"
    )
    move = window.locator(".distribution tbody tr", has_text="60")
    expect(move.locator("del")).to_have_text("15")
    check(watch)
    assert library.dump() == before
    window.get_by_label("Go on without 1 record").check()
    window.get_by_role("button", name="Apply to 3 records").click()

    expect(window.get_by_text("Updated 3 records.")).to_be_visible()
    rows = library.execute("SELECT timeout, ua, domain FROM site ORDER BY id")
    assert rows == [
        (60, "Moz/5", "s0.example"),
        (15, "Mozilla", "s1.example"),
        (60, "Moz/5", "s2.example"),
        (60, "Moz/5", "s3.example"),
        (15, None, None),
    ]
    watch.check()
    window.locator(".message").get_by_role("button", name="Undo").click()
    expect(window.get_by_text("Put 3 records back.")).to_be_visible()
    assert library.dump() == before
    watch.check()


def test_a_script_finds_counts_and_folds_the_fields(
    sqlite_library: Library,
    live_console: LiveConsole,
    operator: Operator,
    browser_page: Page,
) -> None:
    add_sites(sqlite_library, 2)
    watch = sign_in(browser_page, live_console)
    open_list(browser_page, "Sites")
    browser_page.locator("[data-check-all]").check()
    browser_page.get_by_role("button", name="Edit").click()
    fields = browser_page.locator("[data-bulk-field]:visible")
    count = browser_page.locator("[data-bulk-count]")
    everything = fields.count()
    expect(count).to_have_text("0")

    choose(browser_page, "timeout", "set", value="60")
    choose(browser_page, "pri", "sequence")
    expect(count).to_have_text("2")
    browser_page.keyboard.press("Escape")
    browser_page.locator("h1").click()
    browser_page.keyboard.press("/")
    browser_page.keyboard.type("USER")
    expect(fields).to_have_count(1)
    expect(browser_page.locator("[data-bulk-found]")).to_have_text("Fields found: 1")
    expect(count).to_have_text("2")
    check(watch)
    browser_page.keyboard.press("Enter")
    expect(browser_page.locator("[name=ua-mode]")).to_be_focused()
    browser_page.get_by_label("Find a field").fill("")
    browser_page.get_by_label("Only fields to be changed").check()
    expect(fields).to_have_count(2)
    browser_page.get_by_label("Only fields to be changed").uncheck()
    expect(fields).to_have_count(everything)
    choose(browser_page, "pri", "leave")
    expect(count).to_have_text("1")
    check(watch)

    # What was typed for something else is kept, and not sent.
    choose(browser_page, "timeout", "add", amount="5")
    browser_page.get_by_role("button", name="Preview").click()
    browser_page.get_by_role("button", name="Apply to 2 records").click()
    expect(browser_page.get_by_text("Updated 2 records.")).to_be_visible()
    assert sqlite_library.execute("SELECT timeout FROM site") == [(20,), (20,)]
    watch.check()


def test_without_script_what_was_typed_and_not_chosen_comes_back_in_sight(
    sqlite_library: Library,
    live_console: LiveConsole,
    operator: Operator,
    browser_page: Page,
) -> None:
    add_sites(sqlite_library, 1)
    browser = browser_page.context.browser
    assert browser is not None
    page = browser.new_context(java_script_enabled=False).new_page()
    sign_in(page, live_console)
    open_list(page, "Sites")
    page.locator("[data-check]").first.check()
    page.get_by_role("button", name="Edit").click()
    choose(page, "ua", "prefix", text="typed and left")
    choose(page, "ua", "leave")
    choose(page, "timeout", "set", value="60")
    page.get_by_role("button", name="Preview").click()

    forgotten = page.locator("[name=ua-prefix-text]")
    expect(page.get_by_text("Something was given for “Add prefix”")).to_be_visible()
    expect(forgotten).to_be_visible()
    forgotten.fill("")
    page.get_by_role("button", name="Preview").click()

    expect(page.get_by_role("button", name="Apply to 1 record")).to_be_visible()
