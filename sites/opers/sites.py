"""The Oper of sites."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self, overload

from django.db.models import F

from core.opers.base import RecordOper, RecordQuerySet, twin
from core.opers.conditions import blank
from sites.opers.accounts import SiteUserDataOper
from sites.opers.icons import SiteIconOper
from sites.opers.statistics import SiteStatisticOper

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    # Named in quotes below: models import Opers, not the other way round.
    from sites.models import Site, SiteIcon, SiteUserData

Answer = tuple[bool, str]
"""Whether it was done, and MoviePilot's message about it."""
Sites = list["Site"]
UserData = list["SiteUserData"]
"""`list` itself is a method of the Oper."""

ADDED, EXISTS, MISSING = "新增站点成功", "站点已存在", "站点不存在"
COOKIE_UPDATED, RSS_UPDATED = "更新站点Cookie成功", "更新站点RSS地址成功"
USERDATA_UPDATED = "更新站点用户数据成功"


class SiteQuerySet(RecordQuerySet["Site"]):
    """Restrictions of sites."""

    def active(self) -> Self:
        """Sites that MoviePilot searches."""
        return self.filter(is_active=True)

    def of_domain(self, domain: str) -> Self:
        """Those of this domain; there should be one."""
        return self.filter(domain=domain)

    def without_login(self) -> Self:
        """Sites holding neither a cookie nor a token, so MoviePilot cannot sign in."""
        return self.filter(blank("cookie") & blank("token"))

    def by_priority(self) -> Self:
        """In the order MoviePilot searches them, those without a priority last."""
        return self.order_by(F("pri").asc(nulls_last=True), "pk")


SiteManager = RecordOper.from_queryset(SiteQuerySet)


