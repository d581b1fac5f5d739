"""What a column holds for the person reading it, which decides how it is shown.

The column's type says most of it. For text the name says the rest: MoviePilot
gives a column the same name in every table where it means the same.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models

from core.fields import FlagField, JSONColumn, LocalDateTimeField, StampField
from core.models.base import Record

PATHS = frozenset(
    {"src", "dest", "path", "fullpath", "savepath", "filepath", "save_path"}
)
IMAGES = frozenset({"poster", "backdrop", "image", "avatar", "base64"})
LINKS = frozenset({"url", "link"})
# siteuserdata counts traffic and seeding volume in bytes.
SIZES = frozenset({"upload", "download", "seeding_size", "leeching_size"})
NUMBERS = (
    models.IntegerField,
    models.FloatField,
    models.ForeignKey,  # shown and searched as the id it is
)


class Kind(StrEnum):
    """How one column's values are read."""

    TEXT = "text"
    PATH = "path"
    IMAGE = "image"
    LINK = "link"
    NUMBER = "number"
    SIZE = "size"
    FLAG = "flag"
    CHOICE = "choice"
    STAMP = "stamp"
    JSON = "json"
    SECRET = "secret"  # noqa: S105  a kind of column
    SECRET_JSON = "secret-json"  # noqa: S105  (the same)


def _kind_of_text(field: models.Field[Any, Any]) -> Kind:
    if field.name in PATHS:
        return Kind.PATH
    if field.name in IMAGES:
        return Kind.IMAGE
    return Kind.LINK if field.name in LINKS else Kind.TEXT


def _kind_of_type(field: models.Field[Any, Any]) -> Kind:
    if isinstance(field, models.BooleanField | FlagField):
        return Kind.FLAG
    if isinstance(field, StampField | LocalDateTimeField):
        return Kind.STAMP
    if isinstance(field, NUMBERS):
        return Kind.SIZE if field.name in SIZES else Kind.NUMBER
    return _kind_of_text(field)


def column_of(model: type[Record], name: str) -> models.Field[Any, Any]:
    """The column `name`. Raises FieldDoesNotExist."""
    field = model._meta.get_field(name)
    if not isinstance(field, models.Field):
        raise FieldDoesNotExist(name)
    return field


@cache
def kind_of(model: type[Record], name: str) -> Kind:
    """The kind of `model`'s column `name`."""
    field = column_of(model, name)
    is_json = isinstance(field, JSONColumn)
    if name in model.secret_fields:
        return Kind.SECRET_JSON if is_json else Kind.SECRET
    if is_json:
        return Kind.JSON
    if choices_of(model, name):
        return Kind.CHOICE
    return _kind_of_type(field)


@cache
def choices_of(model: type[Record], name: str) -> tuple[tuple[Any, str], ...]:
    """The stored vocabulary of a column as (value, label), empty where it has none."""
    vocabulary = model.vocabularies.get(name)
    return tuple(vocabulary.choices) if vocabulary else ()


def is_code(value: Any) -> bool:
    """Whether a stored word says nothing by itself, as 1 or "N" does."""
    return len(str(value)) == 1


def option_label(value: Any, label: str) -> str:
    """A choice's name where one is chosen: what it means and what is stored."""
    return str(label) if str(label) == str(value) else f"{label} ({value})"
