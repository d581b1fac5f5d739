"""What transfers and downloads have in common: a time, as text, and pages by it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self, TypeVar

from core.opers.base import RecordQuerySet
from core.opers.conditions import PAGE, within_days

if TYPE_CHECKING:
    from core.models.base import Record

R = TypeVar("R", bound="Record", covariant=True)

DAYS = 7
"""Days to look back, where a caller does not say."""


class DatedQuerySet(RecordQuerySet[R]):
    """Restrictions of records with a `date`."""

    def after(self, stamp: str) -> Self:
        """Those later than this time; a day alone is its first moment."""
        return self.filter(date__gt=stamp)

    def in_last_days(self, days: int | None) -> Self:
        """Those of the last so many times 24 hours."""
        return self.filter(within_days("date", DAYS if days is None else days))

    def page_by_date(self, page: int | None, count: int | None) -> list[R]:
        """One page, newest first, those without a time last.

        One query, and up to two more at the end of the table: PostgreSQL uses no index
        for such an order in one statement.
        """
        start, end = _bounds(page, count)
        dated = self.filter(date__isnull=False).order_by("-date", "-pk")
        found = [*dated[start:end]]
        if end is not None and len(found) == end - start:
            return found
        undated = self.filter(date__isnull=True).order_by("-pk")
        skip = 0 if found or not start else max(0, start - dated.count())
        stop = None if end is None else skip + end - start - len(found)
        return [*found, *undated[skip:stop]]


def _bounds(page: int | None, count: int | None) -> tuple[int, int | None]:
    """Where a page begins and ends, as core.opers.conditions.one_page counts them."""
    size = PAGE if count is None else count
    if size < 0:
        return 0, None
    start = (max(page or 1, 1) - 1) * size
    return start, start + size
