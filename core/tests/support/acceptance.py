"""A visitor without JavaScript, who does to each table what an operator does."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlencode, urljoin

from django.contrib import admin
from django.db import models

from core.admin.inputs import RecordInput
from core.admin.kinds import Kind
from core.fields import ClockField, DayField

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from django.test import Client

    from core.admin.base import RecordAdmin
    from core.models.base import Record

NEW = {
    Kind.NUMBER: "7",
    Kind.SIZE: "7",
    Kind.SECRET: "synthetic-new-secret",
    Kind.JSON: '{"改": [1.50, null, "\\ud83c\\udfac", {}], "a": 12345678901234567890}',
    Kind.SECRET_JSON: '{"password": "synthetic-new-secret", "n": 1}',
}
"""What an operator writes into a column of this kind; a text gets longer."""


class Visitor(Protocol):
    """Whatever fetches pages, as a browser would: redirects followed."""

    def get(self, url: str) -> Page: ...

    def post(self, url: str, data: list[tuple[str, str]]) -> Page: ...


@dataclass
class TestClientVisitor:
    """Django's test client, with the CSRF check that a browser meets."""

    __test__ = False
    client: Client

    def __post_init__(self) -> None:
        self.client.handler.enforce_csrf_checks = True

    def get(self, url: str) -> Page:
        return self._page(url, self.client.get(url, follow=True))

    def post(self, url: str, data: list[tuple[str, str]]) -> Page:
        kind = "application/x-www-form-urlencoded"
        answer = self.client.post(url, urlencode(data), content_type=kind, follow=True)
        return self._page(url, answer)

    def _page(self, url: str, answer: Any) -> Page:
        if answer.redirect_chain:
            url = urljoin(url, answer.redirect_chain[-1][0])
        return Page(self, url, answer.status_code, answer.content.decode())


@dataclass
class Control:
    """One input of a form, as a browser keeps it."""

    kind: str
    name: str
    value: str = ""
    is_on: bool = True
    options: list[str] = field(default_factory=list)


@dataclass
class Form:
    """A form to fill in and send."""

    page: Page
    action: str
    is_post: bool
    controls: list[Control] = field(default_factory=list)

    def control(self, name: str) -> Control:
        """The first input of this name. Raises StopIteration."""
        return next(each for each in self.controls if each.name == name)

    def __contains__(self, name: str) -> bool:
        return any(each.name == name for each in self.controls)

    def __getitem__(self, name: str) -> str:
        return self.control(name).value

    def __setitem__(self, name: str, value: str) -> None:
        """Type, choose from a list, or choose one of several radio buttons."""
        for each in self.controls:
            if each.name == name and each.kind == "radio":
                each.is_on = each.value == value
            elif each.name == name:
                each.value = value

    def tick(self, name: str, *, is_on: bool = True) -> None:
        """Tick a checkbox, or clear it."""
        self.control(name).is_on = is_on

    def send(self, **button: str) -> Page:
        """Press the button given as name=value, or the form's first."""
        data = [
            (each.name, each.value.replace("\n", "\r\n"))
            for each in self.controls
            if each.is_on and each.name and each.kind != "submit"
        ]
        data += button.items()
        url = urljoin(self.page.url, self.action)
        if self.is_post:
            return self.page.visitor.post(url, data)
        return self.page.visitor.get(f"{url.partition('?')[0]}?{urlencode(data)}")


