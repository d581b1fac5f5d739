"""Numbering records, the same in the preview, the apply, and after a stop."""

from __future__ import annotations

import zlib
from array import array
from bisect import bisect_left
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.changes.operations.base import Computed, Operation, Param
from core.changes.operations.numbers import (
    EXACT,
    Number,
    decimal,
    native,
    require_number,
)
from core.changes.operations.sources import Sort, sort_of
from core.changes.operations.storing import storer

if TYPE_CHECKING:
    from collections.abc import Sequence as Ordered

    from core.changes.rows import Rows

READ_AT_ONCE = 5000


@dataclass(frozen=True)
class Sequence(Operation):
    """Number the records: start, start + step, …

    By id, or by what the column `by` holds when the plan is made (NULL last, then by
    id). The order is kept with the plan, so that nobody who writes meanwhile, nor the
    numbering itself, moves a record to another place.
    """

    name: ClassVar = "sequence"
    label: ClassVar = gettext_lazy("Number in order")
    params: ClassVar = (
        Param("start", gettext_lazy("First number"), "number"),
        Param("step", gettext_lazy("Step"), "number"),
        Param(
            "by",
            gettext_lazy("In the order of"),
            "field",
            required=False,
            help=gettext_lazy("Where nothing is chosen: the number of the row."),
        ),
    )
    start: Number = 1
    step: Number = 1
    by: str = ""
    ids: Ordered[int] = field(default=(), repr=False, compare=False)
    """The records, ascending."""
    places: Ordered[int] = field(default=(), repr=False, compare=False)
    """The place of each of them; empty where that is the order of the ids."""

    def compile(self, rows: Rows, field: models.Field[Any, Any]) -> Computed:
        require_number(field)
        start, step = decimal(self.start), decimal(self.step)
        if not step:
            raise ValidationError(_("Give a step other than 0."))
        is_whole = isinstance(field, models.IntegerField)
        store, ids, places = storer(rows, field), self.ids, self.places

        def numbered(_raw: Any, pk: int) -> Any:
            place = bisect_left(ids, pk)
            place = places[place] if places else place
            number = EXACT.add(start, EXACT.multiply(step, place))
            return store(native(number, is_whole=is_whole))

        return Computed(numbered, ("id",))

    def fixed(self, rows: Rows, name: str, ids: Ordered[int]) -> Sequence:
        """The numbering of these records. An order that was kept stays."""
        ascending = array("q", sorted(ids))
        column = self._ordering(rows) if self.by else ""
        if not column or len(self.places) == len(ascending):
            return replace(self, ids=ascending)
        places = array("q", bytes(8 * len(ascending)))
        for place, pk in enumerate(self._in_order(rows, column, ascending)):
            places[bisect_left(ascending, pk)] = place
        return replace(self, ids=ascending, places=places)

    def _in_order(self, rows: Rows, column: str, ids: Ordered[int]) -> list[int]:
        keys = dict.fromkeys(ids, _key(None))
        for start in range(0, len(ids), READ_AT_ONCE):
            found = rows.read(ids[start : start + READ_AT_ONCE], [column])
            keys |= {pk: _key(value) for pk, value in found}
        return sorted(ids, key=lambda pk: (keys[pk], pk))

    def _ordering(self, rows: Rows) -> str:
        try:
            column = rows.model.column(self.by)
        except FieldDoesNotExist:
            raise ValidationError(_("There is no such column.")) from None
        name = str(column.attname)
        if name not in rows.types:
            raise ValidationError(_("There is no such column."))
        if not may_order(rows.model, column):
            raise ValidationError(_("Nothing can be ordered by this field."))
        return name

    def words(self) -> str:
        numbers = {"start": self.start, "step": self.step, "by": self.by}
        if self.by:
            return _("number from %(start)s in steps of %(step)s, by %(by)s") % numbers
        return _("number from %(start)s in steps of %(step)s") % numbers

    def _kept(self) -> dict[str, Any]:
        return {"start": self.start, "step": self.step, "by": self.by}

    def payload(self) -> bytes:
        return zlib.compress(array("q", self.places).tobytes()) if self.places else b""

    def with_payload(self, payload: bytes) -> Sequence:
        places = array("q")
        places.frombytes(zlib.decompress(payload))
        return replace(self, places=places)


def may_order(model: type[Any], column: models.Field[Any, Any]) -> bool:
    """Whether records may be ordered by a column: not by what nobody may see."""
    hidden = column.attname in model.secret_fields
    return not hidden and sort_of(column) is not Sort.JSON


def _key(value: Any) -> tuple[int, Any]:
    """Numbers, then texts, then bytes, then NULL; as neither database does alone."""
    match value:
        case None:
            return 3, 0
        case bytes():
            return 2, value
        case str():
            return 1, value
    return (3, 0) if value != value else (0, value)  # nan is not itself
