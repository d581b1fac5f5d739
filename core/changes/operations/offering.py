"""Which operations make sense for a column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.changes.operations.flags import Toggle
from core.changes.operations.lists import ListAdd, ListRemove, ListReplace
from core.changes.operations.matching import ReplaceRegex
from core.changes.operations.numbers import Add, Clamp, Multiply
from core.changes.operations.objects import RemovePath, SetPath
from core.changes.operations.sequences import Sequence
from core.changes.operations.sources import Sort, sort_of, sources
from core.changes.operations.stamps import Shift
from core.changes.operations.texts import (
    Case,
    Prefix,
    Replace,
    Suffix,
    SwapPath,
    Trim,
)
from core.changes.operations.values import Copy, Set, SetNull
from core.fields import JSONColumn

if TYPE_CHECKING:
    from django.db import models

    from core.changes.operations.base import Operation
    from core.models.base import Record

LISTS: tuple[type[Operation], ...] = (ListAdd, ListRemove, ListReplace)
PATHS: tuple[type[Operation], ...] = (SetPath, RemovePath)
BY_SORT: dict[Sort, tuple[type[Operation], ...]] = {
    Sort.TEXT: (Prefix, Suffix, Replace, ReplaceRegex, SwapPath, Trim, Case),
    Sort.NUMBER: (Add, Multiply, Clamp, Sequence),
    Sort.FLAG: (Toggle,),
    Sort.STAMP: (Shift,),
    Sort.JSON: (),
    Sort.LINK: (),
}


def offered(model: type[Record], name: str) -> list[type[Operation]]:
    """The operations for a column, in the order to show them; none where nobody edits
    it.
    """
    field = model.column(name)
    if field.attname in model.locked_fields:
        return []
    empty = [] if model.is_required(field.name) else [SetNull]
    copy = [Copy] if sources(model, name) else []
    return [Set, *empty, *BY_SORT[sort_of(field)], *_of_json(field), *copy]


def _of_json(field: models.Field[Any, Any]) -> tuple[type[Operation], ...]:
    """Those for the kind of JSON that MoviePilot keeps in a column."""
    if not isinstance(field, JSONColumn):
        return ()
    kind = (field.shape or {}).get("type", ())
    kinds = {kind} if isinstance(kind, str) else {*kind}
    if "array" in kinds:
        return LISTS + PATHS
    return PATHS if "object" in kinds else PATHS + LISTS
