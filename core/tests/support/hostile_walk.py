"""Pages that show hostile text, and what none of them may hold."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter, deque
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urljoin, urlsplit

from django.contrib import admin
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import Resolver404, resolve, reverse

from core.admin.tests.awkward import record_models
from core.changes import (
    Delete,
    Selection,
    Set,
    apply,
    plan,
)
from core.fields import JSONColumn
from core.models import AuditEvent, SystemConfig
from core.models.audit import AuditKind
from core.tests.support.fuzzing import where
from core.tests.support.hostile import MARK, MARKUP, RTL, TYPED, as_json
from core.tests.support.live import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

    from core.admin.base import RecordAdmin
    from core.models import Operator
    from core.models.base import Record

ORIGIN = "http://testserver"
FORBIDDEN = {
    "iframe",
    "frame",
    "object",
    "embed",
    "applet",
    "base",
    "math",
    "marquee",
    "noscript",
    "style",
    "template",
    "foreignobject",
}
ADDRESSES = {
    "href",
    "src",
    "action",
    "formaction",
    "xlink:href",
    "data",
    "poster",
    "background",
    "cite",
    "srcset",
    "ping",
    "manifest",
    "hx-get",
    "hx-post",
    "hx-put",
    "hx-delete",
    "hx-patch",
    "hx-push-url",
    "hx-replace-url",
}
IMAGE = re.compile(r"data:image/[\w.+-]+[;,]", re.IGNORECASE)
KINDS_OF_PAGE = 6
"""How many pages of one address are looked at."""


def address_problem(tag: str, values: dict[str, str], name: str) -> str:
    """What is wrong with an address in an attribute; '' where nothing is."""
    # As a browser reads it: control characters gone, every slash forward.
    text = re.sub("[\x00-\x20]", "", values[name]).replace("\\", "/")
    if tag == "img" and IMAGE.match(text):
        return ""
    there = urlsplit(urljoin(f"{ORIGIN}/a/b", text))
    if f"{there.scheme}://{there.netloc}" == ORIGIN:
        return ""
    if there.scheme not in ("http", "https"):
        return f"{tag} leads to {text[:60]}"
    if tag == "img" and there.scheme == "https":
        is_quiet = values.get("referrerpolicy") == "no-referrer"
        return "" if is_quiet else f"a picture tells where it is shown: {text[:60]}"
    rel = {*values.get("rel", "").split()}
    is_link = tag == "a" and name == "href"
    if is_link and rel >= {"noopener", "noreferrer"}:
        return ""
    return f"{tag} {name} leads away without rel: {text[:60]}"


class Markup(HTMLParser):
    """Reads a page as a browser would, for what text must never have become."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.problems: list[str] = []
        self.links: list[str] = []
        self._script = False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self._script = tag == "script"
        if tag in FORBIDDEN or (tag == "meta" and "http-equiv" in values):
            self.problems.append(f"<{tag}>")
        if tag == "link" and not values.get("href", "").startswith("/static/"):
            self.problems.append(f"<link {values}>")
        for name in values:
            if name == MARK or name.startswith(("on", "hx-on", "data-hx")):
                self.problems.append(f"{tag} {name}={values[name][:60]}")
            if name in ("style", "srcdoc", "http-equiv", "is", "slot"):
                self.problems.append(f"{tag} {name}={values[name][:60]}")
            if name in ADDRESSES and (found := address_problem(tag, values, name)):
                self.problems.append(found)
        if tag == "a" and "href" in values:
            self.links.append(values["href"])

    def handle_endtag(self, tag: str) -> None:
        self._script = False

    def handle_data(self, data: str) -> None:
        if self._script and data.strip():
            self.problems.append(f"inline script: {data[:60]}")


@dataclass
class Walk:
    """Follows every link from page to page, a few of each kind, and reads each."""

    client: Client
    cap: int = KINDS_OF_PAGE
    """How many pages of one address are read; `caps` has those of which more are."""
    caps: dict[str, int] = field(default_factory=dict)
    pages: Counter[str] = field(default_factory=Counter)
    """How many pages of each address were read."""
    urls: dict[str, list[str]] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    """What was wrong, with the first page where it was."""
    _queue: deque[str] = field(default_factory=deque)
    _known: set[str] = field(default_factory=set)

    def start(self, *urls: str) -> None:
        """Read these pages, and what they lead to."""
        for url in urls:
            self._add(url)
        while self._queue:
            self.read(self._queue.popleft())

    def read(self, url: str) -> None:
        """Read one page, and remember where it leads."""
        answer = self.client.get(url)
        for _step in range(4):
            if answer.status_code not in (301, 302, 303):
                break
            url = urljoin(url, answer["Location"])
            answer = self.client.get(url)
        self.judge(url, answer)

    def judge(self, url: str, answer: Any) -> None:
        """Read an answer for what must not be in it."""
        body = b"".join(answer) if answer.streaming else answer.content
        headers = answer.serialize_headers().decode("latin-1").lower()
        if answer.status_code >= 500:
            self.problems.setdefault(where(answer), url)
        if "evil" in headers:
            self.problems.setdefault(f"header {headers[:300]}", url)
        if "text/html" not in answer.get("Content-Type", ""):
            return
        found = Markup(body.decode())
        for problem in found.problems:
            self.problems.setdefault(problem, url)
        for link in found.links:
            self._add(urljoin(url, link))

    def _add(self, url: str) -> None:
        address = urlsplit(url)
        path = f"{address.path}?{address.query}" if address.query else address.path
        if address.netloc not in ("", "testserver") or path in self._known:
            return
        name = _name_of(address.path)
        if not name or name == "admin:logout":
            return
        cap = next((n for end, n in self.caps.items() if name.endswith(end)), None)
        if self.pages[name] >= (cap or self.cap):
            return
        self.pages[name] += 1
        self._known.add(path)
        self.urls.setdefault(name, []).append(path)
        self._queue.append(path)


