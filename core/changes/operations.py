"""What a change does to a field. A new kind of edit is a new Operation here, nothing
else.

An operation is registered by its name, survives a round trip through JSON (plans and
change sets keep it), and compiles for one column to a function raw value → raw value,
or to a constant.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import DataError, models
from django.utils.translation import gettext as _

from core.fields import JSON_NULL, JSONColumn
from core.secrets import decrypt, encrypt

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from core.changes.rows import Rows
    from core.models.base import Record

INT32 = 2**31
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
UNKEEPABLE = re.compile(r"\\u(0000|d[89a-f])")
"""In JSON: what a console on PostgreSQL (jsonb) can keep within a text only."""


class Operation:
    """One thing to do to one field of every selected record."""

    name: ClassVar[str]
    registry: ClassVar[dict[str, type[Operation]]] = {}

    def __init_subclass__(cls) -> None:
        Operation.registry[cls.name] = cls

    def compile(
        self, rows: Rows, field: models.Field[Any, Any]
    ) -> Callable[[Any], Any]:
        """The function from the raw value a record holds to the one it shall hold.

        The function raises ValidationError for a record the operation cannot be done
        to; compile itself does when it can be done to none.
        """
        raise NotImplementedError

    def to_json(self) -> dict[str, Any]:
        """`{"op": name, …}`."""
        return {"op": self.name, **vars(self)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Operation:
        """The operation of this kind that `to_json` described."""
        return cls(**{key: value for key, value in data.items() if key != "op"})


@dataclass(frozen=True)
class Constant:
    """The same raw value for every record."""

    value: Any

    def __call__(self, raw: Any) -> Any:
        return self.value


@dataclass(frozen=True)
class Set(Operation):
    """Set the field to a value. `None` in a JSON column is SQL NULL, JSON_NULL is JSON
    null.
    """

    name: ClassVar[str] = "set"
    value: Any

    def compile(self, rows: Rows, field: models.Field[Any, Any]) -> Constant:
        return Constant(stored_value(rows, field, self.value))

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

    name: ClassVar[str] = "null"

    def compile(self, rows: Rows, field: models.Field[Any, Any]) -> Constant:
        if rows.model.is_required(field.name):
            raise ValidationError(_("This column always needs a value."))
        return Constant(None)


def stored_value(rows: Rows, field: models.Field[Any, Any], value: Any) -> Any:
    """What the column will hold once the value is written to it.

    Raises ValidationError when it cannot be.
    """
    if value is None:
        if rows.model.is_required(field.name):
            raise ValidationError(_("This column always needs a value."))
        return None
    prepared = field.get_db_prep_save(validated(field, value), rows.connection)
    check_range(rows, field, prepared)
    try:
        return rows.stored(field.attname, prepared)
    except DataError:
        raise ValidationError(_("The database does not take this value.")) from None


def validated(field: models.Field[Any, Any], value: Any) -> Any:
    """The value as the field takes it. Raises ValidationError."""
    if isinstance(field, JSONColumn):
        field.validate(value, None)
        return value
    if isinstance(value, str) and UNSTORABLE.search(value):
        raise ValidationError(_("Text cannot hold NUL or half a character."))
    target = field.target_field if isinstance(field, models.ForeignKey) else field
    value = target.to_python(value)
    if value in (None, "") and not field.empty_strings_allowed:
        raise ValidationError(_("Give a value, or set it empty."))
    if isinstance(value, float) and not math.isfinite(value):
        raise ValidationError(_("Give a finite number."))
    target.run_validators(value)
    return value


def check_range(rows: Rows, field: models.Field[Any, Any], value: Any) -> None:
    """PostgreSQL's integers have 32 bits. Raises ValidationError."""
    is_wide = rows.is_sqlite or rows.types[field.attname] == "int8"
    limit = 2**63 if is_wide else INT32
    if isinstance(value, int) and not -limit <= value < limit:
        raise ValidationError(_("The number is too large for this column."))


def operations_to_json(
    model: type[Record], operations: Mapping[str, Operation]
) -> dict[str, Any]:
    """Field → operation, for a plan to keep; those on secret fields sealed."""
    kept = {}
    for name, operation in operations.items():
        data = operation.to_json()
        is_secret = model.column(name).attname in model.secret_fields
        kept[name] = {"op": operation.name, **_sealed(data)} if is_secret else data
    return kept


def operations_from_json(data: Mapping[str, Any]) -> dict[str, Operation]:
    """The operations of a plan."""
    unsealed = {field: unseal(operation) for field, operation in data.items()}
    return {
        field: Operation.registry[operation["op"]].from_json(operation)
        for field, operation in unsealed.items()
    }


def rows_to_json(model: type[Record], rows: Sequence[Mapping[str, Any]]) -> Any:
    """The values of new records, for a plan to keep; sealed where there are secrets."""
    kept = [{name: Set(value).to_json() for name, value in row.items()} for row in rows]
    return _sealed(kept) if model.secret_fields else kept


def rows_from_json(kept: Any) -> list[dict[str, Any]]:
    """The values of new records."""
    return [
        {name: Set.from_json(data).value for name, data in row.items()}
        for row in unseal(kept)
    ]


def unseal(value: Any) -> Any:
    """What was sealed, or the value itself."""
    if isinstance(value, dict) and "sealed" in value:
        return json.loads(decrypt(value["sealed"]))
    return value


def _sealed(value: Any) -> dict[str, str]:
    return {"sealed": encrypt(json.dumps(value))}
