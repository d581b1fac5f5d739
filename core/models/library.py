"""What the media servers hold."""

from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from core.fields import (
    Index,
    IntegerColumn,
    JSONColumn,
    StampField,
    TextColumn,
    UniqueIndex,
    stamp_now,
)
from core.models import shapes
from core.models.base import Record
from core.opers.library import MediaServerOper
from core.vocabularies import MediaType


class MediaServerItem(Record):
    """A film or series on a media server, as the last sync saw it."""

    natural_key: ClassVar = (("server", "item_id"),)
    vocabularies: ClassVar = {"item_type": MediaType}
    unique_by: ClassVar = (("server", "item_id"),)

    server = TextColumn(
        _("server"), null=True, blank=True, help_text=_("Name of the media server.")
    )
    library = TextColumn(
        _("library"),
        null=True,
        blank=True,
        help_text=_("Id of the library on the server."),
    )
    item_id = TextColumn(
        _("item id"),
        null=True,
        blank=True,
        help_text=_("Id of the item on the server."),
    )
    item_type = TextColumn(
        _("type"),
        null=True,
        blank=True,
        help_text=_("Film or series, in MoviePilot's own words."),
    )
    title = TextColumn(
        _("title"), null=True, blank=True, help_text=_("Title on the server.")
    )
    original_title = TextColumn(
        _("original title"),
        null=True,
        blank=True,
        help_text=_("Title in the original language."),
    )
    year = TextColumn(
        _("year"), null=True, blank=True, help_text=_("Year of release, as text.")
    )
    tmdbid = IntegerColumn(
        _("TMDB id"),
        null=True,
        blank=True,
        help_text=_("Number at The Movie Database."),
    )
    imdbid = TextColumn(_("IMDb id"), null=True, blank=True, help_text=_("Id at IMDb."))
    tvdbid = TextColumn(
        _("TVDB id"),
        null=True,
        blank=True,
        help_text=_("Id at TheTVDB; text in this table."),
    )
    path = TextColumn(
        _("path"), null=True, blank=True, help_text=_("Path on the server.")
    )
    seasoninfo = JSONColumn(
        _("seasons"),
        null=True,
        blank=True,
        default=dict,
        shape=shapes.EPISODES_BY_SEASON,
        help_text=_("Numbers of the episodes at hand, by season."),
    )
    note = JSONColumn(
        _("note"), null=True, blank=True, help_text=_("Not used by MoviePilot.")
    )
    lst_mod_date = StampField(
        _("synced"),
        null=True,
        blank=True,
        default=stamp_now,
        help_text=_("Stamp of the last sync; rows it did not stamp are removed by it."),
    )

    objects: ClassVar[MediaServerOper] = MediaServerOper()

    class Meta(Record.Meta):
        db_table = "mediaserveritem"
        verbose_name = _("media server item")
        verbose_name_plural = _("media server items")
        indexes: ClassVar = [
            Index(fields=["imdbid"], name="ix_mediaserveritem_imdbid"),
            Index(fields=["item_id"], name="ix_mediaserveritem_item_id"),
            Index(fields=["title"], name="ix_mediaserveritem_title"),
            Index(
                fields=["tmdbid", "item_type"],
                name="ix_mediaserveritem_tmdbid_item_type",
            ),
            Index(fields=["tvdbid"], name="ix_mediaserveritem_tvdbid"),
            UniqueIndex(
                fields=["server", "item_id"], name="ux_mediaserveritem_server_item_id"
            ),
        ]

    def __str__(self) -> str:
        return str(self.title or self.item_id or self.pk)
