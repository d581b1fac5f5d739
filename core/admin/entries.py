"""What changed in a record, field by field, as pages show it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import FieldDoesNotExist
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from core.admin import values
from core.admin.diff import diff, is_json
from core.admin.kinds import Kind, kind_of
from core.admin.words import field_label
from core.changes.preview import SHOWN_LENGTH
from core.secrets import Masked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.contrib.admin import AdminSite

    from core.admin.base import RecordAdmin
    from core.changes import ChangeEntry, FieldChange
    from core.models.base import Record


EXACT = frozenset({Kind.TEXT, Kind.PATH, Kind.IMAGE, Kind.LINK, Kind.NUMBER, Kind.SIZE})
"""Shown to the letter: two pictures or two sizes may look the same and differ."""


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
    """What a change set did to one record."""

    record_id: int
    label: str
    kind: str
    url: str
    sides: list[Side]


def entry_row(site: AdminSite, entry: ChangeEntry) -> EntryRow:
    """A change entry as its page shows it."""
    return EntryRow(
        entry.record_id,
        entry.label or str(entry.record_id),
        entry.kind,
        _record_url(site, entry),
        [_side(entry.model, change) for change in entry.fields()],
    )


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


def _side(model: type[Record], change: FieldChange) -> Side:
    return Side.of(model, change.field, change.before, change.after)


def _unpacked(value: Any) -> Any:
    if isinstance(value, dict) and value.keys() == {"masked"}:
        return Masked(value["masked"])
    return value


def _record_url(site: AdminSite, entry: ChangeEntry) -> str:
    """The record's page; a deleted record has none."""
    if entry.after is None:
        return ""
    model_admin: RecordAdmin = site.get_model_admin(entry.model)  # type: ignore[assignment]
    return model_admin.record_url(entry.record_id)
