"""Values on their way into a column: every operation's results pass here."""

from __future__ import annotations

import math
import re
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import DataError, models
from django.utils.translation import gettext as _

from core.fields import IntegerColumn, JSONColumn, StampField, TextColumn

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.changes.rows import Rows

INT32 = 2**31
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def stored_value(rows: Rows, field: models.Field[Any, Any], value: Any) -> Any:
    """What the column will hold once the value is written to it.

    Raises ValidationError when it cannot be.
    """
    if value is None:
        refuse_null(rows, field)
        return None
    prepared = field.get_db_prep_save(validated(field, value), rows.connection)
    check_range(rows, field, prepared)
    return as_stored(rows, field, prepared)


def as_stored(rows: Rows, field: models.Field[Any, Any], prepared: Any) -> Any:
    """What `rows.stored` says. Raises ValidationError."""
    try:
        return rows.stored(field.attname, prepared)
    except DataError:
        raise ValidationError(_("The database does not take this value.")) from None


def refuse_null(rows: Rows, field: models.Field[Any, Any]) -> None:
    """Raises ValidationError where the column has to hold something."""
    if rows.model.is_required(field.name):
        raise ValidationError(_("This column always needs a value."))


def validated(field: models.Field[Any, Any], value: Any) -> Any:
    """The value as the field takes it. Raises ValidationError."""
    if isinstance(field, JSONColumn):
        field.validate(value, None)
        return value
    if isinstance(value, str):
        check_text(value)
    target = field.target_field if isinstance(field, models.ForeignKey) else field
    value = target.to_python(value)
    if value in (None, "") and not field.empty_strings_allowed:
        raise ValidationError(_("Give a value, or set it empty."))
    if isinstance(value, float) and not math.isfinite(value):
        raise ValidationError(_("Give a finite number."))
    target.run_validators(value)
    return value


def check_text(value: str) -> None:
    """Raises ValidationError for what PostgreSQL takes in no text."""
    if UNSTORABLE.search(value):
        raise ValidationError(_("Text cannot hold NUL or half a character."))


def check_range(rows: Rows, field: models.Field[Any, Any], value: Any) -> None:
    """PostgreSQL's integers have 32 bits. Raises ValidationError."""
    is_wide = rows.is_sqlite or rows.types[field.attname] == "int8"
    limit = 2**63 if is_wide else INT32
    if isinstance(value, int) and not -limit <= value < limit:
        raise ValidationError(_("The number is too large for this column."))


def storer(rows: Rows, field: models.Field[Any, Any]) -> Callable[[Any], Any]:
    """`stored_value` for many values of one column, as quick as that can be."""
    if is_plain_text(rows, field):
        return _plain_text
    store = partial(stored_value, rows, field)
    known = lru_cache(maxsize=4096, typed=True)(store)
    is_whole = is_plain_whole(rows, field)

    def stored(value: Any) -> Any:
        if is_whole and type(value) is int and -INT32 <= value < INT32:
            return value
        # Floats are not remembered: 0.0 would be found for -0.0.
        return known(value) if type(value) in (int, str, bool) else store(value)

    return stored


def is_plain_text(rows: Rows, field: models.Field[Any, Any]) -> bool:
    """Whether the column takes any text without changing it."""
    if not isinstance(field, TextColumn) or isinstance(field, StampField):
        return False
    kind = rows.types.get(field.attname, "")
    # As `Rows.stored` has it: other types of column make something else of a text.
    is_text = "char" in kind or "text" in kind
    return is_text and not field.validators and not field.choices


def is_plain_whole(rows: Rows, field: models.Field[Any, Any]) -> bool:
    """Whether the column takes any whole number of 32 bits as it is."""
    if type(field) is not IntegerColumn or "int" not in rows.types[field.attname]:
        return False
    return [*field.validators] == [*IntegerColumn.default_validators]


def _plain_text(value: str) -> str:
    check_text(value)
    return value
