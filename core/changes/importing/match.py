"""Which record each row of a file is about."""

from __future__ import annotations

import hashlib
from array import array
from enum import IntEnum
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.changes.importing.cells import LEFT, CellReader
from core.changes.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.changes.importing import Import
    from core.exchange.packed import Row
    from core.models.base import Record

CHUNK = 5000
"""Rows whose records are looked up at once."""
Key = tuple[Any, ...]


class Match(models.TextChoices):
    """How a row is told to be about a record."""

    ID = "id", gettext_lazy("id")
    KEY = "key", gettext_lazy("natural key")
    NONE = "none", gettext_lazy("not at all: every row is a new record")


class Does(models.TextChoices):
    """What an import may do."""

    BOTH = "both", gettext_lazy("create and update")
    UPDATE = "update", gettext_lazy("only update")
    CREATE = "create", gettext_lazy("only create")


class Found(IntEnum):
    """What stands in the place of a record's id."""

    NEW = 0
    TWICE = -1
    MANY = -2
    NO_KEY = -3
    UNKNOWN = -4
    EXISTS = -5
    NO_SUCH_ID = -6
    BROKEN = -7


LEFT_OUT = frozenset({Found.UNKNOWN, Found.EXISTS})
"""Rows that are to be passed over, and are no error."""


def told(found: int) -> str:
    """Why a row is about no record, in words; '' where the row's own errors say it."""
    texts: dict[int, str] = {
        Found.TWICE: _("Another row is about the same record."),
        Found.MANY: _("Several records have this key; match by id instead."),
        Found.NO_KEY: _("The key is empty, so the row is about no record."),
        Found.NO_SUCH_ID: _(
            "No record has this id, and MoviePilot would give it to another one. Leave"
            " the cell empty to create a record."
        ),
    }
    return texts.get(found, "")


def groups_of(model: type[Record], columns: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """The natural keys that can be told from these columns, first choice first."""
    return [group for group in model.natural_key if columns.keys() >= {*group}]


class Matcher:
    """Matches the rows of one import, a chunk at a time and each chunk with one query
    for each kind of key.
    """

    def __init__(self, model: type[Record], action: Import) -> None:
        self.model, self.action = model, action
        self.rows = Rows(model)
        self.groups: list[tuple[str, ...]] = []
        if action.match == Match.ID:
            self.groups = [("id",)]
        elif action.match == Match.KEY:
            self.groups = groups_of(model, action.columns)
        wanted = dict.fromkeys(name for group in self.groups for name in group)
        self.readers = {name: action.reader(self.rows, name) for name in wanted}
        self.new: dict[int, int] = {}
        """Digest of a key that no record has → the place of its first row."""
        self.ids = array("q")
        self.last_id = self.rows.last_id() if action.match == Match.ID else 0

    def match(self) -> list[int]:
        """A record's id for each row, or what is Found in its place."""
        source = self.action.table.rows()
        while chunk := [*islice(source, CHUNK)]:
            keys = [self._key(row) for row in chunk]
            self._add(keys)
        return self._without_doubles()

    def _without_doubles(self) -> list[int]:
        """Rows that are about one record are all in error: none of them is right."""
        in_order = sorted(self.ids)
        doubles = {one for one, next_ in pairwise(in_order) if 0 < one == next_}
        del in_order  # a million numbers
        return [Found.TWICE if pk in doubles else pk for pk in self.ids]

    def _key(self, row: Row) -> tuple[tuple[str, ...], Key] | int:
        """The row's key and its columns, or what is Found instead."""
        cells = row[1]
        if isinstance(cells, str):
            return Found.BROKEN
        if not self.groups:
            return Found.NEW
        for group in self.groups:
            try:
                key = tuple(self._raw(self.readers[name], cells) for name in group)
            except ValidationError:
                return Found.BROKEN
            if key[-1] not in (None, ""):
                return group, key
        return Found.NEW if self.action.match == Match.ID else Found.NO_KEY

    @staticmethod
    def _raw(reader: CellReader, cells: Any) -> Any:
        cell = reader.cell(cells)
        if cell is LEFT:
            return None
        if reader.column == "id":
            return read_id(cell)
        return reader.raw(cell)

    def _add(self, keys: Sequence[tuple[tuple[str, ...], Key] | int]) -> None:
        holders: dict[tuple[str, ...], dict[Key, list[int]]] = {}
        for group in self.groups:
            wanted = {
                key[1] for key in keys if not isinstance(key, int) and key[0] == group
            }
            holders[group] = self._holders(group, wanted)
        for key in keys:
            if isinstance(key, int):
                self.ids.append(self._placed(key))
            else:
                held = holders[key[0]].get(key[1], [])
                self.ids.append(self._one(key[0], key[1], held))

    def _holders(self, group: tuple[str, ...], keys: set[Key]) -> dict[Key, list[int]]:
        found: dict[Key, list[int]] = {}
        if group == ("id",):
            ids = sorted(key[0] for key in keys)
            return {(pk,): [pk] for (pk,) in self.rows.read(ids, [])}
        for pk, key in self.rows.holders(group, keys):
            found.setdefault(key, []).append(pk)
        return found

    def _one(self, group: tuple[str, ...], key: Key, held: Sequence[int]) -> int:
        if len(held) > 1:
            return Found.MANY
        pk = held[0] if held else Found.NEW
        if not held:
            first = self.new.setdefault(_digest(group, key), len(self.ids))
            if first != len(self.ids):
                self.ids[first] = Found.TWICE
                return Found.TWICE
        if not held and group == ("id",) and not self._may_be_given(key[0]):
            return Found.UNKNOWN if self._only_updates else Found.NO_SUCH_ID
        return self._placed(pk)

    def _placed(self, found: int) -> int:
        """Left out where the import is not to do what the row asks for."""
        if found == Found.NEW and self._only_updates:
            return Found.UNKNOWN
        if found > 0 and self.action.does == Does.CREATE:
            return Found.EXISTS
        return found

    @property
    def _only_updates(self) -> bool:
        return self.action.does == Does.UPDATE

    def _may_be_given(self, pk: int) -> bool:
        """Whether a new record may have this id: MoviePilot's next one must not."""
        return 0 < pk <= self.last_id


def read_id(cell: Any) -> int | None:
    r"""The id in a cell; None for an empty one and for \N. Raises ValidationError."""
    if cell in (None, "", r"\N"):
        return None
    text = str(cell).strip()
    if isinstance(cell, bool) or not text.isascii() or not text.isdecimal():
        raise ValidationError(_("Enter a whole number."))
    number = int(text[:20])
    if number >= 2**63:
        raise ValidationError(_("The number is too large for this column."))
    return number


def _digest(group: tuple[str, ...], key: Key) -> int:
    """64 bits: of a million keys, two have the same once in 30 million imports."""
    text = repr((group, key)).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest())
