"""JSON on its way out of a column and back, with nothing lost between."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from core.changes.operations.base import Computed
from core.changes.operations.storing import stored_value
from core.fields import JSON_NULL, JSONColumn, encode_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db import models

    from core.changes.rows import Rows


def read_json(raw: Any) -> Any:
    """The value of stored JSON; JSON null is JSON_NULL.

    Raises ValidationError for what could not be written back without a loss.
    """
    # A bare number comes from SQLite, whose JSON columns have numeric affinity.
    if type(raw) is int or (type(raw) is float and math.isfinite(raw)):
        return raw
    try:
        value = json.loads(
            _text(raw),
            object_pairs_hook=_object,
            parse_constant=_refuse,
            parse_float=_float,
        )
    except ValidationError:
        raise
    except (ValueError, RecursionError):
        raise broken() from None
    return JSON_NULL if value is None else value


def broken() -> ValidationError:
    """What to say of a record whose text is not JSON."""
    return ValidationError(
        _(
            "What the record holds here is not valid JSON. Correct it on the record's "
            "page, or set the field to a value."
        )
    )


def transformer(
    rows: Rows,
    field: models.Field[Any, Any],
    change: Callable[[Any], Any],
    *,
    store: Callable[[Any, Any], Any] | None = None,
) -> Computed:
    """Apply `change` to the parsed value: None for NULL and JSON null.

    `change` returns another value and leaves the one it is given as it is. Where both
    are the same JSON the stored text stays. `store(value, new)` says what is stored.
    Raises ValidationError for a column that is no JSON.
    """
    require_json(field)

    def transformed(raw: Any) -> Any:
        value = None if raw is None else read_json(raw)
        old = None if value is JSON_NULL else value
        new = change(old)
        if new is None or new is old or encoded(new) == encoded(old):
            return raw
        return store(old, new) if store else stored_value(rows, field, new)

    return Computed(transformed)


def require_json(field: models.Field[Any, Any]) -> None:
    """Raises ValidationError for a column that is no JSON."""
    if not isinstance(field, JSONColumn):
        raise ValidationError(_("This can be done to JSON only."))


def encoded(value: Any) -> str:
    """The JSON of a value, to tell 1, 1.0, true and "1" apart.

    Raises ValidationError for what JSON cannot hold.
    """
    try:
        return encode_json(value)
    except (TypeError, ValueError, RecursionError):
        raise ValidationError(_("This cannot be written as JSON.")) from None


def _text(raw: Any) -> str:
    if not isinstance(raw, str):
        raise broken()
    return raw


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        raise ValidationError(
            _(
                "The JSON of the record has the same key twice in one object; one of "
                "them would be lost. Correct it on the record's page first."
            )
        )
    return value


def _refuse(name: str) -> None:
    raise ValueError(name)


def _float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value
