"""The Oper of site icons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from core.opers.base import RecordOper, RecordQuerySet

if TYPE_CHECKING:
    # Named in quotes below: models import Opers, not the other way round.
    from sites.models import SiteIcon

DATA_ADDRESS = "data:image/ico;base64,"


class SiteIconQuerySet(RecordQuerySet["SiteIcon"]):
    """Restrictions of site icons."""

    def of_domain(self, domain: str) -> Self:
        """Those of one site."""
        return self.filter(domain=domain)


SiteIconManager = RecordOper.from_queryset(SiteIconQuerySet)


class SiteIconOper(SiteIconManager["SiteIcon"]):
    """Icons of sites."""

    record = "sites.SiteIcon"

    def get_by_domain(self, domain: str) -> SiteIcon | None:
        """The icon of a site, the oldest if there are several."""
        return self.of_domain(domain).oldest()

    def keep(self, name: str, domain: str, url: str, data: str | None) -> None:
        """Keep the icon of a site; no `data` (base64) leaves a known icon as it is."""
        icon = self.get_by_domain(domain)
        base64 = f"{DATA_ADDRESS}{data}" if data else ""
        if icon is None:
            self._insert(name=name, domain=domain, url=url, base64=base64)
        elif data:
            self.update(icon.pk, url=url, base64=base64)
