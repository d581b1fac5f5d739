"""Titles that MoviePilot is looking for."""

from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from core.fields import (
    FlagField,
    FloatColumn,
    Index,
    IntegerColumn,
    JSONColumn,
    StampField,
    TextColumn,
)
from core.models import shapes
from core.models.base import Record
from core.opers.subscriptions import SubscribeOper
from core.vocabularies import MediaType, SubscribeState


class WantedTitle(Record):
    """A film, or one season of a series, and what a release of it should be like."""

    name = TextColumn(_("title"), help_text=_("Title that people see."))
    year = TextColumn(
        _("year"), null=True, blank=True, help_text=_("Year of release, as text.")
    )
    type = TextColumn(
        _("type"),
        null=True,
        blank=True,
        help_text=_("Film or series, in MoviePilot's own words."),
    )
    keyword = TextColumn(
        _("keyword"),
        null=True,
        blank=True,
        help_text=_("Searched for instead of the title."),
    )
    tmdbid = IntegerColumn(
        _("TMDB id"),
        null=True,
        blank=True,
        help_text=_("Number at The Movie Database."),
    )
    imdbid = TextColumn(
        _("IMDb id"),
        null=True,
        blank=True,
        help_text=_("Id at IMDb, beginning with tt."),
    )
    tvdbid = IntegerColumn(
        _("TVDB id"), null=True, blank=True, help_text=_("Number at TheTVDB.")
    )
    doubanid = TextColumn(
        _("Douban id"), null=True, blank=True, help_text=_("Id at Douban, as text.")
    )
    bangumiid = IntegerColumn(
        _("Bangumi id"), null=True, blank=True, help_text=_("Number at Bangumi.")
    )
    mediaid = TextColumn(
        _("media id"),
        null=True,
        blank=True,
        help_text=_("Id in a source that a plugin adds, written prefix:id."),
    )
    season = IntegerColumn(
        _("season"),
        null=True,
        blank=True,
        help_text=_("0 for specials, empty for films."),
    )
    poster = TextColumn(
        _("poster"), null=True, blank=True, help_text=_("Address of the poster.")
    )
    backdrop = TextColumn(
        _("backdrop"),
        null=True,
        blank=True,
        help_text=_("Address of the background image."),
    )
    vote = FloatColumn(_("rating"), null=True, blank=True, help_text=_("From 0 to 10."))
    description = TextColumn(
        _("description"), null=True, blank=True, help_text=_("Summary of the plot.")
    )
    filter = TextColumn(
        _("filter"),
        null=True,
        blank=True,
        help_text=_("Rule of an older version; no longer used."),
    )
    include = TextColumn(
        _("include"),
        null=True,
        blank=True,
        help_text=_("Regular expression that a release has to match."),
    )
    exclude = TextColumn(
        _("exclude"),
        null=True,
        blank=True,
        help_text=_("Regular expression that a release must not match."),
    )
    quality = TextColumn(
        _("quality"),
        null=True,
        blank=True,
        help_text=_("Regular expression for the quality."),
    )
    resolution = TextColumn(
        _("resolution"),
        null=True,
        blank=True,
        help_text=_("Regular expression for the resolution."),
    )
    effect = TextColumn(
        _("effect"),
        null=True,
        blank=True,
        help_text=_("Regular expression for effects such as HDR or Dolby."),
    )
    total_episode = IntegerColumn(
        _("episodes"),
        null=True,
        blank=True,
        help_text=_("How many episodes are wanted in all."),
    )
    start_episode = IntegerColumn(
        _("first episode"),
        null=True,
        blank=True,
        help_text=_("Number of the first episode wanted."),
    )
    best_version = FlagField(
        _("upgrade"),
        null=True,
        blank=True,
        default=0,
        help_text=_("Keep looking for a better release."),
    )
    best_version_full = FlagField(
        _("whole seasons only"),
        null=True,
        blank=True,
        default=0,
        help_text=_("Upgrade only with packs of a complete season."),
    )
    episode_priority = JSONColumn(
        _("priority per episode"),
        null=True,
        blank=True,
        shape=shapes.NUMBERS_BY_NAME,
        help_text=_("Priority reached, by episode number, while upgrading."),
    )
    save_path = TextColumn(
        _("save path"),
        null=True,
        blank=True,
        help_text=_("Folder to download to, instead of the usual one."),
    )
    search_imdbid = FlagField(
        _("search by IMDb id"),
        null=True,
        blank=True,
        default=0,
        help_text=_("Use the IMDb id when searching sites."),
    )
    custom_words = TextColumn(
        _("recognition words"),
        null=True,
        blank=True,
        help_text=_("Rules for recognising names, one in a line."),
    )
    media_category = TextColumn(
        _("category"),
        null=True,
        blank=True,
        help_text=_("Category to use instead of the recognised one."),
    )
    filter_groups = JSONColumn(
        _("rule groups"),
        null=True,
        blank=True,
        default=list,
        shape=shapes.TEXTS,
        help_text=_("Names of the rule groups that choose releases."),
    )
    episode_group = TextColumn(
        _("episode group"),
        null=True,
        blank=True,
        help_text=_("Id of an episode group at The Movie Database."),
    )

    class Meta(Record.Meta):
        abstract = True

    def __str__(self) -> str:
        return (
            f"{self.name} S{self.season:02}"
            if isinstance(self.season, int)
            else str(self.name)
        )


