"""Files that were brought into the library, or should have been."""

from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from core.fields import (
    BooleanColumn,
    Index,
    IntegerColumn,
    JSONColumn,
    StampField,
    TextColumn,
)
from core.models import shapes
from core.models.base import Record
from core.vocabularies import MediaType, StorageSchema, TransferMode
from history.opers import TransferHistoryOper


class TransferHistory(Record):
    """One file or disc that MoviePilot organised, or failed to."""

    natural_key: ClassVar = (("src_storage", "src"), ("src",))
    required_fields: ClassVar = frozenset({"status"})
    usually_once: ClassVar = (("src_storage", "src"),)
    vocabularies: ClassVar = {
        "src_storage": StorageSchema,
        "dest_storage": StorageSchema,
        "mode": TransferMode,
        "type": MediaType,
    }

    src = TextColumn(
        _("source"), null=True, blank=True, help_text=_("Path the file came from.")
    )
    src_storage = TextColumn(
        _("source storage"),
        null=True,
        blank=True,
        help_text=_("Kind of storage the file came from."),
    )
    src_fileitem = JSONColumn(
        _("source file"),
        null=True,
        blank=True,
        default=dict,
        shape=shapes.ANY_OBJECT,
        help_text=_("The source file as its storage describes it."),
    )
    dest = TextColumn(
        _("target"),
        null=True,
        blank=True,
        help_text=_("Path the file went to; empty after a failure."),
    )
    dest_storage = TextColumn(
        _("target storage"),
        null=True,
        blank=True,
        help_text=_("Kind of storage the file went to."),
    )
    dest_fileitem = JSONColumn(
        _("target file"),
        null=True,
        blank=True,
        default=dict,
        shape=shapes.ANY_OBJECT,
        help_text=_("The file in the library as its storage describes it."),
    )
    mode = TextColumn(
        _("method"),
        null=True,
        blank=True,
        help_text=_("How the file was brought into the library."),
    )
    type = TextColumn(
        _("type"),
        null=True,
        blank=True,
        help_text=_("Film or series, in MoviePilot's own words."),
    )
    category = TextColumn(
        _("category"),
        null=True,
        blank=True,
        help_text=_("Name of the second-level category."),
    )
    title = TextColumn(
        _("title"),
        null=True,
        blank=True,
        help_text=_("Title it was recognised as, else the name of the file."),
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
    tvdbid = IntegerColumn(
        _("TVDB id"), null=True, blank=True, help_text=_("Number at TheTVDB.")
    )
    doubanid = TextColumn(
        _("Douban id"), null=True, blank=True, help_text=_("Id at Douban.")
    )
    seasons = TextColumn(
        _("season"), null=True, blank=True, help_text=_("Written S01 or S01-S03.")
    )
    episodes = TextColumn(
        _("episodes"), null=True, blank=True, help_text=_("Written E01 or E01-E03.")
    )
    image = TextColumn(
        _("poster"), null=True, blank=True, help_text=_("Address of the poster.")
    )
    downloader = TextColumn(
        _("downloader"), null=True, blank=True, help_text=_("Name of the downloader.")
    )
    download_hash = TextColumn(
        _("torrent hash"),
        null=True,
        blank=True,
        help_text=_("Info hash of the torrent; downloads are found by it."),
    )
    status = BooleanColumn(
        _("succeeded"),
        null=True,
        blank=True,
        default=True,
        help_text=_("Whether the file reached the library."),
    )
    errmsg = TextColumn(
        _("error"), null=True, blank=True, help_text=_("Why it failed.")
    )
    date = StampField(
        _("time"), null=True, blank=True, help_text=_("When the file was transferred.")
    )
    files = JSONColumn(
        _("files"),
        null=True,
        blank=True,
        default=list,
        shape=shapes.TEXTS,
        help_text=_("Paths of the files that were handled."),
    )
    episode_group = TextColumn(
        _("episode group"),
        null=True,
        blank=True,
        help_text=_(
            "Id of an episode group at The Movie Database; kept for failures only."
        ),
    )

    objects: ClassVar[TransferHistoryOper] = TransferHistoryOper()

    class Meta(Record.Meta):
        db_table = "transferhistory"
        verbose_name = _("transfer")
        verbose_name_plural = _("transfer history")
        indexes: ClassVar = [
            Index(fields=["date", "id"], name="ix_transferhistory_date_id"),
            Index(fields=["download_hash"], name="ix_transferhistory_download_hash"),
            Index(fields=["src"], name="ix_transferhistory_src"),
            Index(fields=["status", "date"], name="ix_transferhistory_status_date"),
            Index(fields=["title"], name="ix_transferhistory_title"),
            Index(fields=["tmdbid"], name="ix_transferhistory_tmdbid"),
        ]

    def __str__(self) -> str:
        return str(self.title or self.src or self.pk)
