"""The columns of a list, and its rows as finished HTML.

Three quarters of a plain admin list's time is spent on its generic cells. Here
each column's way of showing is chosen once a page, and a row is one string.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from core.admin import values
from core.admin.kinds import Kind, kind_of

if TYPE_CHECKING:
    from core.admin.base import RecordAdmin
    from core.models.base import Record

CLASSES = {
    Kind.NUMBER: "is-number",
    Kind.SIZE: "is-number",
    Kind.PATH: "is-path",
    Kind.STAMP: "is-stamp",
}


@dataclass(frozen=True)
class Column:
    """One column: its heading, and a record's value as escaped HTML."""

    name: str
    label: str
    html: Callable[[Record], str]
    css: str = ""
    is_sortable: bool = False


def columns_of(model_admin: RecordAdmin) -> list[Column]:
    """The columns `list_display` names, in the language of this request."""
    return [_column(model_admin, str(name)) for name in model_admin.list_display]


def loaded_fields(model_admin: RecordAdmin) -> set[str]:
    """The table's columns that a list reads; the others stay in the database."""
    names = {name.lstrip("-") for name in model_admin.ordering}
    names |= {model_admin.list_poster} if model_admin.list_poster else set()
    names |= {*model_admin.list_load, "id"}
    fields = {field.name for field in model_admin.model._meta.fields}
    return names | fields.intersection(map(str, model_admin.list_display))


def _column(model_admin: RecordAdmin, name: str) -> Column:
    names = {field.name: field for field in model_admin.model._meta.fields}
    if name not in names:
        return _computed(name, getattr(model_admin, name))
    field = names[name]
    kind = kind_of(model_admin.model, name)
    show = values.shower(model_admin.model, name)
    return Column(
        name,
        label=capfirst(str(field.verbose_name)),
        css="is-id" if name == "id" else CLASSES.get(kind, ""),
        html=lambda record: show(getattr(record, field.attname)),
        is_sortable=name in model_admin.sortable,
    )


def _computed(name: str, method: Callable[[Any], Any]) -> Column:
    label = capfirst(str(getattr(method, "short_description", name)))
    if getattr(method, "boolean", False):
        show = values.flag_shower()
        return Column(name, label, lambda record: show(method(record)))
    return Column(name, label, lambda record: conditional_escape(method(record)))


class Rows:
    """Makes the rows of one page."""

    def __init__(
        self,
        model_admin: RecordAdmin,
        columns: list[Column],
        query: str,
        *,
        has_boxes: bool = True,
    ) -> None:
        self.has_boxes = has_boxes
        main, *rest = columns
        self.way_back = f"?{urlencode({'list': query})}" if query else ""
        self.main = main
        self.poster = model_admin.list_poster
        self.address = model_admin.list_url()
        self.select = escape(_("Select %s"))
        self.rest = [(_opening(column), column.html) for column in rest]

    def render(self, record: Record, *, is_checked: bool) -> SafeString:
        """One `<tr>`."""
        cells = "".join(f"{td}{html(record)}</td>" for td, html in self.rest)
        box = self._check(record, is_checked) if self.has_boxes else ""
        html = f"<tr>{box}{self._main(record)}{cells}</tr>"
        return mark_safe(html)  # noqa: S308  cells are escaped

    def _check(self, record: Record, is_checked: bool) -> str:  # noqa: FBT001
        state = " checked disabled" if is_checked else ""
        # Not str(record): it may need columns that a list does not load.
        name = str(getattr(record, self.main.name, ""))[:80]
        label = self.select.replace("%s", escape(f"{name} ({record.pk})"))
        return (
            '<td class="col-check"><input type="checkbox" class="check" data-check '
            f'name="selected" value="{record.pk}" aria-label="{label}"{state}></td>'
        )

    def _main(self, record: Record) -> str:
        poster = values.picture(getattr(record, self.poster)) if self.poster else ""
        css = "cell-main has-poster" if self.poster else "cell-main"
        image = values.thumbnail(poster) if poster else ""
        address = f"{self.address}{record.pk}/change/{self.way_back}"
        return (
            f'<th scope="row" class="{css}">{image}'
            f'<a class="record-link" href="{address}">{self.main.html(record)}</a></th>'
        )


def _opening(column: Column) -> str:
    css = f' class="{column.css}"' if column.css else ""
    return f'<td{css} data-label="{escape(column.label)}">'