class Subscribe(WantedTitle):
    """A title that somebody wants."""

    natural_key: ClassVar = (
        ("type", "season", "tmdbid"),
        ("type", "season", "doubanid"),
        ("type", "season", "bangumiid"),
        ("type", "season", "mediaid"),
    )
    vocabularies: ClassVar = {"type": MediaType, "state": SubscribeState}
    usually_once: ClassVar = (
        ("type", "season", "tmdbid"),
        ("type", "season", "doubanid"),
    )

    lack_episode = IntegerColumn(
        _("missing episodes"),
        null=True,
        blank=True,
        help_text=_("How many episodes are still missing."),
    )
    note = JSONColumn(
        _("downloaded"),
        null=True,
        blank=True,
        help_text=_("Numbers of the episodes already downloaded; a film has [1]."),
    )
    state = TextColumn(
        _("state"),
        default=SubscribeState.NEW,
        help_text=_("Where the subscription stands."),
    )
    last_update = StampField(
        _("last update"),
        null=True,
        blank=True,
        help_text=_("When its downloads last changed."),
    )
    date = StampField(
        _("added"),
        null=True,
        blank=True,
        help_text=_("When the subscription was made."),
    )
    username = TextColumn(
        _("user"),
        null=True,
        blank=True,
        help_text=_("Who subscribed: a name, not a link to an account."),
    )
    sites = JSONColumn(
        _("sites"),
        null=True,
        blank=True,
        default=list,
        shape=shapes.IDS,
        help_text=_("Ids of the sites to search; none means the usual ones."),
    )
    downloader = TextColumn(
        _("downloader"),
        null=True,
        blank=True,
        help_text=_("Name of the downloader; empty for the usual one."),
    )
    current_priority = IntegerColumn(
        _("priority reached"),
        null=True,
        blank=True,
        help_text=_("Priority of the release at hand; 100 is the best."),
    )
    manual_total_episode = FlagField(
        _("episodes set by hand"),
        null=True,
        blank=True,
        default=0,
        help_text=_("The number of episodes was typed in and stays as it is."),
    )

    objects: ClassVar[SubscribeOper] = SubscribeOper()

    class Meta(WantedTitle.Meta):
        db_table = "subscribe"
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")
        indexes: ClassVar = [
            Index(fields=["bangumiid"], name="ix_subscribe_bangumiid"),
            Index(fields=["doubanid"], name="ix_subscribe_doubanid"),
            Index(fields=["mediaid"], name="ix_subscribe_mediaid"),
            Index(fields=["name"], name="ix_subscribe_name"),
            Index(fields=["state"], name="ix_subscribe_state"),
            Index(fields=["tmdbid"], name="ix_subscribe_tmdbid"),
            Index(fields=["type", "date"], name="ix_subscribe_type_date"),
            Index(fields=["username"], name="ix_subscribe_username"),
        ]
