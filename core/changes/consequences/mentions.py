"""Names that are taken out, or replaced, where other records mention them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.apps import apps

from core.changes.consequences.kinds import Consequence, What
from core.changes.consequences.names import NameEditor
from core.changes.rows import Change, Rows, label_text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from core.changes.consequences.names import Edited, Moves
    from core.changes.rows import Values
    from core.models.base import Mention

Editors = dict["Mention", NameEditor]
"""What has been found out of values, for a second look at the same."""


@dataclass
class Place:
    """A place that mentions names, and what comes of each record there."""

    editor: NameEditor
    lost: dict[int, Change] = field(default_factory=dict)
    renamed: dict[int, Change] = field(default_factory=dict)
    emptied: set[int] = field(default_factory=set)
    names: dict[str, str | None] = field(default_factory=dict)

    @property
    def mention(self) -> Mention:
        """Where it is."""
        return self.editor.mention

    def is_in(self, now: Values) -> bool:
        """Whether a record is meant: of settings the one with the key."""
        return not self.mention.key or now["key"] == self.mention.key

    def note(self, change: Change, edited: Edited) -> None:
        """Remember what becomes of a record."""
        pk = change.record_id
        for name in edited.found:
            new = self.names[name] = self.editor.moves[name]
            (self.lost if new is None else self.renamed)[pk] = change
        if edited.is_emptied:
            self.emptied.add(pk)

    def consequences(self, target: Rows) -> Iterator[Consequence]:
        """What came of all records."""
        for what, changes in ((What.LOSES, self.lost), (What.RENAMES, self.renamed)):
            if changes:
                yield Consequence(
                    what,
                    target.model,
                    [*changes.values()],
                    self.mention,
                    self._moved(is_lost=what == What.LOSES),
                    frozenset(self.emptied & changes.keys()),
                )

    def _moved(self, *, is_lost: bool) -> tuple[tuple[str, str | None], ...]:
        return tuple(
            (old, new) for old, new in self.names.items() if (new is None) == is_lost
        )


def of_moves(
    moves: Iterable[tuple[Mention, Moves]],
    *,
    spared: Mapping[str, Collection[int]],
    lock: bool,
    known: Editors | None = None,
) -> Iterator[Consequence]:
    """Take names out of every place that mentions them, or put the new ones there.

    `spared` are records by table that are left alone: the change itself says what they
    hold. A table is read once, however many names and places. `known` is filled, and
    what stands there of the same names is not found out again.
    """
    known = {} if known is None else known
    tables: dict[str, list[Place]] = defaultdict(list)
    for mention, names in moves:
        if names:
            editor = known.get(mention)
            if editor is None or editor.moves != names:
                editor = known[mention] = NameEditor(mention, names)
            tables[mention.table].append(Place(editor))
    for table, places in tables.items():
        target = Rows(apps.get_model(table))
        there = [place for place in places if place.mention.column in target.types]
        left_alone = spared.get(target.model._meta.label_lower, ())
        for pk, label, now in _mentioning(target, there, lock=lock):
            if pk not in left_alone:
                _edit(target, there, Change(pk, label_text(label), {}, {}), now)
        for place in there:
            yield from place.consequences(target)


def _mentioning(
    target: Rows, places: Sequence[Place], *, lock: bool
) -> Iterator[tuple[int, Any, Values]]:
    """(id, label, values) of the records that mention one of the names."""
    keys = {place.mention.key for place in places} - {""}
    columns = [*dict.fromkeys(place.mention.column for place in places)]
    columns = [target.label_column, *columns, *(["key"] if keys else [])]
    if any(not place.mention.key for place in places):
        read = target.all(columns)
    else:
        read = target.read(
            [pk for pk, _ in target.holders(("key",), _alone(keys))], columns
        )
    found = []
    for pk, label, *values in read:
        now = dict(zip(columns[1:], values, strict=True))
        if any(
            _edited(target, place, now).found for place in places if place.is_in(now)
        ):
            found.append((pk, label, now))
    if lock and not target.is_sqlite and found:  # SQLite's writers wait anyway
        read = target.read([pk for pk, *_rest in found], columns, lock=True)
        found = [
            (pk, label, dict(zip(columns[1:], values, strict=True)))
            for pk, label, *values in read
        ]
    yield from found


def _alone(keys: Collection[str]) -> set[tuple[str]]:
    return {(key,) for key in keys}


def _edited(target: Rows, place: Place, now: Values) -> Edited:
    return place.editor.edit(target, now[place.mention.column])


def _edit(target: Rows, places: Sequence[Place], change: Change, now: Values) -> None:
    """Fill the one change of a record by each place that concerns it."""
    before, after = change.before or {}, change.after or {}
    change = change._replace(before=before, after=after)
    for place in places:
        if place.is_in(now):
            column = place.mention.column
            edited = place.editor.edit(target, after.get(column, now[column]))
            if edited.found:
                before.setdefault(column, now[column])
                after[column] = edited.value
                place.note(change, edited)
