"""Operations on every kind of column: set, set empty, copy."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.changes.operations.base import (
    UNKEEPABLE,
    Computed,
    Constant,
    Operation,
    Param,
    misplaced,
    quoted,
)
from core.changes.operations.jsonvalues import read_json
from core.changes.operations.sources import Sort, may_copy, sort_of, sources
from core.changes.operations.storing import refuse_null, stored_value, storer
from core.fields import JSON_NULL, JSONColumn, StampField, readable_json

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from core.changes.rows import Rows


@dataclass(frozen=True)
class Set(Operation):
    """Set the field to a value. `None` in a JSON column is SQL NULL, JSON_NULL is JSON
    null.
    """

    name: ClassVar = "set"
    label: ClassVar = gettext_lazy("Set")
    params: ClassVar = (Param("value", gettext_lazy("Value"), "value"),)
    value: Any

    def compile(self, rows: Rows, field: models.Field[Any, Any]) -> Constant:
        return Constant(stored_value(rows, field, self.value))

    def words(self) -> str:
        if self.value == "":
            return _("set empty: ''")
        is_text = isinstance(self.value, str)
        text = self.value if is_text else readable_json(self.value)
        return _("set to “%s”") % quoted(text)

    def to_json(self) -> dict[str, Any]:
        if self.value is JSON_NULL:
            return {"op": self.name, "json_null": True}
        if isinstance(self.value, dt.date):
            return {"op": self.name, "value": str(self.value)}
        text = json.dumps(self.value, default=str)
        if UNKEEPABLE.search(text):
            return {"op": self.name, "text": text}
        return {"op": self.name, "value": self.value}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Set:
        if "text" in data:
            return cls(json.loads(data["text"]))
        return cls(JSON_NULL if data.get("json_null") else data["value"])


@dataclass(frozen=True)
class SetNull(Operation):
    """Set the field to NULL."""

    name: ClassVar = "null"
    label: ClassVar = gettext_lazy("Set empty")

    def compile(self, rows: Rows, field: models.Field[Any, Any]) -> Constant:
        refuse_null(rows, field)
        return Constant(None)

    def words(self) -> str:
        return _("set empty: NULL")


@dataclass(frozen=True)
class Copy(Operation):
    """Take over what another column holds, NULL included, before anything is changed.

    JSON goes to JSON as the text it stands in; a text becomes a JSON text.
    """

    name: ClassVar = "copy"
    label: ClassVar = gettext_lazy("Copy from another field")
    params: ClassVar = (Param("source", gettext_lazy("Field"), "field"),)
    source: str

    def compile(self, rows: Rows, field: models.Field[Any, Any]) -> Computed:
        source = self._source(rows, field)
        if isinstance(source, JSONColumn):
            return Computed(_copier_of_json(rows, field), (source.attname,))
        store = storer(rows, field)
        reads, fitted = _reader(source), _fitter(field)

        def copied(_raw: Any, value: Any) -> Any:
            if value is None:
                refuse_null(rows, field)
                return None
            return store(fitted(reads(value)))

        return Computed(copied, (source.attname,))

    def _source(
        self, rows: Rows, field: models.Field[Any, Any]
    ) -> models.Field[Any, Any]:
        try:
            source = rows.model.column(self.source)
        except FieldDoesNotExist:
            raise ValidationError(_("There is no such column.")) from None
        if source.attname not in rows.types:
            raise ValidationError(_("There is no such column."))
        if not may_copy(rows.model, source, field):
            known = [
                str(each.verbose_name) for each in sources(rows.model, field.attname)
            ]
            raise ValidationError(
                _("“%(source)s” cannot be copied here. Choose one of: %(known)s.")
                % {"source": source.verbose_name, "known": ", ".join(known)}
            )
        return source

    def words(self) -> str:
        return _("copy from %s") % self.source


def _copier_of_json(
    rows: Rows, field: models.Field[Any, Any]
) -> Callable[[Any, Any], Any]:
    """JSON as it stands, once it is known to fit the column."""

    def copied(_raw: Any, stored: Any) -> Any:
        if stored is None:
            refuse_null(rows, field)
            return None
        value = read_json(stored)
        # The shape as of a value that is set; the text as it was.
        stored_value(rows, field, value)
        return stored

    return copied


def _reader(source: models.Field[Any, Any]) -> Callable[[Any], Any]:
    """From the raw value of a column to that of Python. Raises ValidationError."""
    kinds: tuple[type, ...] = (str,)
    if isinstance(source, models.CharField | models.TextField):
        wanted = gettext_lazy("a text")
    elif isinstance(source, models.BooleanField):
        kinds, wanted = (bool, int), gettext_lazy("yes or no")
    elif isinstance(source, models.FloatField):
        kinds, wanted = (int, float), gettext_lazy("a number")
    elif isinstance(source, models.IntegerField | models.ForeignKey):
        kinds, wanted = (int,), gettext_lazy("a whole number")
    else:
        wanted = gettext_lazy("a time")

    def read(raw: Any) -> Any:
        if type(raw) not in kinds:
            raise misplaced(raw, str(wanted))
        return bool(raw) if isinstance(source, models.BooleanField) else raw

    return read


def _fitter(field: models.Field[Any, Any]) -> Callable[[Any], Any]:
    """From a value of any column to one of this. Raises ValidationError."""
    if isinstance(field, StampField):
        form = field.form_class(required=False)

        def stamp(value: Any) -> Any:
            form.clean(str(value))  # what a form takes, and nothing made of it
            return str(value)

        return stamp
    return str if sort_of(field) is Sort.TEXT else lambda value: value
