"""The console in a real browser: with and without JavaScript, wide and narrow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from core.tests.support.live import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.models import Operator
    from core.tests.support.libraries import Library
    from core.tests.support.live import LiveConsole

ROWS = 20_000
MATCHING = 1_900
"""Few enough to be edited at once; see test_browser_progress for more."""
OLD, NEW = "旧分类", "动画 & 'new'"
HACK = "window.hacked = true"
HOSTILE = [
    f"<script>{HACK}</script>",
    f'"onmouseover="{HACK}" x=\'',
    f"javascript:{HACK}//",
    f"<img src=x onerror='{HACK}'>",
    f"data:text/html,<script>{HACK}</script>",
    f"{{% load x %}}{{{{ 7 }}}}</textarea></title><svg onload={HACK}>",
]


class Watch:
    """What goes wrong in a page, or out of it, without anybody seeing."""

    def __init__(self, page: Page, origin: str) -> None:
        self.page, self.origin = page, origin
        self.found: list[str] = []
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.found.append(str(error)))
        page.on("dialog", lambda dialog: self.found.append(dialog.message))
        page.on("request", self._see)
        page.on("response", self._judge)

    def check(self) -> None:
        """Nothing went wrong, and the page is no wider than the window."""
        assert self.found == []
        overhang = "document.documentElement.scrollWidth - window.innerWidth"
        if self.page.locator("html.has-script").count():
            assert self.page.evaluate(overhang) <= 0, self.page.url

    def _hear(self, message: object) -> None:
        # A violation of the Content-Security-Policy is an error of the console too.
        if message.type in ("error", "warning"):  # type: ignore[attr-defined]
            self.found.append(message.text)  # type: ignore[attr-defined]

    def _see(self, request: object) -> None:
        url = request.url  # type: ignore[attr-defined]
        if not url.startswith((f"{self.origin}/", "data:")):
            self.found.append(f"asked {url}")

    def _judge(self, response: object) -> None:
        if response.status >= 400:  # type: ignore[attr-defined]
            self.found.append(f"{response.status} {response.url}")  # type: ignore[attr-defined]


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


def add_history(library: Library) -> None:
    """20,000 transfers, 1,900 of which are to be found."""
    if library.vendor == "postgresql":
        numbers = f"SELECT i FROM generate_series(1, {ROWS}) AS n(i)"
    else:
        numbers = (
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
            f"WHERE i < {ROWS}) SELECT i FROM n"
        )
    library.execute(
        "INSERT INTO transferhistory (title, type, category, status, src, dest, date) "
        f"SELECT '流浪地球 ' || i, '电影', CASE WHEN i <= {MATCHING} THEN ? "
        "ELSE '电影' END, i % 2 = 0, '/下载/' || i, '/媒体/' || i, '2025-03-04' "
        f"FROM ({numbers}) AS numbers",
        OLD,
    )


def add_site(library: Library, name: str, **values: object) -> int:
    return library.insert("site", name=name, url="https://site.example/", **values)


def history(library: Library) -> list[tuple[object, ...]]:
    return library.execute("SELECT * FROM transferhistory ORDER BY id")


def sign_in(page: Page, console: LiveConsole, password: str = PASSWORD) -> Watch:
    watch = Watch(page, console.url)
    page.goto(console.url)
    page.get_by_label("Name").fill("olivia")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator(".account-open, [role=alert]")).to_be_visible()
    return watch


def open_list(page: Page, name: str) -> None:
    menu = page.get_by_role("button", name="Menu", exact=True)
    if menu.is_visible():
        menu.click()
    page.get_by_role("navigation", name="Tables").get_by_role(
        "link", name=name, exact=True
    ).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


def filter_by(page: Page, column: str, value: str) -> None:
    page.locator(".filter-panel > summary").click()
    page.locator(f".filter-sheet [name={column}]").fill(value)
    page.get_by_role("button", name="Apply").click()
    expect(page.locator(".chip-value")).to_have_text(value)


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
def test_history_is_edited_in_bulk_and_put_back(
    library: Library, live_console: LiveConsole, operator: Operator, window: Page
) -> None:
    add_history(library)
    before = history(library)
    watch = sign_in(window, live_console)

    open_list(window, "Transfer history")
    filter_by(window, "category", OLD)
    watch.check()
    window.locator("[data-check]").first.check()
    window.get_by_role("link", name="Select all").click()
    expect(window.locator(".selection-bar")).to_contain_text("matching selected")
    watch.check()
    window.get_by_role("button", name="Edit").click()

    window.get_by_label("What to do with Category").select_option("set")
    window.get_by_label("Value of Category").fill(NEW)
    watch.check()
    window.get_by_role("button", name="Preview").click()

    expect(window.locator(".big-count")).to_have_text("1,900 records match")
    move = window.locator(".distribution tbody tr")
    expect(move.locator("del")).to_have_text(OLD)
    expect(move.locator("ins")).to_have_text(NEW)
    expect(move.locator(".is-number")).to_have_text("1,900")
    assert history(library) == before
    watch.check()
    window.get_by_role("button", name="Apply to 1,900 records").click()

    expect(window.get_by_text("Updated 1,900 records.")).to_be_visible()
    found = library.execute("SELECT category, count(*) FROM transferhistory GROUP BY 1")
    assert dict(found) == {NEW: MATCHING, "电影": ROWS - MATCHING}
    watch.check()
    window.locator(".message").get_by_role("button", name="Undo").click()

    expect(window.get_by_text("Put 1,900 records back.")).to_be_visible()
    watch.check()
    open_list(window, "Transfer history")
    filter_by(window, "category", OLD)
    expect(window.locator(".data-table tbody tr")).to_have_count(50)
    expect(window.locator(".data-table tbody tr").first).to_contain_text(OLD)
    assert history(library) == before
    watch.check()


def test_the_keyboard_finds_selects_and_opens_a_record(
    sqlite_library: Library,
    live_console: LiveConsole,
    operator: Operator,
    browser_page: Page,
) -> None:
    for name in ("Alpha", "Beta", "Alphabet"):
        add_site(sqlite_library, name)
    watch = sign_in(browser_page, live_console)
    open_list(browser_page, "Sites")
    keyboard = browser_page.keyboard

    keyboard.press("/")
    expect(browser_page.locator(".filter-bar [name=q]")).to_be_focused()
    keyboard.type("Alpha/x")
    expect(browser_page.locator(".filter-bar [name=q]")).to_have_value("Alpha/x")
    for _ in "/x":
        keyboard.press("Backspace")
    keyboard.press("Enter")
    expect(browser_page.locator(".data-table tbody tr")).to_have_count(2)
    keyboard.press("j")
    keyboard.press("j")
    keyboard.press("x")
    expect(browser_page.locator("[data-selection-count]")).to_have_text("1")
    keyboard.press("Enter")

    expect(browser_page.locator(".record-form")).to_be_visible()
    watch.check()


def test_theme_and_language_stay_as_chosen(
    sqlite_library: Library,
    live_console: LiveConsole,
    operator: Operator,
    window: Page,
) -> None:
    add_site(sqlite_library, "Alpha")
    watch = sign_in(window, live_console)
    open_list(window, "Sites")
    html = window.locator("html")

    window.get_by_role("button", name="Account: olivia").click()
    window.get_by_role("button", name="Dark").click()
    expect(html).to_have_attribute("data-theme", "dark")
    window.get_by_role("button", name="Account: olivia").click()
    window.get_by_role("button", name="简体中文").click()
    expect(html).to_have_attribute("lang", "zh-hans")
    watch.check()
    window.locator(".record-link").click()

    expect(html).to_have_attribute("data-theme", "dark")
    expect(html).to_have_attribute("lang", "zh-hans")
    expect(window.get_by_role("button", name="保存")).to_be_visible()
    assert window.url.startswith(f"{live_console.url}/sites/site/1/change/")
    watch.check()


def test_dark_is_dark_and_light_is_light(
    sqlite_library: Library,
    live_console: LiveConsole,
    operator: Operator,
    browser_page: Page,
) -> None:
    sign_in(browser_page, live_console)
    lightness = {}
    for theme in ("Dark", "Light"):
        browser_page.get_by_role("button", name="Account: olivia").click()
        browser_page.get_by_role("button", name=theme).click()
        expect(browser_page.locator("html")).to_have_attribute(
            "data-theme", theme.lower()
        )
        lightness[theme] = brightness(browser_page)

    assert lightness["Dark"] < 80
    assert lightness["Light"] > 200


def brightness(page: Page) -> int:
    """Of the page's ground, from 0 to 255, as a screen shows it."""
    drawn = """async () => {
      const canvas = new OffscreenCanvas(1, 1).getContext("2d");
      canvas.fillStyle = getComputedStyle(document.documentElement).backgroundColor;
      canvas.fillRect(0, 0, 1, 1);
      return Math.max(...canvas.getImageData(0, 0, 1, 1).data.slice(0, 3));
    }"""
    return int(page.evaluate(drawn))


