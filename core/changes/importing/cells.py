"""The cells of a file as raw values of a column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from core.changes.operations import stored_value
from core.exchange import faults
from core.exchange.cells import (
    LEFT_OUT,
    cell_writer,
    from_cell,
    from_document,
    is_document_of,
)
from core.exchange.limits import has_too_many_values
from core.fields import DayField, JSONColumn, StampField

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db import models

    from core.changes.rows import Rows

    Field = models.Field[Any, Any]

MOST_REMEMBERED = 20_000
LONGEST_REMEMBERED = 200
MIDNIGHT = " 00:00:00"


class Left:
    """Stands for a cell that is not there, or is to be left as it is."""


LEFT = Left()


class CellReader:
    """Reads the cells of one column of a file for one column of a table."""

    def __init__(
        self,
        rows: Rows,
        field: Field,
        place: int | str,
        *,
        is_document: bool,
        keeps_empty: bool = False,
    ) -> None:
        self.rows, self.field, self.place = rows, field, place
        self.is_document, self.keeps_empty = is_document, keeps_empty
        self.column: str = field.attname
        self.write = cell_writer(field)
        self.is_stamp = isinstance(field, StampField)
        self.is_json = isinstance(field, JSONColumn)
        self.known: dict[str, Any] = {}

    def cell(self, row: Sequence[Any] | dict[str, Any]) -> Any:
        """The row's cell, LEFT where there is none to read."""
        value = (
            row.get(str(self.place), LEFT)
            if isinstance(row, dict)
            else row[int(self.place)]
        )
        is_left = (value == "" and self.keeps_empty) or (
            value == LEFT_OUT and not self.is_document
        )
        return LEFT if is_left else value

    def is_held(self, cell: Any, raw: Any) -> bool:
        """Whether the cell is what an export writes for this raw value.

        Then it is left alone, however strange what is stored may be.
        """
        if not self.is_document:
            return bool(self.write(raw) == cell)
        if type(raw) is str and not self.is_json:
            return bool(raw == cell)  # the usual case, kept cheap
        return is_document_of(self.field, raw, cell)

    def raw(self, cell: Any) -> Any:
        """The raw value to store. Raises ValidationError."""
        if not isinstance(cell, str) or len(cell) > LONGEST_REMEMBERED:
            return self._raw(cell)
        if cell not in self.known:
            if len(self.known) >= MOST_REMEMBERED:
                self.known.clear()
            try:
                self.known[cell] = self._raw(cell)
            except ValidationError as error:
                self.known[cell] = error
        found = self.known[cell]
        if isinstance(found, ValidationError):
            raise found
        return found

    def _raw(self, cell: Any) -> Any:
        problem = faults.fault_of(cell)
        if problem:
            raise ValidationError(problem)
        if self.is_json and isinstance(cell, str) and has_too_many_values(cell):
            raise ValidationError(faults.words(faults.TOO_MANY))
        value = self._value(cell)
        if self.is_stamp and value:
            value = self._stamp(value)
        return stored_value(self.rows, self.field, value)

    def _value(self, cell: Any) -> Any:
        if cell == "" and not self.field.empty_strings_allowed:
            return None  # what a spreadsheet has no other way to say
        if self.is_document:
            return from_document(self.field, cell)
        return from_cell(self.field, cell)

    def _stamp(self, value: str) -> str:
        if isinstance(self.field, DayField):
            value = value.removesuffix(MIDNIGHT)  # a spreadsheet's day
        form_field: Any = self.field.formfield()
        form_field.validate(value)
        return value


def told(label: str, error: ValidationError) -> str:
    """What is wrong with the cell of a column."""
    return _("%(column)s: %(problem)s") % {
        "column": label,
        "problem": " ".join(error.messages),
    }