class SiteOper(SiteManager["Site"]):
    """Sites, with their icons, statistics and accounts.

    Where two sites share a domain or a name, MoviePilot's asynchronous methods raise;
    here all of them take the oldest. Where there is no site to update, its synchronous
    method raises; here both return None.
    """

    record = "sites.Site"
    watched_columns = ("name", "pri", "is_active")
    """What core.reload looks at to see whether the choice of sites has changed."""

    # --- Sites

    def names(self) -> Sequence[tuple[int, str]]:
        """(id, name) of every site, in the order MoviePilot searches them."""
        named = self.by_priority().values_list("pk", "name")
        return [(pk, str(name)) for pk, name in named]

    @overload
    def add(self, record: Site, /, *, reason: str = "") -> int: ...

    @overload
    def add(self, *, reason: str = "", **kwargs: Any) -> Answer: ...

    def add(  # type: ignore[misc]
        self, record: Site | None = None, /, *, reason: str = "", **kwargs: Any
    ) -> int | Answer:
        """Insert a site: a record, which returns its id, or these values, which returns
        what MoviePilot answers: (True, '新增站点成功'), or (False, '站点已存在') when
        there is a site of the domain. Raises InvalidValues.
        """
        if record is not None:
            return super().add(record, reason=reason)
        domain = kwargs.get("domain")
        if domain is not None and self.exists(domain):
            return False, EXISTS
        self._insert(reason=reason, **kwargs)
        return True, ADDED

    async_add = twin(add)  # type: ignore[arg-type]

    def list_order_by_pri(self) -> Sites:
        """All sites in the order MoviePilot searches them."""
        return [*self.by_priority()]

    async_list_order_by_pri = twin(list_order_by_pri)

    def list_active(self) -> Sites:
        """Sites that MoviePilot searches, oldest first."""
        return [*self.active().order_by("pk")]

    async_list_active = twin(list_active)

    def get_by_domain(self, domain: str) -> Site | None:
        """The site of this domain, or None."""
        return self.of_domain(domain).oldest()

    async_get_by_domain = twin(get_by_domain)

    def get_by_name(self, name: str) -> Site | None:
        """The site of exactly this name, or None."""
        return self.get(name=name)

    async_get_by_name = twin(get_by_name)

    def get_domains_by_ids(self, ids: Sequence[int]) -> Sequence[str]:
        """The domains of the sites with these ids, by id; who has none is skipped."""
        known = self.with_ids(ids).exclude(blank("domain")).order_by("pk")
        return [str(domain) for domain in known.values_list("domain", flat=True)]

    async_get_domains_by_ids = twin(get_domains_by_ids)

    def exists(self, domain: str) -> bool:  # type: ignore[override]
        """Whether there is a site of this domain."""
        return self.of_domain(domain).exists()

    async_exists = twin(exists)

    def update_cookie(self, domain: str, cookies: str) -> Answer:
        """Set the cookie of a site; (False, '站点不存在') without one."""
        return self._set(domain, COOKIE_UPDATED, cookie=cookies)

    async_update_cookie = twin(update_cookie)

    def update_rss(self, domain: str, rss: str) -> Answer:
        """Set the RSS address of a site; (False, '站点不存在') without one."""
        return self._set(domain, RSS_UPDATED, rss=rss)

    async_update_rss = twin(update_rss)

    def _set(self, domain: str, answer: str, **values: Any) -> Answer:
        site = self.get_by_domain(domain)
        if site is None or self.update(site.pk, values) is None:
            return False, MISSING
        return True, answer

    # --- Accounts

    def update_userdata(
        self, domain: str, name: str, payload: Mapping[str, Any]
    ) -> Answer:
        """Keep today's reading of the account on a site.

        There is one record a day; one that is there is replaced by a reading without an
        error only.
        """
        SiteUserDataOper().keep_today(domain, name, payload)
        return True, USERDATA_UPDATED

    async_update_userdata = twin(update_userdata)

    def get_userdata(self) -> UserData:
        """All readings, oldest first."""
        return SiteUserDataOper().list()

    async_get_userdata = twin(get_userdata)

    def get_userdata_by_domain(
        self, domain: str, workdate: str | None = None
    ) -> UserData:
        """The readings of a site, of all days or one (YYYY-MM-DD); oldest first."""
        found = SiteUserDataOper().of_domain(domain)
        return [*(found.on_day(workdate) if workdate else found).order_by("pk")]

    async_get_userdata_by_domain = twin(get_userdata_by_domain)

    def get_userdata_by_date(self, date: str) -> UserData:
        """The readings of one day (YYYY-MM-DD), oldest first."""
        return [*SiteUserDataOper().on_day(date).order_by("pk")]

    async_get_userdata_by_date = twin(get_userdata_by_date)

    def get_userdata_latest(self) -> UserData:
        """The readings of each site's newest day on which there was one without an
        error; newest time of day first.

        MoviePilot adds readings of that day that ended in an error; here they are left
        out.
        """
        readings = SiteUserDataOper().without_error()
        return [*readings.of_newest_day().newest_time_first()]

    async_get_userdata_latest = twin(get_userdata_latest)

    # --- Icons and statistics

    def get_icon_by_domain(self, domain: str) -> SiteIcon | None:
        """The icon of a site, or None."""
        return SiteIconOper().get_by_domain(domain)

    async_get_icon_by_domain = twin(get_icon_by_domain)

    def update_icon(
        self, name: str, domain: str, icon_url: str, icon_base64: str | None
    ) -> bool:
        """Keep the icon of a site; without data a known icon stays. Always True."""
        SiteIconOper().keep(name, domain, icon_url, icon_base64)
        return True

    async_update_icon = twin(update_icon)

    def success(self, domain: str, seconds: int | None = None) -> None:
        """Count a visit that worked, and how long it took if that is known.

        MoviePilot divides the sum of the visits it keeps by the number of those it had;
        here the average is of those that are kept.
        """
        SiteStatisticOper().count_success(domain, seconds)

    async_success = twin(success)

    def fail(self, domain: str) -> None:
        """Count a visit that failed."""
        SiteStatisticOper().count_failure(domain)

    async_fail = twin(fail)
