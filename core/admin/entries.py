"""What changed in a record, field by field, as pages show it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from django.core.exceptions import FieldDoesNotExist
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core.admin import values
from core.admin.diff import diff, is_json
from core.admin.kinds import Kind, kind_of
from core.admin.words import field_label
from core.changes.preview import SHOWN_LENGTH
from core.changes.snapshot import shown
from core.secrets import Masked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.contrib.admin import AdminSite

    from core.admin.base import RecordAdmin
    from core.changes import ChangeEntry
    from core.models.base import Record


EXACT = frozenset({Kind.TEXT, Kind.PATH, Kind.IMAGE, Kind.LINK, Kind.NUMBER, Kind.SIZE})
"""Shown to the letter: two pictures or two sizes may look the same and differ."""


NOTHING = mark_safe("")


@dataclass(frozen=True)
class Side:
    """One field before and after, side by side, or as one text with the difference."""

    label: str
    name: str
    before: SafeString
    after: SafeString
    diff: SafeString | None = None

    @classmethod
    def of(cls, model: type[Record], name: str, before: Any, after: Any) -> Side:
        """From raw values; a masked one is Masked, or what a plan keeps for it."""
        before, after = _unpacked(before), _unpacked(after)
        return cls(
            field_label(model, name),
            name,
            show_raw(model, name, before),
            show_raw(model, name, after),
            diff(model, name, before, after),
        )


@dataclass(frozen=True)
class EntryRow:
    """What happens to a record: fields that differ, or all of one made or gone."""

    record_id: int
    label: str
    kind: str
    url: str
    sides: list[Side]
    whole: SafeString
    """All its values as parts of a `<dl>`, where the record is created or deleted."""
    count: int
    """How many values."""
    table: str = ""
    """What records of its table are called."""
    entry: int = 0
    """Id of the change entry; 0 in a preview."""
    is_undone: bool = False

    @classmethod
    def of(
        cls,
        model: type[Record],
        record_id: int,
        label: str,
        url: str,
        *,
        before: Mapping[str, Any] | None,
        after: Mapping[str, Any] | None,
    ) -> EntryRow:
        """From two snapshots with secrets masked; None stands for no record."""
        label = label or str(record_id)
        if before is not None and after is not None:
            found = sides(model, before, after)
            told = ("update", url, found, NOTHING, len(found))
        else:
            kind = "delete" if after is None else "create"
            held = before or after or {}
            told = (kind, url, [], whole(model, held), len(held))
        return cls(record_id, label, *told, table=str(model._meta.verbose_name))


def entry_row(site: AdminSite, entry: ChangeEntry) -> EntryRow:
    """A change entry as its page shows it."""
    row = EntryRow.of(
        entry.model,
        entry.record_id,
        entry.label,
        _record_url(site, entry),
        before=_values(entry, entry.before),
        after=_values(entry, entry.after),
    )
    return replace(row, entry=entry.pk)


def whole(model: type[Record], held: Mapping[str, Any]) -> SafeString:
    """All values of a record. Many stand on one page, so this is no template."""
    rows = (
        f"<div>{_term(model, name, get_language())}"
        f"<dd>{show_raw(model, name, _unpacked(raw))}</dd></div>"
        for name, raw in held.items()
    )
    return mark_safe("".join(rows))  # noqa: S308  its parts are escaped


@cache
def _term(model: type[Record], name: str, _language: str | None) -> SafeString:
    return format_html("<dt>{} <code>{}</code></dt>", field_label(model, name), name)


def sides(
    model: type[Record],
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
) -> list[Side]:
    """Two snapshots, field by field."""
    old, new = before or {}, after or {}
    names = [*dict.fromkeys([*old, *new])]
    return [Side.of(model, name, old.get(name), new.get(name)) for name in names]


def show_raw(model: type[Record], name: str, raw: Any) -> SafeString:
    """A raw value in one line; also of a column that the model does not know."""
    if isinstance(raw, str) and len(raw) == SHOWN_LENGTH and is_json(model, name):
        # A preview keeps no more of a text, and in half a JSON nothing can be masked.
        text = _("long JSON text")
        return mark_safe(f'<span class="json-brief">{text}</span>')  # noqa: S308
    try:
        kind = kind_of(model, name)
    except FieldDoesNotExist:
        kind = Kind.TEXT
    if kind in EXACT and not isinstance(raw, Masked):
        return mark_safe(values.show_text(raw))  # noqa: S308  escapes
    return values.show_raw(model, name, raw)


def _values(entry: ChangeEntry, snapshot: str | None) -> Mapping[str, Any] | None:
    if snapshot is None:
        return None
    return shown(entry.model, snapshot, label=entry.label)


def _unpacked(value: Any) -> Any:
    if isinstance(value, dict) and value.keys() == {"masked"}:
        return Masked(value["masked"])
    return value


def _record_url(site: AdminSite, entry: ChangeEntry) -> str:
    """The record's page; of one that was deleted, what was done to it."""
    model_admin: RecordAdmin = site.get_model_admin(entry.model)  # type: ignore[assignment]
    page = "history" if entry.after is None else "change"
    return model_admin.url(page, entry.record_id)