class _Reader(HTMLParser):
    """Finds forms and links. Texts come with the newlines a browser makes of them."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self.page = page
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.words: list[str] = []
        self._open: Control | None = None
        # The navigation around it is half of a page, and the same on all.
        html = page.html[max(page.html.find("<main"), 0) :]
        self.feed(re.sub("\r\n?", "\n", html).replace("\x00", "\ufffd"))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        elif tag == "form":
            is_post = values.get("method", "get") == "post"
            self.forms.append(Form(self.page, values.get("action", ""), is_post))
        elif self.forms and "disabled" not in values:
            self._take(tag, values)

    def _take(self, tag: str, values: dict[str, str]) -> None:
        add, name = self.forms[-1].controls.append, values.get("name", "")
        value = values.get("value", "")
        if tag == "input":
            kind = values.get("type", "text")
            is_box = kind in ("checkbox", "radio")
            value = "on" if is_box and "value" not in values else value
            # A browser takes line breaks out of a line.
            value = value if is_box or kind == "hidden" else value.replace("\n", "")
            add(Control(kind, name, value, not is_box or "checked" in values))
        elif tag == "button" and values.get("type", "submit") == "submit":
            add(Control("submit", name, value))
        elif tag in ("textarea", "select"):
            self._open = Control(tag, name)
            add(self._open)
        elif tag == "option" and self._open is not None:
            self._open.options.append(value)
            if "selected" in values or len(self._open.options) == 1:
                self._open.value = value

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._open is not None:
            self._open.value = self._open.value.removeprefix("\n")
        if tag in ("textarea", "select"):
            self._open = None

    def handle_data(self, data: str) -> None:
        if self._open is None:
            self.words.append(data)
        elif self._open.kind == "textarea":
            self._open.value += data


@dataclass
class Page:
    """A page that was fetched."""

    visitor: Visitor
    url: str
    status: int
    html: str

    @cached_property
    def _read(self) -> _Reader:
        return _Reader(self)

    @property
    def forms(self) -> list[Form]:
        """Its forms."""
        return self._read.forms

    @property
    def links(self) -> list[str]:
        """Where it leads to."""
        return self._read.links

    @cached_property
    def text(self) -> str:
        """Its words, without the markup."""
        return " ".join(" ".join(self._read.words).split())

    def form(self, having: str = "", *, action: str = "") -> Form:
        """The form with an input of this name, or that leads to such an address."""
        for form in self.forms:
            fits = action in form.action if action else having in form
            if fits and form.is_post:
                return form
        raise AssertionError(f"no form for {having or action} on {self.told()}")

    @property
    def record_links(self) -> list[str]:
        """The records this list leads to."""
        found = (urljoin(self.url, link) for link in self.links)
        return [*dict.fromkeys(link for link in found if "/change/" in link)]

    def told(self) -> str:
        """What to print about a page that is not as it should be."""
        notices = re.findall(r'role="alert">.*?</div>|errorlist.*?</ul>', self.html)
        return f"{self.status} {self.url}: {notices or self.text[:2000]}"

    def expect(self, *words: str) -> Page:
        """The page itself, if it is a good answer that says this."""
        assert self.status == 200, self.told()
        for each in words:
            assert each in self.text, f"{each!r} is not on {self.told()}"
        return self

    def undo(self) -> Page:
        """Take back what was just done, by the button beside the message."""
        return self.form(action="/undo/").send().expect("back.")


@dataclass
class Tour:
    """The ways through the pages of one table."""

    visitor: Visitor
    model: type[Record]

    @property
    def pages(self) -> RecordAdmin:
        """What declares the table's pages."""
        return admin.site.get_model_admin(self.model)  # type: ignore[return-value]

    def list(self, query: str = "") -> Page:
        """The list."""
        return self.visitor.get(f"{self.pages.list_url()}?{query}").expect()

    def record(self, pk: int) -> Page:
        """A record's page."""
        return self.visitor.get(self.pages.record_url(pk)).expect()

    def save_unedited(self, pk: int) -> Page:
        """Save what the form shows, as a browser sends it back."""
        return self.record(pk).form("shown").send().expect("Nothing was changed")

    def edit(self, record: Page) -> Page:
        """Edit every column that may be edited, and save. `record` is its page."""
        form = record.form("shown")
        for entry in self._inputs(form):
            name = f"field-{entry.field.attname}"
            form[name] = another(entry, form.control(name))
        return form.send().expect("Saved")

    def bulk_edit(self, query: str = "") -> Page:
        """Set the first, third … field of all that matches, and empty the others."""
        form = self._selected(query).send(do="edit").expect().form("reason")
        for count, name in enumerate(self._bulk_columns()):
            mode, value = f"{name}-mode", f"{name}-value"
            if count % 2 and "null" in form.control(mode).options:
                form[mode] = "null"
                continue
            form[mode] = "set"
            form[value] = another(RecordInput(self.model, name), form.control(value))
        apply = form.send().expect("Nothing has been written yet").form("reason")
        return apply.send().expect("Updated")

    def _bulk_columns(self) -> list[str]:
        """The columns in which all records may hold the same."""
        model = self.model
        apart = {name for group in model.unique_by for name in group}
        apart |= {*model.checked_with}
        return [name for name in self.pages.bulk_fields if name not in apart]

    def delete(self, pk: int) -> Page:
        """Delete one record."""
        url = self.pages.url("delete", pk)
        return self.visitor.get(url).expect().form("reason").send().expect("Deleted")

    def delete_all(self, query: str = "") -> Page:
        """Delete everything that matches."""
        page = self._selected(query).send(do="delete").expect("will be deleted")
        form = page.form("reason")
        if "count" in form:
            form["count"] = re.search(r"Type (\d+) to confirm", page.text)[1]  # type: ignore[index]
        return form.send().expect("Deleted")

    def _selected(self, query: str) -> Form:
        """The list's form with all that matches selected."""
        page = self.list(f"{query}&all=1").expect("matching selected")
        return page.form("all")

    def _inputs(self, form: Form) -> Iterator[RecordInput]:
        for column in self.model._meta.fields:
            # Another record it could lead to cannot be told from here.
            is_link = isinstance(column, models.ForeignKey)
            if f"field-{column.attname}" in form and not is_link:
                yield RecordInput(self.model, column.name)


def another(entry: RecordInput, control: Control) -> str:
    """A value other than the one the input shows."""
    if control.kind == "select":
        return next(each for each in control.options if each not in ("", control.value))
    if entry.kind is Kind.STAMP:
        return _another_time(entry)
    shape = getattr(entry.field, "shape", None)
    if shape is not None:
        text = json.dumps(fitting(shape), ensure_ascii=False)
        return text if text != control.value else "null"
    if entry.kind in NEW:
        return NEW[entry.kind] if NEW[entry.kind] != control.value else "8"
    if entry.is_switch:
        return "1"
    return f"{control.value} 改"


def fitting(shape: Mapping[str, Any]) -> Any:
    """JSON of this shape."""
    kind = shape.get("type", "string")
    match kind if isinstance(kind, str) else kind[0]:
        case "array":
            count = shape.get("minItems", 1)
            return [fitting(shape.get("items", {}))] * count
        case "object":
            return {"改": fitting(shape.get("additionalProperties", {}))}
        case "number":
            return 1.5
        case "integer":
            return 2**60
        case _:
            return "改 \U0001f3ac"


def _another_time(entry: RecordInput) -> str:
    day, clock = "2001-02-03", "04:05:06"
    if isinstance(entry.field, DayField):
        return day
    return clock if isinstance(entry.field, ClockField) else f"{day} {clock}"
