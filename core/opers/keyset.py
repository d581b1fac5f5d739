"""Keyset pagination: any page of a table of any size costs one short index walk.

A page is named by the sort value and id of the record before it, not by a number, so
nothing has to be counted or skipped. Records whose sort value is NULL come last in both
directions.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import connections
from django.db.models import BooleanField, F, Func, Q, QuerySet, Value
from django.utils.translation import gettext as _

from core.opers.filters import FilterError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from django.db.models import Field, Model

LONE_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Page:
    """Records of one page, and the cursors of its neighbours where there are any."""

    records: list[Any]
    next: str | None
    previous: str | None


@dataclass(frozen=True)
class Cursor:
    """The place of one record in the order."""

    value: Any
    pk: int

    def __str__(self) -> str:
        text = json.dumps([self.value, self.pk], ensure_ascii=False, default=str)
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @classmethod
    def parse(cls, text: str) -> Cursor:
        """Raises FilterError for a text that is no cursor."""
        try:
            padded = text + "=" * (-len(text) % 4)
            value, pk = json.loads(base64.urlsafe_b64decode(padded.encode()))
        except (ValueError, TypeError, binascii.Error, RecursionError):
            value, pk = None, None
        if not isinstance(pk, int) or not _fits(pk) or not _fits(value):
            raise damaged()
        return cls(value, pk)


def damaged() -> FilterError:
    """What a cursor that cannot be used raises."""
    return FilterError(_("This page address is damaged; start from the first page."))


def _fits(value: object) -> bool:
    """Whether a database takes the value as a parameter."""
    if isinstance(value, str):
        return "\x00" not in value and not LONE_SURROGATE.search(value)
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, int):
        return abs(value) < 2**63
    return value is None


class RowCompare(Func):
    """`(sort, id) < (value, id)`: one range of an index, which OR would not be."""

    conditional = True
    output_field = BooleanField()
    template = "(%(left)s) %(operator)s (%(right)s)"

    def as_sql(  # type: ignore[override]
        self, compiler: Any, connection: Any, **_extra: Any
    ) -> tuple[str, list[Any]]:
        parts = [compiler.compile(source) for source in self.source_expressions]
        sqls = [sql for sql, _params in parts]
        params = [param for _sql, params in parts for param in params]
        sql = self.template % {
            "left": ", ".join(sqls[:2]),
            "operator": self.extra["operator"],
            "right": ", ".join(sqls[2:]),
        }
        return sql, params


class Keyset:
    """Pages of a queryset in an order: by a column and the id, or by the id alone."""

    def __init__(
        self, queryset: QuerySet[Any], ordering: Sequence[str], size: int
    ) -> None:
        self.queryset, self.size = queryset, size
        self.name = ordering[0].lstrip("-")
        self.descending = ordering[0].startswith("-")
        self.field: Field[Any, Any] = queryset.model._meta.get_field(self.name)
        self.by_id = self.field.primary_key
        # Old databases hold NULL where the models say there is none.
        self.segments = [False] if self.by_id else [False, True]
        """Whether the sort value is NULL in each stretch of the order."""

    def page(self, *, after: str = "", before: str = "", last: bool = False) -> Page:
        """The page after or before a cursor, the last one, or else the first."""
        backwards = bool(before) or last
        cursor = Cursor.parse(after or before) if after or before else None
        found = self._walk(cursor, backwards=backwards)
        more = len(found) > self.size
        records = found[: self.size]
        if backwards:
            records.reverse()
        has_next = (cursor is not None and bool(records)) if backwards else more
        has_previous = more if backwards else (cursor is not None and bool(records))
        return Page(
            records,
            next=str(self._cursor(records[-1])) if has_next else None,
            previous=str(self._cursor(records[0])) if has_previous else None,
        )

    def _cursor(self, record: Model) -> Cursor:
        return Cursor(None if self.by_id else getattr(record, self.name), record.pk)

    def _walk(self, cursor: Cursor | None, *, backwards: bool) -> list[Any]:
        found: list[Any] = []
        for stretch in self._stretches(cursor, backwards=backwards):
            found.extend(stretch[: self.size + 1 - len(found)])
            if len(found) > self.size:
                break
        return found

    def _stretches(
        self, cursor: Cursor | None, *, backwards: bool
    ) -> Iterator[QuerySet[Any]]:
        descending = self.descending != backwards
        for is_null in self._segments_from(cursor, backwards=backwards):
            queryset = self._segment(is_null=is_null)
            starts_here = cursor is not None and is_null == self._is_null(cursor)
            if cursor is not None and starts_here:
                queryset = queryset.filter(self._beyond(cursor, descending=descending))
            sign = "-" if descending else ""
            keys = ["pk"] if is_null or self.by_id else [self.name, "pk"]
            yield queryset.order_by(*(sign + key for key in keys))

    def _segments_from(
        self, cursor: Cursor | None, *, backwards: bool
    ) -> Iterable[bool]:
        segments = self.segments[::-1] if backwards else self.segments
        if cursor is None or len(segments) == 1:
            return segments
        return segments[segments.index(self._is_null(cursor)) :]

    def _segment(self, *, is_null: bool) -> QuerySet[Any]:
        if len(self.segments) == 1:
            return self.queryset
        return self.queryset.filter(**{f"{self.name}__isnull": is_null})

    def _is_null(self, cursor: Cursor) -> bool:
        return len(self.segments) > 1 and cursor.value is None

    def _beyond(self, cursor: Cursor, *, descending: bool) -> Any:
        if self.by_id or self._is_null(cursor):
            return Q(pk__lt=cursor.pk) if descending else Q(pk__gt=cursor.pk)
        values = [Value(self._stored(cursor.value)), Value(cursor.pk)]
        return RowCompare(
            F(self.name), F("pk"), *values, operator="<" if descending else ">"
        )

    def _stored(self, value: Any) -> Any:
        """The sort value of a cursor as the column holds it. Raises FilterError."""
        connection = connections[self.queryset.db]
        # SQLite's number columns may hold anything, 7.5 and text included.
        is_loose = connection.vendor == "sqlite"
        if is_loose and not isinstance(value, str):
            return value
        try:
            return self.field.get_db_prep_value(value, connection)
        except (ValueError, TypeError, OverflowError, ValidationError):
            if is_loose:
                return value
            raise damaged() from None