def test_a_wrong_password_is_told_and_the_right_one_enters(
    sqlite_library: Library, live_console: LiveConsole, operator: Operator, window: Page
) -> None:
    watch = sign_in(window, live_console, password="synthetic-Wrong-1")

    expect(window.get_by_role("alert")).to_contain_text(
        "No operator has this name and password"
    )
    assert "/login/" in window.url
    expect(window.get_by_label("Name")).to_have_value("olivia")
    expect(window.get_by_label("Password")).to_have_value("")
    watch.check()
    window.get_by_label("Password").fill(PASSWORD)
    window.get_by_role("button", name="Sign in").click()

    expect(window.get_by_role("button", name="Account: olivia")).to_be_visible()
    watch.check()


def test_hostile_text_runs_nothing(
    sqlite_library: Library,
    live_console: LiveConsole,
    operator: Operator,
    browser_page: Page,
) -> None:
    for text in HOSTILE:
        site = dict.fromkeys(("name", "domain", "url", "ua", "rss", "downloader"), text)
        sqlite_library.insert("site", **site)
        sqlite_library.insert("siteicon", name=text, domain=text, url=text, base64=text)
        message = dict.fromkeys(("title", "text", "image", "link", "source"), text)
        sqlite_library.insert("message", **message)
    watch = sign_in(browser_page, live_console)

    for page in ("sites/site/", "sites/siteicon/", "core/message/"):
        records = [f"{page}{pk}/change/" for pk in range(1, len(HOSTILE) + 1)]
        for address in [*records, f"{page}1/delete/", f"{page}?q=<svg/on>", page]:
            browser_page.goto(f"{live_console.url}/{address}")
            touch_everything(browser_page)
            watch.check()
        browser_page.locator("[data-check-all]").check()
        browser_page.get_by_role("button", name="Delete").click()
        expect(browser_page.locator(".big-count")).to_be_visible()
        touch_everything(browser_page)
        browser_page.get_by_role("button", name="Delete").click()
        expect(browser_page.get_by_text("Deleted 6 records.")).to_be_visible()
        touch_everything(browser_page)
        watch.check()


def touch_everything(page: Page) -> None:
    """Nothing runs by pointing at things, and no link leads to a script."""
    assert page.evaluate("window.hacked") is None
    found = page.evaluate(
        """() => {
          const all = [...document.querySelectorAll("*")];
          for (const each of all) {
            for (const type of ["mouseover", "focus", "error", "load"]) {
              each.dispatchEvent(new Event(type));
            }
          }
          const places = all.flatMap((each) => [...each.attributes]);
          return places
            .filter(({name, value}) => name.startsWith("on") || (
              ["href", "src", "action", "formaction", "srcdoc"].includes(name)
              && /^\\s*(javascript|data:text)/i.test(value)))
            .map(({name, value}) => `${name}=${value}`);
        }"""
    )
    assert found == []
    assert page.evaluate("window.hacked") is None
