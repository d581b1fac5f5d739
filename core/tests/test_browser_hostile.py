"""Hostile text in a real browser: nothing runs, nothing is asked for, nobody leaves."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING

import pytest

from core.models import Subscribe
from core.roles import Role
from core.tests.support import hostile, hostile_walk
from core.tests.support.hostile_walk import Walk
from core.tests.support.people import client_of, make_operator

if TYPE_CHECKING:
    from playwright.sync_api import Page

IN_CHINESE = (
    "_changelist",
    "_change",
    "_delete",
    "_undo",
    "_preview",
    "index",
    "account",
)
"""Pages that are looked at on a narrow window too, in Chinese."""
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJ"
    "RU5ErkJggg=="
)
TELL = """document.addEventListener("securitypolicyviolation", (event) =>
  console.error("CSP", event.violatedDirective, event.blockedURI, event.sample));
window.open = () => console.error("opened a window");"""
MARKUP = """() => {
  const found = window.hacked ? ["hacked"] : [];
  const say = (each) => found.push(each.outerHTML.slice(0, 200));
  document.querySelectorAll(`[data-evil], iframe, frame, object, embed, base, math,
    marquee, style, template, foreignObject, noscript, meta[http-equiv],
    script:not([src]), [style], [srcdoc], [ping], [srcset], [background]`).forEach(say);
  const safe = new Set(["http:", "https:"]);
  const names = ["href", "src", "action", "formaction", "xlink:href", "data", "hx-get",
    "hx-post", "hx-push-url", "poster"];
  for (const each of document.querySelectorAll("*")) {
    const given = [...each.attributes].map(({ name }) => name);
    if (given.some((name) => /^(on|hx-on|data-hx)/.test(name))) say(each);
    for (const name of names.filter((name) => each.hasAttribute(name))) {
      const value = each.getAttribute(name);
      if (each.tagName === "IMG" && /^data:image\\//.test(value)) continue;
      let url;
      try { url = new URL(value, document.baseURI); } catch { say(each); continue; }
      if (!safe.has(url.protocol)) say(each);
      if (url.origin === location.origin) continue;
      const isLink = each.tagName === "A" && each.relList.contains("noopener")
        && each.relList.contains("noreferrer");
      const isPicture = each.tagName === "IMG" && url.protocol === "https:"
        && each.referrerPolicy === "no-referrer";
      if (!isLink && !isPicture) say(each);
    }
  }
  return found;
}"""
TURNED = """() => {
  const found = new Set();
  const alone = (box) => {
    const style = getComputedStyle(box);
    return !["inline", "contents"].includes(style.display)
      || /isolate|plaintext/.test(style.unicodeBidi);
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode;
    const box = text.parentElement;
    if (!/[\\u202a-\\u202e\\u2066-\\u2069]/.test(text.data)) continue;
    if (!box.checkVisibility()) continue;
    if (box.closest("pre, textarea, option, .json-view")) continue;
    let around = box;
    while (!alone(around)) around = around.parentElement;
    const rest = document.createRange();
    rest.setStartAfter(text);
    rest.setEnd(around, around.childNodes.length);
    const own = text.data.slice(text.data.lastIndexOf("\\u27e7") + 1);
    const beside = rest.toString().trim();
    if (beside) found.add(`${around.outerHTML.slice(0, 80)} … ${beside.slice(0, 60)}`);
    if (text.data.includes("\\u27e7") && /\\w{3}/.test(own))
      found.add(`${around.outerHTML.slice(0, 300)} … ${own.slice(0, 60)}`);
  }
  return [...found];
}"""


class Guard:
    """Watches a browser for everything a page may not make it do."""

    def __init__(self, page: Page, origin: str) -> None:
        self.page, self.origin = page, origin
        self.found: list[str] = []
        self.pictures = 0
        page.context.add_init_script(TELL)
        page.context.on("page", lambda other: self.say(f"new window {other.url}"))
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.say(f"error {error}"))
        page.on("dialog", self._dismiss)
        page.on("framenavigated", self._see)
        page.context.route(re.compile(f"^(?!{re.escape(origin)}/)"), self._answer)

    def say(self, what: str) -> None:
        """Note what went wrong on this page."""
        self.found.append(f"{self.page.url}: {what[:500]}")

    def look(self, path: str) -> None:
        """Open a page of the console and look through it."""
        self.page.goto(f"{self.origin}{path}")
        self._read()

    def read(self, html: str) -> None:
        """Look through a page of one's own."""
        self.page.set_content(html, wait_until="commit")
        self._read()

    def _read(self) -> None:
        for script in (MARKUP, TURNED):
            for each in self.page.evaluate(script):
                self.say(each)

    def _dismiss(self, dialog) -> None:
        self.say(f"dialog {dialog.message}")
        dialog.dismiss()

    def _hear(self, message) -> None:
        # Pages may be errors; Chromium tells of each.
        if message.type in ("error", "warning") and "status of 4" not in message.text:
            self.say(message.text)

    def _see(self, frame) -> None:
        if not frame.url.startswith((f"{self.origin}/", "about:blank", "chrome-error")):
            self.say(f"went to {frame.url}")

    def _answer(self, route) -> None:
        request = route.request
        headers = request.all_headers()
        is_picture = request.resource_type == "image" and "referer" not in headers
        if is_picture and request.url.startswith("https://"):
            self.pictures += 1
            route.fulfill(body=PIXEL, content_type="image/png")
            return
        self.say(f"asked {request.method} {request.url}")
        route.abort()


@pytest.fixture
def guard(browser_page, live_console) -> Guard:
    return Guard(browser_page, live_console.url)


def use(guard: Guard, client, **cookies: str) -> None:
    """Sign the browser in as the client is, with these preferences."""
    values = {name: morsel.value for name, morsel in client.cookies.items()} | cookies
    guard.page.context.add_cookies(
        [{"name": k, "value": v, "url": guard.origin} for k, v in values.items()]
    )


def test_the_browser_takes_hostile_text_for_text(sqlite_library, guard, monkeypatch):
    hostile_walk.take_any_json(monkeypatch)
    ids = hostile.fill(sqlite_library)
    named = make_operator(hostile.TYPED[:140], Role.ADMINISTRATOR)
    hostile_walk.remember(named)
    plans = [*hostile_walk.change_records(ids, named)]
    walk = Walk(client_of(named), cap=1)
    records = [hostile_walk.pages_of(model).record_url(ids[model][0]) for model in ids]
    walk.start(*records, *plans, "/")
    hostile_walk.send_forms(walk, Subscribe, ids[Subscribe][1])
    hostile_walk.send_others(walk)
    assert not walk.problems

    use(guard, walk.client, mpadmin_theme="light")
    for urls in walk.urls.values():
        guard.look(urls[0])
    use(guard, walk.client, mpadmin_language="zh-hans")
    guard.page.set_viewport_size({"width": 390, "height": 844})
    for name, urls in walk.urls.items():
        if name.endswith(IN_CHINESE):
            guard.look(urls[0])

    assert guard.found == []
    assert guard.pictures
    assert len(walk.urls) > 150


def test_what_the_browser_takes_for_markup_is_noticed(guard):
    for payload in (*hostile.MARKUP[:4], *hostile.MARKUP[17:20]):
        guard.found.clear()

        guard.read(f"<p>{payload}<b title=\"{payload}\"><i title='{payload}'>")

        assert guard.found, payload


def test_text_that_turns_what_stands_beside_it_is_noticed(guard):
    told = {}
    for html in (
        f"<p>{hostile.RTL} and more</p>",
        f"<p><i>{hostile.RTL}</i> and more</p>",
        f"<p>{hostile.RTL}<span>and more</span></p>",
        f"<p><bdi>{hostile.RTL}</bdi> and more</p>",
        f"<div><p>{hostile.RTL}</p><p>and more</p></div>",
    ):
        guard.found.clear()
        guard.read(html)
        told[html] = bool(guard.found)

    assert [*told.values()] == [True, True, True, False, False]
