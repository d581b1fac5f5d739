"""Which columns may be copied to which."""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING, Any

from django.db import models

from core.fields import FlagField, JSONColumn, LocalDateTimeField, StampField

if TYPE_CHECKING:
    from core.models.base import Record


class Sort(Enum):
    """What a column holds, as far as operations are concerned."""

    TEXT = auto()
    NUMBER = auto()
    FLAG = auto()
    STAMP = auto()
    JSON = auto()
    LINK = auto()


def sort_of(field: models.Field[Any, Any]) -> Sort:
    """The sort of a column."""
    if isinstance(field, JSONColumn):
        return Sort.JSON
    if isinstance(field, FlagField | models.BooleanField):
        return Sort.FLAG
    if isinstance(field, StampField | LocalDateTimeField):
        return Sort.STAMP
    if isinstance(field, models.ForeignKey):
        return Sort.LINK
    if isinstance(field, models.IntegerField | models.FloatField):
        return Sort.NUMBER
    return Sort.TEXT


TAKES = {
    Sort.TEXT: {Sort.TEXT, Sort.STAMP, Sort.NUMBER},
    Sort.NUMBER: {Sort.NUMBER, Sort.FLAG, Sort.LINK, Sort.TEXT},
    Sort.FLAG: {Sort.FLAG, Sort.NUMBER},
    Sort.STAMP: {Sort.STAMP, Sort.TEXT},
    Sort.JSON: set(Sort) - {Sort.LINK},
    Sort.LINK: {Sort.LINK},
}


def may_copy(
    model: type[Record],
    source: models.Field[Any, Any],
    target: models.Field[Any, Any],
) -> bool:
    """Whether one column's values may go to another.

    Never from a secret column to one that is shown, nor what only unpickling reads.
    """
    if source.attname == target.attname:
        return False
    hidden = {*model.secret_fields}
    if source.attname in hidden and target.attname not in hidden:
        return False
    if source.attname in model.locked_fields and source.attname != "id":
        return False
    return sort_of(source) in TAKES[sort_of(target)]


def sources(model: type[Record], name: str) -> list[models.Field[Any, Any]]:
    """The columns that may be copied to this one, those of its own sort first."""
    target = model.column(name)
    found: list[models.Field[Any, Any]] = [
        field
        for field in model._meta.fields
        if isinstance(field, models.Field) and may_copy(model, field, target)
    ]
    own = sort_of(target)
    return sorted(found, key=lambda field: sort_of(field) is not own)
