"""Tables MoviePilot holds in memory: what to say after a change to one.

MoviePilot reads them when it starts. Until it is restarted it works with the old
values, and whenever it saves a setting it writes what it remembers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import DatabaseError
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from core.changes.rows import Rows, holds
from core.changes.snapshot import load
from core.permissions import visible_tables
from core.secrets import UnreadableSecret

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.contrib.admin import AdminSite
    from django.http import HttpRequest

    from core.changes import ChangeEntry, ChangeSet

IN_MEMORY = frozenset({"core.systemconfig", "core.userconfig"})
"""Tables MoviePilot reads once, when it starts."""
MOST_COMPARED = 200
"""Entries that are compared with what the records hold now."""


@dataclass(frozen=True)
class Overwritten:
    """A record that no longer holds what a change wrote."""

    label: str
    url: str


def restart_notice() -> str:
    """What to know about these tables."""
    return _(
        "MoviePilot holds this table in memory: it notices the change only when"
        " it is restarted, and may write its old values back until then."
    )


def carried_notice(table: str) -> str:
    """What to know where a change to another table carries records of this one."""
    name = capfirst(str(apps.get_model(table)._meta.verbose_name_plural))
    text = _(
        "The change also writes to “%s”, which MoviePilot holds in memory: it notices"
        " that only when it is restarted, and may write its old values back until then."
    )
    return text % name


def has_changed(change_set: ChangeSet) -> bool:
    """Whether the change set wrote to one of these tables."""
    if change_set.table in IN_MEMORY:
        return change_set.changed > 0
    return change_set.carried > 0 and _entries(change_set).exists()


def context(
    site: AdminSite, request: HttpRequest, change_set: ChangeSet
) -> dict[str, Any]:
    """What the page of a change set says of MoviePilot's memory."""
    if not has_changed(change_set):
        return {"restart": "", "overwritten": []}
    return {
        "restart": restart_notice(),
        "overwritten": overwritten(
            site, change_set, IN_MEMORY & visible_tables(request.user)
        ),
    }


def overwritten(
    site: AdminSite, change_set: ChangeSet, tables: Collection[str] = IN_MEMORY
) -> list[Overwritten]:
    """Records of these tables that no longer hold what the change set wrote, of its
    first 200.

    None of a change set that is at work, or was taken back.
    """
    if change_set.is_active or change_set.put_back:
        return []
    among = _entries(change_set).filter(table__in=tables).order_by("batch", "id")
    entries = [*among[:MOST_COMPARED]]
    found = []
    for table in {entry.table for entry in entries}:
        mine = [entry for entry in entries if entry.table == table]
        try:
            found += [_told(site, entry) for entry in _moved(mine)]
        except (DatabaseError, UnreadableSecret):
            continue  # nobody can tell
    return found


def _entries(change_set: ChangeSet) -> Any:
    return change_set.applied_entries().filter(table__in=IN_MEMORY)


def _moved(entries: list[ChangeEntry]) -> list[ChangeEntry]:
    """Those of the entries, all of one table, whose records hold something else now."""
    rows = Rows(entries[0].model)
    now = rows.snapshots([entry.record_id for entry in entries])
    columns = entries[0].model.unique_by[0]
    keys = {entry.pk: _key(entry, columns) for entry in entries if entry.after is None}
    back = {key for _pk, key in rows.holders(columns, {*keys.values()})}
    return [
        entry
        for entry in entries
        if (
            keys[entry.pk] in back
            if entry.after is None
            else not holds(now.get(entry.record_id), load(entry.after))
        )
    ]


def _key(entry: ChangeEntry, columns: tuple[str, ...]) -> tuple[Any, ...]:
    """What a deleted record was found by: MoviePilot brings it back with another id."""
    before = load(entry.before) or {}
    return tuple(before.get(column) for column in columns)


def _told(site: AdminSite, entry: ChangeEntry) -> Overwritten:
    model_admin = site.get_model_admin(entry.model)
    url = "" if entry.after is None else model_admin.record_url(entry.record_id)  # type: ignore[attr-defined]
    return Overwritten(entry.label or str(entry.record_id), url)
