"""The Opers of sites and what belongs to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from core.opers.base import RecordOper, RecordQuerySet
from core.opers.conditions import blank
from core.vocabularies import VisitResult

if TYPE_CHECKING:
    # Named in quotes below: models import Opers, not the other way round.
    from sites.models import Site, SiteIcon, SiteStatistic, SiteUserData  # noqa: F401


class SiteQuerySet(RecordQuerySet["Site"]):
    """Restrictions of sites."""

    def active(self) -> Self:
        """Sites that MoviePilot searches."""
        return self.filter(is_active=True)

    def without_login(self) -> Self:
        """Sites holding neither a cookie nor a token, so MoviePilot cannot sign in."""
        return self.filter(blank("cookie") & blank("token"))

    def by_priority(self) -> Self:
        """In the order MoviePilot searches them."""
        return self.order_by("pri", "pk")


SiteManager = RecordOper.from_queryset(SiteQuerySet)


class SiteOper(SiteManager["Site"]):
    """Sites."""

    record = "sites.Site"


class SiteIconQuerySet(RecordQuerySet["SiteIcon"]):
    """Restrictions of site icons."""

    def of_domain(self, domain: str) -> Self:
        """Those of one site."""
        return self.filter(domain=domain)


SiteIconManager = RecordOper.from_queryset(SiteIconQuerySet)


class SiteIconOper(SiteIconManager["SiteIcon"]):
    """Icons of sites."""

    record = "sites.SiteIcon"


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


SiteUserDataManager = RecordOper.from_queryset(SiteUserDataQuerySet)


class SiteUserDataOper(SiteUserDataManager["SiteUserData"]):
    """Daily readings of the accounts on sites."""

    record = "sites.SiteUserData"
