"""The Oper of site statistics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from core.fields import stamp_now
from core.opers.base import RecordOper, RecordQuerySet
from core.vocabularies import VisitResult

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    # Named in quotes below: models import Opers, not the other way round.
    from sites.models import SiteStatistic

VISITS = 10
"""Visits whose length is kept."""


class SiteStatisticQuerySet(RecordQuerySet["SiteStatistic"]):
    """Restrictions of site statistics."""

    def of_domain(self, domain: str) -> Self:
        """Those of one site."""
        return self.filter(domain=domain)

    def failing(self) -> Self:
        """Sites whose last visit failed."""
        return self.filter(lst_state=VisitResult.FAILED)


SiteStatisticManager = RecordOper.from_queryset(SiteStatisticQuerySet)


class SiteStatisticOper(SiteStatisticManager["SiteStatistic"]):
    """How reachable the sites were."""

    record = "sites.SiteStatistic"

    def count_success(self, domain: str, seconds: int | None = None) -> None:
        """Count a visit that worked, and how long it took if that is known.

        MoviePilot divides the sum of the visits it keeps by the number of those it had;
        here the average is of those that are kept.
        """
        stamp = stamp_now()

        def visited(before: SiteStatistic | None) -> dict[str, Any]:
            note = _numbers(before.note) if before else {}
            return {
                "success": _count(before.success if before else 0) + 1,
                "lst_state": VisitResult.SUCCEEDED.value,
                "lst_mod_date": stamp,
                **({} if seconds is None else _timed(note, stamp, int(seconds))),
            }

        self._count(domain, visited)

    def count_failure(self, domain: str) -> None:
        """Count a visit that failed."""
        stamp = stamp_now()

        def visited(before: SiteStatistic | None) -> dict[str, Any]:
            return {
                "fail": _count(before.fail if before else 0) + 1,
                "lst_state": VisitResult.FAILED.value,
                "lst_mod_date": stamp,
            }

        self._count(domain, visited)

    def _count(
        self, domain: str, visited: Callable[[SiteStatistic | None], Mapping[str, Any]]
    ) -> None:
        """Write what a visit makes of a site's record, or of none.

        Raises InvalidValues.
        """
        from core.changes import InvalidValues

        if self._counted(domain, visited):
            return
        try:
            self._insert(**{"success": 0, "fail": 0, **visited(None)}, domain=domain)
        except InvalidValues:
            # Somebody else may have made the site's record meanwhile.
            if not self._counted(domain, visited):
                raise

    def _counted(
        self, domain: str, visited: Callable[[SiteStatistic | None], Mapping[str, Any]]
    ) -> bool:
        known = self.of_domain(domain).oldest()
        return known is not None and self._revise(known.pk, visited) is not None


def _count(stored: object) -> int:
    """A counter; NULL, or what else SQLite lets stand there, is none."""
    return stored if isinstance(stored, int) else 0


def _numbers(note: object) -> dict[str, int]:
    """Seconds by time, of a note that may hold anything."""
    pairs = note.items() if isinstance(note, dict) else ()
    return {when: each for when, each in pairs if isinstance(each, int)}


def _timed(note: Mapping[str, int], stamp: str, seconds: int) -> dict[str, Any]:
    """The newest visits, this one among them, and their average length."""
    newest = sorted({**note, stamp: seconds}.items())[-VISITS:]
    average = sum(each for _when, each in newest) // len(newest)
    return {"note": dict(newest), "seconds": average}
