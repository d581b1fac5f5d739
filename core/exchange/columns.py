"""Which column of a file is which column of a table: guessed by its name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils import translation

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from django.db import models

    from core.models.base import Record

    Field = models.Field[Any, Any]

IDLE = re.compile(r"[\W_]+")
"""What makes no difference between two names."""


def guess(
    model: type[Record], names: Sequence[str], allowed: Collection[str]
) -> list[str]:
    """For each name of a file the column it means, '' for none; no column twice.

    A name may be the column's own, or its label in any language of the console.
    """
    known: dict[str, str] = {}
    for spelling in (_own_names, _labels):
        for field in model._meta.fields:
            for name in spelling(field):
                known.setdefault(_plain(name), field.attname)
    found, taken = [], set()
    for name in names:
        column = known.get(_plain(name), "")
        is_free = column in allowed and column not in taken
        found.append(column if is_free else "")
        taken.add(column)
    return found


def _own_names(field: Field) -> Iterable[str]:
    return (field.attname, field.name)


def _labels(field: Field) -> Iterable[str]:
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            yield str(field.verbose_name)


def _plain(name: str) -> str:
    return IDLE.sub("", name).casefold()
