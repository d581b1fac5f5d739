"""The Oper of the accounts on sites."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db.models import Exists, F, OuterRef

from core.fields import clock_now, day_now
from core.opers.base import RecordOper, RecordQuerySet
from core.opers.conditions import blank

if TYPE_CHECKING:
    from collections.abc import Mapping

    # Named in quotes below: models import Opers, not the other way round.
    from sites.models import SiteUserData  # noqa: F401


class SiteUserDataQuerySet(RecordQuerySet["SiteUserData"]):
    """Restrictions of site accounts."""

    def of_domain(self, domain: str) -> Self:
        """Those of one site."""
        return self.filter(domain=domain)

    def on_day(self, day: str) -> Self:
        """The readings of one day, written YYYY-MM-DD."""
        return self.filter(updated_day=day)

    def failed(self) -> Self:
        """Readings that ended in an error."""
        return self.exclude(blank("err_msg"))

    def without_error(self) -> Self:
        """Readings that worked."""
        return self.filter(blank("err_msg"))

    def of_newest_day(self) -> Self:
        """Of each site, those of its newest day among these.

        A look into the index per record; grouping by site would read the whole table
        twice.
        """
        same_site = self.filter(domain=OuterRef("domain"))
        newer = same_site.filter(updated_day__gt=OuterRef("updated_day"))
        dated = self.filter(domain__isnull=False, updated_day__isnull=False)
        return dated.exclude(Exists(newer))

    def newest_time_first(self) -> Self:
        """By time of day, as MoviePilot lists them; the time may be missing."""
        return self.order_by(F("updated_time").desc(nulls_last=True), "-pk")


SiteUserDataManager = RecordOper.from_queryset(SiteUserDataQuerySet)


class SiteUserDataOper(SiteUserDataManager["SiteUserData"]):
    """Daily readings of the accounts on sites."""

    record = "sites.SiteUserData"

    def keep_today(self, domain: str, name: str, payload: Mapping[str, Any]) -> None:
        """Keep a site's reading of today; an error never replaces what was read."""
        reading = {
            **self._known(payload),
            "domain": domain,
            "name": name,
            "updated_day": day_now(),
            "updated_time": clock_now(),
            "err_msg": payload.get("err_msg") or "",
        }
        today = self.of_domain(domain).on_day(reading["updated_day"]).oldest()
        if today is None:
            self._insert(**reading)
        elif not reading["err_msg"]:
            self.update(today.pk, reading)
