"""List filters as they stand in a URL: `status=0`, `title__contains=x`,
`date__gte=2025-01-01`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _

from core.fields import JSON_NULL, JSONColumn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from django.utils.functional import _StrOrPromise as StrOrPromise

LOOKUPS = {
    "": "exact",
    "contains": "icontains",
    "startswith": "startswith",
    "gte": "gte",
    "lte": "lte",
    "empty": "isnull",
}
INT64 = 2**63
TRUE, FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off"}


class FilterError(ValueError):
    """A filter that cannot be used; its text tells the operator why."""


class Condition(NamedTuple):
    """A filter that is no column's: `orphans=1`, or `orphans=0` for all others."""

    label: StrOrPromise
    holds: Callable[[], Q]
    """Raises FilterError where `needs` is not there."""
    needs: str = ""
    """Another table that is asked."""


def condition(model: type[models.Model], name: str, value: str) -> Q:
    """The condition one URL parameter stands for. Raises FilterError."""
    own: Condition | None = getattr(model, "conditions", {}).get(name)
    if own is not None:
        return own.holds() if _flag(name, value) else ~own.holds()
    field_name, _sep, lookup = name.partition("__")
    field = _field(model, field_name)
    if lookup not in LOOKUPS:
        raise FilterError(_("“%(name)s”: there is no such filter.") % {"name": name})
    if lookup == "empty":
        return empty(field) if _flag(name, value) else ~empty(field)
    if lookup in ("contains", "startswith") and not _is_text(field):
        raise FilterError(_("“%(name)s”: this column holds no text.") % {"name": name})
    if lookup in ("gte", "lte") and isinstance(field, JSONColumn):
        raise FilterError(_("“%(name)s”: JSON has no order.") % {"name": name})
    if lookup == "" and isinstance(field, models.BooleanField):
        # Of status=False Django makes "NOT status", for which SQLite uses no index.
        return Q(**{f"{field.attname}__in": [_flag(name, value)]})
    return Q(**{f"{field.attname}__{LOOKUPS[lookup]}": _value(field, name, value)})


def search_condition(fields: Iterable[str], q: str) -> Q:
    """Any of the fields contains the text; `%` and `_` in it mean themselves.

    Raises FilterError for a text no database can hold.
    """
    _refuse_nul("q", q)
    return Q(*((f"{name}__icontains", q) for name in fields), _connector=Q.OR)


def empty(field: models.Field[Any, Any]) -> Q:
    """The field holds nothing: NULL, or what MoviePilot writes for nothing as well."""
    null = Q(**{f"{field.attname}__isnull": True})
    if isinstance(field, models.CharField | models.TextField):
        return null | Q(**{f"{field.attname}__exact": ""})
    if isinstance(field, JSONColumn):
        return null | Q(**{f"{field.attname}__exact": JSON_NULL})
    return null


def _field(model: type[models.Model], name: str) -> models.Field[Any, Any]:
    try:
        field = model._meta.get_field(name)
    except FieldDoesNotExist:
        raise FilterError(
            _("“%(name)s”: there is no such column.") % {"name": name}
        ) from None
    if not isinstance(field, models.Field) or name in getattr(
        model, "secret_fields", ()
    ):
        raise FilterError(_("“%(name)s”: cannot be filtered on.") % {"name": name})
    return field


def _is_text(field: models.Field[Any, Any]) -> bool:
    return isinstance(field, models.CharField | models.TextField | JSONColumn)


def _value(field: models.Field[Any, Any], name: str, value: str) -> Any:
    _refuse_nul(name, value)
    if isinstance(field, models.BooleanField):
        return _flag(name, value)
    if isinstance(field, models.IntegerField | models.ForeignKey):
        return _number(name, value, int)
    if isinstance(field, models.FloatField):
        return _number(name, value, float)
    try:
        field.get_prep_value(value)
    except ValidationError as error:
        raise FilterError(f"“{name}”: {' '.join(error.messages)}") from None
    return value


def _refuse_nul(name: str, value: str) -> None:
    if "\x00" in value:
        raise FilterError(_("“%(name)s”: holds a NUL character.") % {"name": name})


def _flag(name: str, value: str) -> bool:
    if value.lower() in TRUE | FALSE:
        return value.lower() in TRUE
    raise FilterError(
        _("“%(name)s”: give 1 or 0, not “%(value)s”.") % {"name": name, "value": value}
    )


def _number(name: str, value: str, kind: type[int] | type[float]) -> int | float:
    try:
        number = kind(value)
    except ValueError:
        number = math.nan
    if not -INT64 < number < INT64:  # nan is neither
        raise FilterError(
            _("“%(name)s”: “%(value)s” is not a usable number.")
            % {"name": name, "value": value}
        )
    return number
