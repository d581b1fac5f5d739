"""Conditions, pages and words that more than one Oper needs."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, TypeVar

from django.db.models import Q

from core.fields import local_now

if TYPE_CHECKING:
    from django.db.models import QuerySet

AnyQuerySet = TypeVar("AnyQuerySet", bound="QuerySet[Any]")

PAGE = 30
"""Records on a page, where a caller of an Oper does not say."""


def blank(name: str) -> Q:
    """The text column holds nothing: MoviePilot writes both NULL and '' for that."""
    return Q(**{f"{name}__isnull": True}) | Q(**{name: ""})


def nothing() -> Q:
    """No record; the database is not even asked."""
    return Q(pk__in=[])


def within_days(name: str, days: float) -> Q:
    """The stamp is of the last so many days, to the second."""
    since = local_now() - dt.timedelta(days=days)
    return Q(**{f"{name}__gte": f"{since:%Y-%m-%d %H:%M:%S}"})


def one_page(
    records: AnyQuerySet, page: int | None = 1, count: int | None = PAGE
) -> AnyQuerySet:
    """The records of one page, the first being 1; a negative count is all of them.

    MoviePilot takes page 0 for an offset of -30, which PostgreSQL refuses; here page 0
    and less is the first page.
    """
    size = PAGE if count is None else count
    if size < 0:
        return records
    start = (max(page or 1, 1) - 1) * size
    return records[start : start + size]


def enum_text(value: Any) -> str:
    """The text of an enumeration's member, or the text itself; '' for nothing."""
    return str(getattr(value, "value", value) or "")
