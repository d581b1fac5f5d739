"""Records the console has changed, deleted ones too, found by id or name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.apps import apps
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from core.admin import entry_part
from core.changes import find
from core.permissions import may_see_change, visible_tables

if TYPE_CHECKING:
    from django.contrib.admin import AdminSite
    from django.http import HttpRequest

    from core.admin.base import RecordAdmin
    from core.changes import ChangeEntry, ChangeSet


@dataclass(frozen=True)
class Row:
    """One entry that was found."""

    change_set: ChangeSet
    record_id: int
    label: str
    table: str
    kind: str
    url: str
    """Everything that was done to the record."""
    can_open: bool = True
    """Whether one may look at the change as a whole."""


def show(site: AdminSite, request: HttpRequest) -> TemplateResponse:
    """The search and a page of what it finds, newest first."""
    seen = visible_tables(request.user)
    names = {k: label for k, label in entry_part.table_names().items() if k in seen}
    record = request.GET.get("record", "").replace("\x00", "").strip()
    table = request.GET.get("table", "")
    table = table if table in names else ""
    found = _find(record, [table] if table else [*names], request) if record else None
    query = urlencode(
        {k: v for k, v in {"table": table, "record": record}.items() if v}
    )
    context: dict[str, Any] = {
        **site.each_context(request),
        "title": _("Records that were changed"),
        "record": record,
        "table": table,
        "tables": sorted(names.items(), key=lambda each: each[1]),
        "rows": [_row(site, request, entry, names) for entry in found.entries]
        if found
        else [],
        "older_url": f"?{query}&below={found.older}" if found and found.older else "",
        "is_first": "below" not in request.GET,
        "query": query,
    }
    return TemplateResponse(request, "core/changed_records.html", context)


def _find(record: str, tables: list[str], request: HttpRequest) -> find.Found:
    below = entry_part.whole_number(request.GET.get("below", ""))
    number = entry_part.whole_number(record)
    if number is not None:
        return find.by_id(number, tables, below=below)
    is_all = {*tables} == {*entry_part.table_names()}
    return find.by_text(record, [] if is_all else tables, below=below)


def _row(
    site: AdminSite, request: HttpRequest, entry: ChangeEntry, names: dict[str, str]
) -> Row:
    model_admin: RecordAdmin = site.get_model_admin(apps.get_model(entry.table))  # type: ignore[assignment]
    return Row(
        entry.change_set,
        entry.record_id,
        entry.label or str(entry.record_id),
        names.get(entry.table, entry.table),
        entry.change_set.kind,
        model_admin.url("history", entry.record_id),
        may_see_change(request.user, entry.change_set),
    )
