"""Tracker sites, and what MoviePilot knows about them."""

from typing import ClassVar

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.fields import (
    BooleanColumn,
    ClockField,
    DayField,
    FlagField,
    FloatColumn,
    Index,
    IntegerColumn,
    JSONColumn,
    StampField,
    TextColumn,
    clock_now,
    day_now,
    stamp_now,
)
from core.models import shapes
from core.models.base import Offered, Record
from core.models.configuration import NAMES_OF_SITES
from core.vocabularies import VisitResult
from sites.opers import SiteIconOper, SiteOper, SiteStatisticOper, SiteUserDataOper


class Site(Record):
    """A site that MoviePilot searches and signs in to."""

    natural_key: ClassVar = (("domain",),)
    secret_fields: ClassVar = frozenset({"apikey", "cookie", "rss", "token"})
    unique_by: ClassVar = (("domain",), ("name",))
    mentioned_in: ClassVar = NAMES_OF_SITES
    offers: ClassVar = (
        Offered("icon", "sites.SiteIcon", "domain", "domain"),
        Offered("statistics", "sites.SiteStatistic", "domain", "domain"),
        Offered("accounts", "sites.SiteUserData", "domain", "domain"),
    )

    name = TextColumn(_("name"), help_text=_("Name that people see."))
    domain = TextColumn(
        _("domain"),
        null=True,
        blank=True,
        help_text=_("Domain that other tables know the site by."),
    )
    url = TextColumn(
        _("address"), help_text=_("Address of the home page, with a slash at its end.")
    )
    pri = IntegerColumn(
        _("priority"),
        null=True,
        blank=True,
        default=1,
        help_text=_("Lower numbers are searched first."),
    )
    rss = TextColumn(
        _("RSS address"),
        null=True,
        blank=True,
        help_text=_("Address of the feed; usually holds a passkey."),
    )
    cookie = TextColumn(
        _("cookie"),
        null=True,
        blank=True,
        help_text=_("Cookie of the signed-in account."),
    )
    ua = TextColumn(
        _("user agent"),
        null=True,
        blank=True,
        help_text=_("Browser name that belongs to the cookie."),
    )
    apikey = TextColumn(
        _("API key"), null=True, blank=True, help_text=_("Key for the site's API.")
    )
    token = TextColumn(
        _("token"), null=True, blank=True, help_text=_("Token for the site's API.")
    )
    proxy = FlagField(
        _("use proxy"),
        null=True,
        blank=True,
        help_text=_("Reach the site through the proxy."),
    )
    filter = TextColumn(
        _("filter"),
        null=True,
        blank=True,
        help_text=_("Rule of an older version; no longer used."),
    )
    render = FlagField(
        _("browser rendering"),
        null=True,
        blank=True,
        help_text=_("Open the pages of the site in a browser."),
    )
    public = FlagField(
        _("public"),
        null=True,
        blank=True,
        help_text=_("Anyone may use the site without an account."),
    )
    note = JSONColumn(
        _("note"), null=True, blank=True, help_text=_("Further data, as JSON.")
    )
    limit_interval = IntegerColumn(
        _("limit window"),
        null=True,
        blank=True,
        default=0,
        help_text=_("Seconds in which requests are counted."),
    )
    limit_count = IntegerColumn(
        _("limit"),
        null=True,
        blank=True,
        default=0,
        help_text=_("Requests allowed in one window."),
    )
    limit_seconds = IntegerColumn(
        _("pause"),
        null=True,
        blank=True,
        default=0,
        help_text=_("Seconds between two requests."),
    )
    timeout = IntegerColumn(
        _("timeout"),
        null=True,
        blank=True,
        default=15,
        help_text=_("Seconds to wait for an answer."),
    )
    is_active = BooleanColumn(
        _("active"),
        null=True,
        blank=True,
        default=True,
        help_text=_("MoviePilot searches the site."),
    )
    lst_mod_date = StampField(
        _("added"),
        null=True,
        blank=True,
        default=stamp_now,
        help_text=_(
            "When the row was made; may be earlier, as far back as MoviePilot's start."
        ),
    )
    downloader = TextColumn(
        _("downloader"),
        null=True,
        blank=True,
        help_text=_("Name of the downloader for this site."),
    )

    objects: ClassVar[SiteOper] = SiteOper()

    class Meta(Record.Meta):
        db_table = "site"
        verbose_name = _("site")
        verbose_name_plural = _("sites")
        indexes: ClassVar = [
            Index(fields=["domain"], name="ix_site_domain"),
        ]

    def __str__(self) -> str:
        return str(self.name)


class SiteIcon(Record):
    """The icon of a site."""

    natural_key: ClassVar = (("domain",),)
    unique_by: ClassVar = (("domain",),)

    name = TextColumn(_("name"), help_text=_("Name of the site."))
    domain = TextColumn(
        _("domain"), null=True, blank=True, help_text=_("Domain of the site.")
    )
    url = TextColumn(_("address"), help_text=_("Address of the icon."))
    base64 = TextColumn(
        _("icon"),
        null=True,
        blank=True,
        help_text=_("The icon itself, as a data address."),
    )

    objects: ClassVar[SiteIconOper] = SiteIconOper()

    class Meta(Record.Meta):
        db_table = "siteicon"
        verbose_name = _("site icon")
        verbose_name_plural = _("site icons")
        indexes: ClassVar = [
            Index(fields=["domain"], name="ix_siteicon_domain"),
        ]

    def __str__(self) -> str:
        return str(self.name)