def _name_of(path: str) -> str:
    try:
        return resolve(path).view_name
    except Resolver404:
        return ""


# --- What the console itself remembers of hostile records


def take_any_json(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let text be written wherever JSON is, whatever shape MoviePilot wants."""
    monkeypatch.setattr(SystemConfig, "checked_with", ())
    for model in record_models():
        for column in model._meta.fields:
            if isinstance(column, JSONColumn):
                monkeypatch.setattr(column, "shape", None)


def text_operations(model: type[Record]) -> dict[str, Set]:
    """Hostile text into every column that takes text."""
    operations: dict[str, Set] = {}
    unique = {name for group in model.unique_by for name in group}
    for column in model._meta.fields:
        if column.attname in {*model.locked_fields, *unique, "id"}:
            continue
        if isinstance(column, JSONColumn):
            operations[column.name] = Set(as_json(TYPED))
        elif type(column).__name__ == "TextColumn":
            # PostgreSQL cannot index a text of any length.
            operations[column.name] = Set(TYPED[:1000])
    return operations


def change_records(ids: dict[type[Record], list[int]], by: Operator) -> Iterator[str]:
    """Change some records of every table; pages of plans that are still to be done."""
    for model, found in ids.items():
        operations = text_operations(model)
        some = Selection(model, ids=found[:3])
        made = plan(model, operations, selection=some, reason=TYPED, by=by)
        waiting = plan(model, operations, selection=some, reason=RTL, by=by)
        yield reverse("admin:core_plan_preview", args=[waiting.token])
        done = apply(made, by=by, skip_invalid=True)
        last = Selection(model, ids=found[-2:])
        yield reverse(
            "admin:core_plan_preview",
            args=[plan(model, Delete(), selection=last, reason=RTL, by=by).token],
        )
        yield reverse("admin:core_changeset_undo", args=[done.pk])


def pages_of(model: type[Record]) -> RecordAdmin:
    """What declares the table's pages."""
    return admin.site.get_model_admin(model)  # type: ignore[return-value]


def sign_in_as(name: str, agent: str) -> Client:
    """A client that signed in through the page, as this browser."""
    client = Client(HTTP_USER_AGENT=agent)
    data = {"username": name, "password": PASSWORD}
    client.post(reverse("admin:login"), data)
    return client


def remember(by: Operator) -> None:
    """Sign-ins, sessions and audit events that tell of hostile names and browsers."""
    for number, agent in enumerate([TYPED, RTL, *MARKUP[:5]]):
        sign_in_as(by.username, agent)
        sign_in_as(MARKUP[number], agent)
    for kind in AuditKind:
        AuditEvent.objects.record(kind, TYPED[:200], by=by, reason=TYPED, name=RTL)


def import_file(walk: Walk, model: type[Record], pk: int) -> None:
    """A file whose name, columns and values are hostile."""
    for name in (f"{MARKUP[18]}.csv", f"{RTL}.csv"):
        text = io.StringIO()
        rows = csv.writer(text)
        rows.writerow(["id", *MARKUP[:4], RTL, "name"])
        rows.writerow([pk, *MARKUP[4:8], RTL, TYPED])
        rows.writerow([TYPED] * 7)
        upload = SimpleUploadedFile(name, text.getvalue().encode())
        send(walk, pages_of(model).url("import"), {"file": upload})


def send(walk: Walk, url: str, data: dict[str, Any]) -> None:
    """Send a form, read what comes of it and what that leads to."""
    answer = walk.client.post(url, data, follow=True)
    at = answer.redirect_chain[-1][0] if answer.redirect_chain else url
    walk.judge(at, answer)
    walk.start(at)


def send_forms(walk: Walk, model: type[Record], pk: int) -> None:
    """What forms show of hostile values that were posted."""
    pages = pages_of(model)
    typed = {f"field-{column.attname}": TYPED for column in model._meta.fields}
    send(walk, pages.record_url(pk), typed)
    if pages.can_add:
        send(walk, pages.url("add"), typed)
    bulk = pages.url("bulk")
    for do in ("edit", "delete", "export", TYPED):
        send(walk, bulk, {"do": do, "selected": str(pk), "q": TYPED})
    rows = json.dumps([{"id": pk, TYPED: TYPED, "name": TYPED}, {"id": TYPED}])
    send(walk, pages.url("import"), {"text": rows})
    send(walk, pages.url("import"), {"text": f'["{TYPED}'})
    import_file(walk, model, pk)
    query = urlencode({"q": TYPED, "o": TYPED, "name": TYPED, "size": TYPED})
    walk.read(f"{pages.list_url()}?{query}")


def send_others(walk: Walk) -> None:
    """The forms of pages that are no table's."""
    for old, new in ((MARKUP[0], RTL), ("/", f"/{TYPED[:500]}")):
        send(walk, reverse("admin:remap"), {"old": old, "new": new})
    for name in ("admin:core_changeset_changelist", "admin:core_changeset_records"):
        query = urlencode({"record": TYPED, "q": TYPED, "table": TYPED})
        walk.read(f"{reverse(name)}?{query}")
