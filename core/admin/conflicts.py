"""Records that no longer hold what a change wrote, page by page."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from django.apps import apps

from core.admin.entries import Side, sides
from core.changes.rows import Rows
from core.changes.snapshot import mask, shown

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from django.contrib.admin import AdminSite

    from core.admin.base import RecordAdmin
    from core.changes import ChangeEntry, ChangeSet
    from core.models.base import Record

PAGE = 50


def page(found: Sequence[int], number: int) -> Sequence[int]:
    """One page of all that are in conflict."""
    return found[(number - 1) * PAGE : number * PAGE]


def neighbours(number: int, count: int, query: str) -> dict[str, str]:
    """The addresses of the pages before and after this one."""
    last = max(-(-count // PAGE), 1)
    state = f"{query}&" if query else ""
    urls: dict[str, int] = {}
    if 1 < number <= last:
        urls |= {"first": 1, "previous": number - 1}
    if number < last:
        urls |= {"next": number + 1, "last": last}
    return {name: f"?{state}page={n}" for name, n in urls.items()}


def rows(
    site: AdminSite, change_set: ChangeSet, ids: Sequence[int], tables: Collection[str]
) -> list[dict[str, Any]]:
    """Of each entry: what its record held, what the change wrote, what it holds now.

    Those of other tables are left out.
    """
    found = change_set.entries.filter(pk__in=ids).order_by("-pk")
    entries = [entry for entry in found if entry.table in tables]
    by_table: dict[str, list[int]] = defaultdict(list)
    for entry in entries:
        by_table[entry.table].append(entry.record_id)
    current = {
        table: Rows(apps.get_model(table)).snapshots(record_ids)
        for table, record_ids in by_table.items()
    }
    return [
        {
            "entry": entry.pk,
            "id": entry.record_id,
            "table": str(entry.model._meta.verbose_name),
            "label": entry.label or str(entry.record_id),
            "url": table_pages(site, entry.model).record_url(entry.record_id),
            "fields": _fields(entry, current[entry.table].get(entry.record_id) or {}),
        }
        for entry in entries
    ]


def table_pages(site: AdminSite, model: type[Record]) -> RecordAdmin:
    """The pages of a table."""
    return site.get_model_admin(model)  # type: ignore[return-value]


def _fields(entry: ChangeEntry, now: dict[str, Any]) -> list[tuple[Side, Side]]:
    """Per field: before and after as the change has them, and after and now."""
    model = entry.model
    before = shown(model, entry.before, label=entry.label)
    after = shown(model, entry.after, label=entry.label)
    names = [*dict.fromkeys([*before, *after])]
    held = {name: mask(model, name, now.get(name), label=entry.label) for name in names}
    return [*zip(sides(model, before, after), sides(model, after, held), strict=True)]