class SiteStatistic(Record):
    """How reachable a site has been."""

    natural_key: ClassVar = (("domain",),)
    unique_by: ClassVar = (("domain",),)
    vocabularies: ClassVar = {"lst_state": VisitResult}

    domain = TextColumn(
        _("domain"), null=True, blank=True, help_text=_("Domain of the site.")
    )
    success = IntegerColumn(
        _("successes"), null=True, blank=True, help_text=_("Visits that worked.")
    )
    fail = IntegerColumn(
        _("failures"), null=True, blank=True, help_text=_("Visits that failed.")
    )
    seconds = IntegerColumn(
        _("seconds"),
        null=True,
        blank=True,
        help_text=_("Average length of the last ten visits, in seconds."),
    )
    lst_state = IntegerColumn(
        _("last result"), null=True, blank=True, help_text=_("How the last visit went.")
    )
    lst_mod_date = StampField(
        _("last visit"),
        null=True,
        blank=True,
        default=stamp_now,
        help_text=_("When the site was last visited."),
    )
    note = JSONColumn(
        _("recent visits"),
        null=True,
        blank=True,
        shape=shapes.NUMBERS_BY_NAME,
        help_text=_("Seconds each of the latest visits took, by time."),
    )

    objects: ClassVar[SiteStatisticOper] = SiteStatisticOper()

    class Meta(Record.Meta):
        db_table = "sitestatistic"
        verbose_name = _("site statistic")
        verbose_name_plural = _("site statistics")
        indexes: ClassVar = [
            Index(fields=["domain"], name="ix_sitestatistic_domain"),
        ]

    def __str__(self) -> str:
        return str(self.domain)


class SiteUserData(Record):
    """What the account on a site looked like on one day."""

    natural_key: ClassVar = (("updated_day", "domain"),)
    usually_once: ClassVar = (("updated_day", "domain"),)

    domain = TextColumn(
        _("domain"), null=True, blank=True, help_text=_("Domain of the site.")
    )
    name = TextColumn(
        _("site"), null=True, blank=True, help_text=_("Name of the site.")
    )
    username = TextColumn(
        _("account"),
        null=True,
        blank=True,
        help_text=_("Name of the account on the site."),
    )
    userid = TextColumn(
        _("account id"),
        null=True,
        blank=True,
        help_text=_("Id of the account on the site."),
    )
    user_level = TextColumn(
        _("class"), null=True, blank=True, help_text=_("Class of the account.")
    )
    join_at = TextColumn(
        _("joined"),
        null=True,
        blank=True,
        help_text=_("When the account was made, as the site writes it."),
    )
    bonus = FloatColumn(
        _("bonus"), null=True, blank=True, default=0, help_text=_("Bonus points.")
    )
    upload = FloatColumn(
        _("uploaded"), null=True, blank=True, default=0, help_text=_("Bytes uploaded.")
    )
    download = FloatColumn(
        pgettext_lazy("traffic", "downloaded"),
        null=True,
        blank=True,
        default=0,
        help_text=_("Bytes downloaded."),
    )
    ratio = FloatColumn(
        _("ratio"),
        null=True,
        blank=True,
        default=0,
        help_text=_("Uploaded divided by downloaded."),
    )
    seeding = FloatColumn(
        _("seeding"),
        null=True,
        blank=True,
        default=0,
        help_text=_("Torrents being seeded."),
    )
    leeching = FloatColumn(
        _("leeching"),
        null=True,
        blank=True,
        default=0,
        help_text=_("Torrents being downloaded."),
    )
    seeding_size = FloatColumn(
        _("seeding size"),
        null=True,
        blank=True,
        default=0,
        help_text=_("Bytes being seeded."),
    )
    leeching_size = FloatColumn(
        _("leeching size"),
        null=True,
        blank=True,
        default=0,
        help_text=_("Bytes being downloaded."),
    )
    seeding_info = JSONColumn(
        _("seeding details"),
        null=True,
        blank=True,
        # MoviePilot's own default is {}, which its pages cannot read.
        default=list,
        shape=shapes.SEEDING,
        help_text=_("Seeders and bytes of each torrent."),
    )
    message_unread = IntegerColumn(
        _("unread messages"),
        null=True,
        blank=True,
        default=0,
        help_text=_("How many messages on the site are unread."),
    )
    message_unread_contents = JSONColumn(
        _("unread texts"),
        null=True,
        blank=True,
        default=list,
        shape=shapes.LISTS,
        help_text=_("Title, date and text of the unread messages."),
    )
    err_msg = TextColumn(
        _("error"),
        null=True,
        blank=True,
        help_text=_("Why the account could not be read; empty when it could."),
    )
    updated_day = DayField(
        _("day"),
        null=True,
        blank=True,
        default=day_now,
        help_text=_("Day of this reading."),
    )
    updated_time = ClockField(
        _("time"),
        null=True,
        blank=True,
        default=clock_now,
        help_text=_("Time of this reading."),
    )

    objects: ClassVar[SiteUserDataOper] = SiteUserDataOper()

    class Meta(Record.Meta):
        db_table = "siteuserdata"
        verbose_name = _("site account")
        verbose_name_plural = _("site accounts")
        indexes: ClassVar = [
            Index(
                fields=["domain", "updated_day", "updated_time"],
                name="ix_siteuserdata_domain_updated_day_updated_time",
            ),
            Index(fields=["updated_day", "id"], name="ix_siteuserdata_updated_day_id"),
        ]

    def __str__(self) -> str:
        known = (self.name or self.domain, self.updated_day)
        # SQLite keeps a BLOB even where a text belongs.
        return " ".join(str(value) for value in known if value) or str(self.pk)
