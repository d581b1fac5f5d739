"""The places of a remap as its pages list them, table by table."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any, cast

from django.db import DatabaseError
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from core.admin.table_state import report
from core.admin.words import field_label, table_label
from core.changes import Kind
from core.changes.remap import PLACES, Place
from core.permissions import may
from core.systemconfig.keys import SystemConfigKey

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from django.contrib.admin import AdminSite
    from django.http import HttpRequest

    from core.admin.base import RecordAdmin
    from core.changes import ChangeSet
    from core.models.base import Record


@dataclass(frozen=True)
class PlaceState:
    """A place, and why it cannot be used; '' where it can."""

    place: Place
    why_off: str

    @property
    def is_open(self) -> bool:
        """Whether it can be used."""
        return not self.why_off


@dataclass(frozen=True)
class SampleRow:
    """One path before and after."""

    record_id: int
    label: str
    url: str
    where: str
    before: str
    after: str


@dataclass(frozen=True)
class PlaceRow:
    """A place with its switch, and what was found there."""

    name: str
    label: str
    column: str
    is_on: bool
    why_off: str = ""
    count: int = 0
    samples: Sequence[SampleRow] = ()


@dataclass(frozen=True)
class Group:
    """The places of one table."""

    table: str
    url: str
    rows: list[PlaceRow]

    @property
    def count(self) -> int:
        """Hits of all its places; a record may have several."""
        return sum(row.count for row in self.rows)


def place_states(request: HttpRequest) -> list[PlaceState]:
    """Every place of a table this operator may change, and whether it can be used."""
    open_places = [p for p in PLACES if may(request.user, "change", p.table)]
    tables = {place.table: place.model for place in open_places}
    reasons = {table: _why_off(model) for table, model in tables.items()}
    return [PlaceState(place, reasons[place.table]) for place in open_places]


def _why_off(model: type[Record]) -> str:
    try:
        is_usable = report(model).is_usable
    except DatabaseError:
        is_usable = False
    return "" if is_usable else _("This table cannot be used in the attached database.")


def admin_of(site: AdminSite, model: type[Record]) -> RecordAdmin:
    """The pages of a table."""
    return cast("RecordAdmin", site.get_model_admin(model))


def groups(states: Sequence[PlaceState], chosen: Collection[str]) -> list[Group]:
    """The places with their switches, table by table."""
    rows = [
        (state.place.model, _row(state.place, chosen, why_off=state.why_off))
        for state in states
    ]
    return _grouped(rows)


def found_groups(
    site: AdminSite, facts: Mapping[str, Any], chosen: Collection[str]
) -> list[Group]:
    """The places of a plan with what was found in them, where that is anything."""
    found = facts.get("places", {})
    rows = [
        (place.model, _row(place, chosen, found.get(place.name), site=site))
        for place in PLACES
        if place.name in found
    ]
    return _grouped(rows, site)


def place_label(place: Place) -> str:
    """The field, or the setting."""
    if place.setting:
        return capfirst(str(SystemConfigKey(place.setting).label))
    return field_label(place.model, place.column)


def _row(
    place: Place,
    chosen: Collection[str],
    found: Mapping[str, Any] | None = None,
    *,
    why_off: str = "",
    site: AdminSite | None = None,
) -> PlaceRow:
    samples = found["samples"] if found else ()
    return PlaceRow(
        place.name,
        place_label(place),
        place.setting or place.column,
        is_on=place.name in chosen and not why_off,
        why_off=why_off,
        count=found["count"] if found else 0,
        samples=[
            SampleRow(pk, label, admin_of(site, place.model).record_url(pk), *move)
            for pk, label, *move in samples
            if site
        ],
    )


def _grouped(
    rows: list[tuple[type[Record], PlaceRow]], site: AdminSite | None = None
) -> list[Group]:
    return [
        Group(
            table_label(model),
            admin_of(site, model).list_url() if site else "",
            [row for _model, row in together],
        )
        for model, together in groupby(rows, key=lambda pair: pair[0])
    ]


def tables_of(change_set: ChangeSet) -> list[str]:
    """The tables of a change: of a remap and of its undos, all of them."""
    remap = change_set
    while remap.kind == Kind.UNDO and remap.undoes is not None:
        remap = remap.undoes
    if remap.kind != Kind.REMAP:
        return [change_set.table]
    return [*remap.operations.get("tables", ())] or [change_set.table]


def tables_label(change_set: ChangeSet) -> str:
    """What the list of changes says of the table; of a remap, how many more."""
    label = table_label(change_set.model)
    # What a remap has carried stands in its other tables; only then is more read.
    others = len(tables_of(change_set)) - 1 if change_set.carried else 0
    return f"{label} +{others}" if others else label
